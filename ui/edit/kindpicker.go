package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
)

// kindPicker selects the type of the field in a form.
type kindPicker struct {
	form   *form
	cursor int
}

func (t *kindPicker) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		t.move(pane.WheelRows(m, 1))
	case tea.MouseClickMsg:
		kinds := model.Kinds()
		if row := m.Y + t.firstRow(t.form.e.inner().Y, len(kinds)); row < len(kinds) {
			t.cursor = row
			return t.do(keys.Accept)
		}
	default:
		return t.form.update(msg)
	}
	return nil
}

func (t *kindPicker) move(by int) { t.cursor = min(max(0, t.cursor+by), len(model.Kinds())-1) }

func (t *kindPicker) do(a keys.Action) tea.Cmd {
	const page = 8
	switch a {
	case keys.Up:
		t.move(-1)
	case keys.Down:
		t.move(1)
	case keys.PageUp:
		t.move(-page)
	case keys.PageDown:
		t.move(page)
	case keys.Top:
		t.cursor = 0
	case keys.Bottom:
		t.cursor = len(model.Kinds()) - 1
	case keys.Cancel:
		return t.form.e.show(t.form)
	case keys.Accept:
		f := t.form
		f.e.show(f)
		if kind := model.Kinds()[t.cursor]; kind != f.input.kind {
			return f.retype(kind)
		}
	}
	return nil
}

// firstRow returns the index of the first visible kind.
func (t *kindPicker) firstRow(height, n int) int { return max(0, min(t.cursor-height/2, n-height)) }

func (t *kindPicker) draw(size image.Point) ([]string, *image.Point) {
	s := t.form.e.Styles
	kinds := model.Kinds()
	var lines []string
	for i := t.firstRow(size.Y, len(kinds)); i < len(kinds) && len(lines) < size.Y; i++ {
		k := kinds[i]
		mark := "  "
		if k == t.form.input.kind {
			mark = s.Glyphs.Bullet + " "
		}
		name := model.Show(string(k)).Pad(22).String()
		if i == t.cursor {
			lines = append(lines, s.Selected.Render(s.Glyphs.Cursor+mark+name+model.Show(example(k)).Pad(max(1,
				size.X-25)).String()))
			continue
		}
		lines = append(lines, " "+s.Muted.Render(mark)+s.Text.Render(name)+s.Faint.Render(model.Show(example(k)).Clip(max(1,
			size.X-25)).String()))
	}
	return lines, nil
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
func (t *kindPicker) title() string     { return "type of " + t.form.target().String() }
func (t *kindPicker) unsaved() bool     { return t.form.unsaved() }
