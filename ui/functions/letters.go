package functions

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/pane"
)

var _ pane.WithNames = (*Dialog)(nil)

// Names returns the functions while one is chosen.
func (d *Dialog) Names() (names []string, selected int) {
	if d.step != stepChoose {
		return nil, 0
	}
	return d.names, d.cursor
}

// SelectName selects a function.
func (d *Dialog) SelectName(i int) tea.Cmd {
	d.moveCursor(i - d.cursor)
	return nil
}
