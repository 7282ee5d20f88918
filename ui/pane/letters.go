package pane

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// WithNames is implemented by lists of names: a letter that is no key selects the next name that starts with it.
type WithNames interface {
	// Names returns the names as they are shown, and the selected one; nil: no list is shown now.
	Names() (names []string, selected int)
	// SelectName selects a name.
	SelectName(i int) tea.Cmd
}

// SelectByLetter selects the next name of a list that starts with the letter of a key press, after the last the first.
// It returns false if the key is no letter or the list has no such name.
func SelectByLetter(l WithNames, press tea.KeyPressMsg) (tea.Cmd, bool) {
	if utf8.RuneCountInString(press.Text) != 1 {
		return nil, false
	}
	names, selected := l.Names()
	for n := range names {
		i := (selected + 1 + n) % len(names)
		first, _ := utf8.DecodeRuneInString(names[i])
		if strings.EqualFold(string(first), press.Text) {
			return l.SelectName(i), true
		}
	}
	return nil, false
}
