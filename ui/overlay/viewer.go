package overlay

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/text"
)

// Viewer shows one value in full.
type Viewer struct {
	styles *style.Styles
	state  *state.State
	path   model.Path
	value  bson.RawValue
	length int // of the text in bytes
	breaks int // line feeds in the text
	rows   text.Pager
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
	var shown string
	switch kind := model.KindOf(v.value); {
	case kind == model.Object, kind == model.Array:
		shown = v.state.JSON(v.path, v.value)
	case v.state.Shows(v.path):
		shown = model.Text(v.value)
	default:
		shown = v.state.MaskedValue(v.value).String()
	}
	v.length, v.breaks = len(shown), strings.Count(shown, "\n")
	size := v.rows.Size()
	if v.rows = text.NewPager(shown); size.X > 0 {
		v.rows.Resize(size.X, size.Y)
	}
}

// Update handles sizes, styles, state changes and the wheel.
func (v *Viewer) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		v.rows.Resize(m.Size.X-2, m.Size.Y)
	case style.Changed:
		v.styles = m.Styles
	case state.Changed:
		changed := m.State.Shows(v.path) != v.state.Shows(v.path)
		if v.state = m.State; changed {
			v.setText()
		}
	case tea.MouseWheelMsg:
		v.rows.ScrollBy(pane.WheelRows(m, 3))
	}
	return nil
}

// Handle scrolls, copies or closes.
func (v *Viewer) Handle(a keys.Action) tea.Cmd {
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: model.Text(v.value), Label: "the value of " + v.path.String()})
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: v})
	case keys.Up:
		v.rows.ScrollBy(-1)
	case keys.Down:
		v.rows.ScrollBy(+1)
	case keys.PageUp:
		v.rows.Page(-1)
	case keys.PageDown:
		v.rows.Page(+1)
	case keys.Top:
		v.rows.Top()
	case keys.Bottom:
		v.rows.Bottom()
	}
	return nil
}

// Size takes most of the screen, less for a short value.
func (v *Viewer) Size(screen image.Point) image.Point {
	width := pane.FitWidth(100, screen.X)
	lines := v.breaks + 1 + v.length/max(1, width-4)
	return image.Pt(width, min(screen.Y, max(6, lines+3)))
}

// View draws the visible lines.
func (v *Viewer) View(size image.Point) string {
	var lines []string
	for _, row := range v.rows.Visible() {
		lines = append(lines, " "+v.styles.Text.Render(row.String()))
	}
	return pane.Lines(lines, size.Y)
}

// Position returns the last visible line, of a long text how much of it stands above the end of the view.
func (v *Viewer) Position() model.Visible {
	last, all, counted := v.rows.Lines()
	switch {
	case !counted:
		return model.Show(fmt.Sprintf("%d %% of %s", v.rows.Percent(), model.ByteSize(v.length)))
	case all <= v.rows.Size().Y:
		return model.Visible{}
	}
	return model.Show(fmt.Sprintf("to line %d of %d", last, all))
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
