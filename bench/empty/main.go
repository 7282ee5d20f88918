// Command empty is an ordinary Bubble Tea program that only draws a list with a cursor. bench measures it beside
// dossier, to compare with the time that the framework takes.
//
// May import: nothing of ours.
package main

import (
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// entries is the number of entries in the list; all of them fit on the screen.
const entries = 30

// list is the model: the position of the cursor.
type list int

func (l list) Init() tea.Cmd { return nil }

func (l list) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "q", "ctrl+c":
			return l, tea.Quit
		case "j", "down":
			return min(l+1, entries-1), nil
		case "k", "up":
			return max(l-1, 0), nil
		}
	}
	return l, nil
}

func (l list) View() tea.View {
	var b strings.Builder
	for i := list(0); i < entries; i++ {
		mark := " "
		if i == l {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s entry %d of %s\n", mark, i, title())
	}
	view := tea.NewView(b.String())
	view.AltScreen = true
	return view
}

// title is the text of the entries: the argument of the program.
func title() string {
	if len(os.Args) > 1 {
		return os.Args[1]
	}
	return "favoriteColor"
}

func main() {
	if _, err := tea.NewProgram(list(0)).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "empty:", err)
		os.Exit(1)
	}
}
