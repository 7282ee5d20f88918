package edit

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
)

var _ pane.WithNames = (*Editor)(nil)

// Names returns the types while one is selected.
func (e *Editor) Names() (names []string, selected int) {
	list := e.kinds()
	if list == nil {
		return nil, 0
	}
	for _, k := range model.Kinds() {
		names = append(names, string(k))
	}
	return names, list.cursor
}

// SelectName selects a type.
func (e *Editor) SelectName(i int) tea.Cmd {
	if list := e.kinds(); list != nil {
		list.move(i - list.cursor)
	}
	return nil
}

// kinds returns the list of types that is shown; nil: none is.
func (e *Editor) kinds() *kindList {
	switch t := e.stage.(type) {
	case *kindPicker:
		return &t.list
	case *typePicker:
		return &t.list
	}
	return nil
}
