package pane

import (
	"strings"
	"time"
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

// maxLetterPause is the time within which letters continue a name.
const maxLetterPause = time.Second

// Letters selects names of a list by what is typed. The zero value is ready to use.
type Letters struct {
	typed string
	at    time.Time // of the last letter
}

// Select selects the next name that starts with the letters typed one shortly after another, or else with the letter of
// this key press alone; after the last name the first. It returns false if the key is no letter or there is no such
// name.
func (t *Letters) Select(l WithNames, press tea.KeyPressMsg, now time.Time) (tea.Cmd, bool) {
	if utf8.RuneCountInString(press.Text) != 1 {
		return nil, false
	}
	names, selected := l.Names()
	if t.typed != "" && now.Sub(t.at) <= maxLetterPause {
		if i := nextWithPrefix(names, selected, t.typed+press.Text); i >= 0 {
			t.typed, t.at = t.typed+press.Text, now
			return l.SelectName(i), true
		}
	}
	t.typed, t.at = press.Text, now
	if i := nextWithPrefix(names, selected+1, press.Text); i >= 0 {
		return l.SelectName(i), true
	}
	t.typed = ""
	return nil, false
}

// nextWithPrefix returns the first name from a position on that starts with a prefix in any case; -1: there is none.
func nextWithPrefix(names []string, from int, prefix string) int {
	n := utf8.RuneCountInString(prefix)
	for k := range names {
		i := (from + k) % len(names)
		if runes := []rune(names[i]); len(runes) >= n && strings.EqualFold(string(runes[:n]), prefix) {
			return i
		}
	}
	return -1
}
