package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// kindPicker selects the type of the field in a form.
type kindPicker struct {
	form *form
	list kindList
}

func (t *kindPicker) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		t.list.scroll(m)
	case tea.MouseClickMsg:
		if t.list.click(m.Y, t.form.e.inner().Y) {
			return t.do(keys.Accept)
		}
	default:
		return t.form.update(msg)
	}
	return nil
}

func (t *kindPicker) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return t.form.e.show(t.form)
	case keys.Accept:
		f := t.form
		f.e.show(f)
		if kind := t.list.selected(); kind != f.input.kind {
			return f.retype(kind)
		}
	default:
		t.list.do(a)
	}
	return nil
}

func (t *kindPicker) draw(size image.Point) ([]string, *image.Point) {
	s := t.form.e.Styles
	note := func(k model.Kind) kindNote { return kindNote{text: example(k), style: s.Faint} }
	return t.list.draw(size.X, size.Y, t.form.input.kind, s, note), nil
}

// example describes the input format of a kind.
func example(k model.Kind) string {
	switch k {
	case model.String:
		return "any text"
	case model.Int:
		return "a 32-bit integer: 42"
	case model.Long:
		return "a 64-bit integer: 9007199254740993"
	case model.Double:
		return "a number: 12.5"
	case model.Decimal:
		return "a decimal number of up to 34 digits: 12.50"
	case model.Bool:
		return "true or false"
	case model.Date:
		return "2026-11-22T10:00:00Z, tomorrow 9:00, +2d"
	case model.Null:
		return "nothing"
	case model.Object:
		return `{"zip": "1010"}`
	case model.Array:
		return `["a", "b"]`
	case model.ObjectID:
		return "24 hexadecimal digits"
	case model.UUID:
		return "6fa459ea-ee8a-3ca4-894e-db77e160355e"
	case model.Binary:
		return "base64: SGVsbG8="
	case model.Regex:
		return "/^ab+c$/i"
	case model.Timestamp:
		return "seconds:ordinal, used inside MongoDB"
	case model.JavaScript:
		return "code as text"
	}
	return ""
}

func (t *kindPicker) rows(int) int      { return len(model.Kinds()) }
func (t *kindPicker) capturing() bool   { return false }
func (t *kindPicker) scope() keys.Scope { return keys.KindPicker }
func (t *kindPicker) title() string {
	if t.form.editsName && t.form.name.Value() == "" {
		return "type of the new field"
	}
	return "type of " + t.form.target().String()
}
func (t *kindPicker) unsaved() bool { return t.form.unsaved() }
