package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
)

// typePicker changes the type of fields: for each type it shows what the value becomes, and what is lost.
type typePicker struct {
	e       *Editor
	paths   []model.Path
	values  []bson.RawValue
	list    kindList
	message string
}

func (t typeTask) start(e *Editor) tea.Cmd {
	p := &typePicker{e: e, paths: t.paths}
	for _, path := range t.paths {
		v, ok := e.draft.Lookup(path)
		reason := e.blockedReason(path)
		switch {
		case reason != "":
			return e.refuse(reason)
		case !ok:
			return e.refuse(path.String() + " does not exist in the database")
		case !e.State.Shows(path):
			return e.refuse("the type of " + path.String() + " cannot be changed while it is masked: " +
				e.Keys.KeyOf(keys.Document, keys.RevealValue) + " reveals it")
		}
		p.values = append(p.values, v)
	}
	p.list = newKindList(model.KindOf(p.values[0]))
	return e.show(p)
}

func (t *typePicker) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		t.list.scroll(m)
	case tea.MouseClickMsg:
		if t.list.click(m.Y, t.listHeight(t.e.inner().Y)) {
			return t.do(keys.Accept)
		}
	}
	return nil
}

func (t *typePicker) do(a keys.Action) tea.Cmd {
	t.message = ""
	switch a {
	case keys.Cancel:
		return t.e.close()
	case keys.Accept:
		return t.accept()
	default:
		t.list.do(a)
	}
	return nil
}

// accept puts the converted values into the draft. The form opens for a single value that has no conversion, to type
// one.
func (t *typePicker) accept() tea.Cmd {
	kind := t.list.selected()
	if len(t.values) == 1 && kind == model.KindOf(t.values[0]) {
		return t.e.close()
	}
	next, _, err := convertFields(t.paths, kind).apply(t.e.draft)
	switch {
	case err != nil && len(t.paths) == 1 && model.Convert(t.values[0], kind).Reason != "":
		f := fieldForm(t.e, t.paths[0])
		show := t.e.show(f)
		return tea.Batch(show, f.retype(kind))
	case err != nil:
		t.message = t.e.State.FaultText(model.AsFault("", err))
		return nil
	}
	return t.e.accepted(next, keepInDraft, nil, t.paths[0])
}

// note describes what the values become.
func (t *typePicker) note(kind model.Kind) kindNote {
	s := t.e.Styles
	if len(t.values) > 1 {
		return t.noteOfSeveral(kind)
	}
	c := model.Convert(t.values[0], kind)
	switch {
	case kind == model.KindOf(t.values[0]):
		return kindNote{text: t.e.display(t.paths[0], c.Value).String() + "  as it is", style: s.Faint}
	case c.Reason != "":
		return kindNote{text: t.e.Keys.Expand("no conversion: {types.accept} types a value"), style: s.Faint}
	}
	return kindNote{text: t.e.display(t.paths[0], c.Value).String(), style: valueStyle(s, c.Value), warn: c.Lost}
}

// maxNotedValues is the number of values that the note of several fields shows.
const maxNotedValues = 3

// maxNotedWidth is the width of one of them.
const maxNotedWidth = 20

// noteOfSeveral shows the first values, and counts those that lose something or have no conversion.
func (t *typePicker) noteOfSeveral(kind model.Kind) kindNote {
	s := t.e.Styles
	lossy, impossible, first := 0, 0, ""
	var shown []string
	for i, v := range t.values {
		c := model.Convert(v, kind)
		if c.Reason != "" {
			impossible++
			continue
		}
		if i < maxNotedValues {
			shown = append(shown, t.e.display(t.paths[i], c.Value).Clip(maxNotedWidth).String())
		} else if i == maxNotedValues {
			shown = append(shown, s.Glyphs.Ellipsis)
		}
		if c.Lost != "" {
			if lossy++; first == "" {
				first = c.Lost
			}
		}
	}
	n, values := len(t.values), strings.Join(shown, ", ")
	switch {
	case impossible > 0:
		return kindNote{text: fmt.Sprintf("%d of %d have no conversion", impossible, n), style: s.Faint}
	case lossy > 0:
		return kindNote{text: values, style: s.Text, warn: fmt.Sprintf("%s in %d of %d", first, lossy, n)}
	default:
		return kindNote{text: values + "  nothing is lost", style: s.Text}
	}
}

func (t *typePicker) listHeight(height int) int {
	if t.message != "" {
		return max(1, height-2)
	}
	return height
}

func (t *typePicker) draw(size image.Point) ([]string, *image.Point) {
	s := t.e.Styles
	current := model.KindOf(t.values[0])
	for _, v := range t.values {
		if model.KindOf(v) != current {
			current = ""
		}
	}
	lines := t.list.draw(size.X, t.listHeight(size.Y), current, s, t.note)
	if t.message != "" {
		lines = append(lines, "", " "+s.Warn.Render(model.Show(t.message).Clip(max(1, size.X-2)).String()))
	}
	return lines, nil
}

func (t *typePicker) rows(int) int {
	if t.message != "" {
		return len(model.Kinds()) + 2
	}
	return len(model.Kinds())
}
func (t *typePicker) capturing() bool   { return false }
func (t *typePicker) scope() keys.Scope { return keys.KindPicker }
func (t *typePicker) title() string     { return "type of " + countFields(t.paths) }
func (t *typePicker) unsaved() bool     { return false }
