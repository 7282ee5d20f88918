package overlay

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

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

// Viewer shows one value in full, and below it its other forms.
type Viewer struct {
	styles  *style.Styles
	state   *state.State
	now     time.Time // of the last tick
	path    model.Path
	value   bson.RawValue
	details []state.Detail
	size    image.Point
	length  int    // of the text in bytes
	breaks  int    // line feeds in the text
	fields  string // the number of fields of an object or array
	rows    rows
}

// rows is text that scrolls: text.Pager or text.Dump.
type rows interface {
	pane.Text
	Resize(width, height int)
	Size() image.Point
	Visible() []model.Visible
	Lines() (last, all int, counted bool)
	Percent() int
}

var (
	_ pane.Overlay   = (*Viewer)(nil)
	_ pane.WithClock = (*Viewer)(nil)
)

// NewViewer returns the dialog: strings raw, objects and arrays as indented extended JSON, binary data as a dump; now
// is the first time.
func NewViewer(s *style.Styles, r *state.State, now time.Time, path model.Path, value bson.RawValue) *Viewer {
	v := &Viewer{styles: s, state: r, now: now, path: path, value: value}
	v.setText()
	return v
}

// setText sets the text of the value, masked if necessary.
func (v *Viewer) setText() {
	defer v.fit()
	v.details = v.shownDetails()
	if _, data, ok := v.value.BinaryOK(); ok && model.KindOf(v.value) == model.Binary && v.state.Shows(v.path) {
		const perRow = 16
		v.length, v.breaks, v.rows = 0, len(data)/perRow, text.NewDump(data)
		return
	}
	var shown string
	switch kind := model.KindOf(v.value); {
	case kind == model.Object, kind == model.Array:
		shown = v.state.JSON(v.path, v.value)
		v.fields = model.CountText(kind, model.Count(v.value))
	case v.state.Shows(v.path):
		shown = model.Text(v.value)
	default:
		shown = v.state.MaskedValue(v.value).String()
	}
	v.length, v.breaks = len(shown), strings.Count(shown, "\n")
	pager := text.NewPager(shown)
	v.rows = &pager
}

// shownDetails returns the other forms of the value, without those that the text shows.
func (v *Viewer) shownDetails() []state.Detail {
	details := v.state.Details(v.path, v.value)
	if model.KindOf(v.value) == model.Binary {
		details = slices.DeleteFunc(details, func(d state.Detail) bool { return d.Label == "hex" })
	}
	switch c, outdated := v.state.OutdatedField(v.path); {
	case outdated && c.Kind == model.Removed:
		details = append(details, state.Detail{Label: "database", Text: model.Show("no longer holds this")})
	case outdated && c.Kind != model.Added:
		details = append(details, state.Detail{Label: "database", Text: v.state.Value(c.Path, c.New)})
	}
	return details
}

// detailLines returns the lines below the text, as far as they leave it space: a rule and the details.
func (v *Viewer) detailLines(size image.Point) []string {
	rows := v.detailRows(size.X)
	n := min(len(rows), size.Y-1-min(v.textLines(size.X), size.Y/2))
	if n < 1 {
		return nil
	}
	return append([]string{v.styles.Border.Render(strings.Repeat(v.styles.Frame.Top, size.X))}, rows[:n]...)
}

// detailRows returns the details, each wrapped.
func (v *Viewer) detailRows(width int) []string {
	const most = 4 // lines of a detail
	labels := 0
	for _, d := range v.details {
		labels = max(labels, len(d.Label))
	}
	labels = min(labels, width/3)
	space := max(1, width-labels-4)
	var rows []string
	for i, d := range v.details {
		if i == 0 {
			d.Text = d.WithAge(v.ClockText(v.now), v.styles.Glyphs.Separator, most*space)
		}
		label := model.Show(d.Label).Pad(labels)
		wrapped := d.Text.Wrap(space)
		for n, line := range wrapped[:min(len(wrapped), most)] {
			if n == most-1 && len(wrapped) > most {
				line = model.Concat(line.Clip(space-1), model.Show("…"))
			}
			rows = append(rows, " "+v.styles.Muted.Render(label.String())+"  "+v.styles.Text.Render(line.String()))
			label = model.Visible{}.Pad(labels)
		}
	}
	return rows
}

// textLines returns about how many lines the text has at a width.
func (v *Viewer) textLines(width int) int { return v.breaks + 1 + v.length/max(1, width-2) }

// fit adapts the text to the size.
func (v *Viewer) fit() {
	if v.size.X > 0 {
		v.rows.Resize(v.size.X-2, v.size.Y-len(v.detailLines(v.size)))
	}
}

// Update handles sizes, styles, state changes and the wheel.
func (v *Viewer) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		v.size = m.Size
		v.fit()
	case state.Tick:
		v.now = m.Now
	case style.Changed:
		v.styles = m.Styles
	case state.Changed:
		changed := m.State.Shows(v.path) != v.state.Shows(v.path)
		if v.state = m.State; changed {
			v.setText()
		} else {
			v.details = v.shownDetails()
			v.fit()
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
	}
	pane.ScrollText(v.rows, a)
	return nil
}

// Size takes most of the screen, less for a short value.
func (v *Viewer) Size(screen image.Point) image.Point {
	width := pane.FitWidth(100, screen.X)
	lines := v.textLines(width - 2)
	if n := len(v.detailRows(width - 2)); n > 0 {
		lines += n + 1
	}
	return image.Pt(width, min(screen.Y, max(6, lines+3)))
}

// View draws the visible lines.
func (v *Viewer) View(size image.Point) string {
	var lines []string
	for _, row := range v.rows.Visible() {
		lines = append(lines, " "+v.styles.Verbatim.Render(row.String()))
	}
	below := v.detailLines(size)
	for len(lines) < size.Y-len(below) {
		lines = append(lines, "")
	}
	return pane.Lines(append(lines, below...), size.Y)
}

// ClockText returns the age of the value.
func (v *Viewer) ClockText(now time.Time) string { return v.state.Age(v.path, v.value, now) }

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

// Note returns the value's BSON type, and how many fields or items it has.
func (v *Viewer) Note() model.Visible {
	kind := model.KindOf(v.value)
	if v.fields == "" {
		return model.Show(string(kind))
	}
	return model.Show(string(kind) + " " + v.fields)
}

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
