package overlay

import (
	"fmt"
	"image"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxViewBytes limits the part of a value that is wrapped and shown.
const maxViewBytes = 256 << 10

// Viewer shows one value in full.
type Viewer struct {
	styles    *style.Styles
	state     *state.State
	path      model.Path
	value     bson.RawValue
	text      string
	truncated bool
	size      image.Point
	lines     []model.Visible
	scroll    pane.Scroll
}

var _ pane.Overlay = (*Viewer)(nil)

// NewViewer returns the dialog: strings raw, objects and arrays as indented extended JSON.
func NewViewer(s *style.Styles, r *state.State, path model.Path, value bson.RawValue) *Viewer {
	v := &Viewer{styles: s, state: r, path: path, value: value}
	v.setText()
	return v
}

// setText sets the text of the value, masked if necessary.
func (v *Viewer) setText() {
	switch kind := model.KindOf(v.value); {
	case kind == model.Object, kind == model.Array:
		v.text = v.state.JSON(v.path, v.value)
	case v.state.Shows(v.path):
		v.text = model.Text(v.value)
	default:
		v.text = v.state.MaskedValue(v.value).String()
	}
	if v.truncated = len(v.text) > maxViewBytes; !v.truncated {
		return
	}
	end := maxViewBytes
	for end > 0 && !utf8.RuneStart(v.text[end]) {
		end--
	}
	v.text = v.text[:end]
}

// Update handles sizes, styles, state changes and the wheel.
func (v *Viewer) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		v.size = m.Size
		v.wrapLines()
	case style.Changed:
		v.styles = m.Styles
	case state.Changed:
		changed := m.State.Shows(v.path) != v.state.Shows(v.path)
		if v.state = m.State; changed {
			v.setText()
			v.wrapLines()
		}
	case tea.MouseWheelMsg:
		v.scroll.HandleWheel(m, 3)
	}
	return nil
}

// wrapLines wraps the value to the dialog's width.
func (v *Viewer) wrapLines() {
	v.lines = nil
	for _, line := range model.ShowLines(v.text) {
		v.lines = append(v.lines, line.Wrap(max(1, v.size.X-2))...)
	}
	v.scroll.Resize(len(v.lines), v.size.Y)
}

// Handle scrolls, copies or closes.
func (v *Viewer) Handle(a keys.Action) tea.Cmd {
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: model.Text(v.value), Label: "the value of " + v.path.String()})
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: v})
	case keys.Up:
		v.scroll.ScrollBy(-1)
	case keys.Down:
		v.scroll.ScrollBy(+1)
	default:
		v.scroll.Move(a)
		v.scroll.ScrollBy(v.scroll.Selected - v.scroll.Top)
	}
	return nil
}

// Size takes most of the screen, less for a short value.
func (v *Viewer) Size(screen image.Point) image.Point {
	width := pane.FitWidth(100, screen.X)
	lines := strings.Count(v.text, "\n") + 1 + len(v.text)/max(1, width-4)
	return image.Pt(width, min(screen.Y, max(6, lines+3)))
}

// View draws the visible lines.
func (v *Viewer) View(size image.Point) string {
	var lines []string
	from, to := v.scroll.VisibleRows()
	for i := from; i < to; i++ {
		lines = append(lines, " "+v.styles.Text.Render(v.lines[i].String()))
	}
	return pane.Lines(lines, size.Y)
}

// Position returns the last visible line, or the limit when the value is truncated.
func (v *Viewer) Position() model.Visible {
	if v.truncated {
		return model.Show(fmt.Sprintf("the first %d KiB; y copies all", maxViewBytes>>10))
	}
	if v.scroll.Len <= v.scroll.Height {
		return model.Visible{}
	}
	_, to := v.scroll.VisibleRows()
	return model.Show(fmt.Sprintf("to line %d of %d", to, v.scroll.Len))
}

// Note returns the value's BSON type.
func (v *Viewer) Note() model.Visible { return model.Show(string(model.KindOf(v.value))) }

// Cursor returns nil: there is no text field.
func (v *Viewer) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (v *Viewer) CapturesKeys() bool { return false }

// Scope is keys.ValueViewer.
func (v *Viewer) Scope() keys.Scope { return keys.ValueViewer }

// Title returns the value's path.
func (v *Viewer) Title() model.Visible { return model.Show(v.path.String()) }

// HasUnsaved returns false: there is no text field.
func (v *Viewer) HasUnsaved() bool { return false }
