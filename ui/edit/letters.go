package edit

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
)

var _ pane.WithNames = (*Editor)(nil)

// Names returns the types while one is selected.
func (e *Editor) Names() (names []string, selected int) {
	t, ok := e.stage.(*kindPicker)
	if !ok {
		return nil, 0
	}
	for _, k := range model.Kinds() {
		names = append(names, string(k))
	}
	return names, t.cursor
}

// SelectName selects a type.
func (e *Editor) SelectName(i int) tea.Cmd {
	if t, ok := e.stage.(*kindPicker); ok {
		t.move(i - t.cursor)
	}
	return nil
}
