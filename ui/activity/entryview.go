package activity

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/text"
)

var _ pane.Overlay = (*entryView)(nil)

// entryView shows one entry whole.
type entryView struct {
	styles *style.Styles
	state  *state.State
	entry  Entry
	text   string // as it is shown
	rows   text.Pager
}

func newEntryView(s *style.Styles, r *state.State, e Entry) *entryView {
	v := &entryView{styles: s, state: r, entry: e}
	v.setText()
	return v
}

// setText writes the time, the message and the changed fields, masked if necessary.
func (v *entryView) setText() {
	at := v.entry.At
	if v.state.Zone != nil {
		at = at.In(v.state.Zone)
	}
	lines := []string{at.Format("2 January 2006, 15:04:05 MST"), v.state.Message(v.entry.Text).String()}
	if len(v.entry.Details) > 0 {
		lines = append(lines, "")
	}
	for _, d := range v.entry.Details {
		lines = append(lines, detailText(d, v.state).String())
	}
	v.text = strings.Join(lines, "\n")
	size := v.rows.Size()
	if v.rows = text.NewPager(v.text); size.X > 0 {
		v.rows.Resize(size.X, size.Y)
	}
}

// Update handles sizes, styles, state changes and the wheel.
func (v *entryView) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		v.rows.Resize(m.Size.X-2, m.Size.Y)
	case style.Changed:
		v.styles = m.Styles
	case state.Changed:
		again := m.State.Masked != v.state.Masked || m.State.Zone != v.state.Zone
		if v.state = m.State; again {
			v.setText()
		}
	case tea.MouseWheelMsg:
		v.rows.ScrollBy(pane.WheelRows(m, 3))
	}
	return nil
}

// Handle scrolls, copies or closes.
func (v *entryView) Handle(a keys.Action) tea.Cmd {
	switch a {
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: v.text, Label: "the entry"})
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: v})
	}
	pane.ScrollText(&v.rows, a)
	return nil
}

// Size fits the text.
func (v *entryView) Size(screen image.Point) image.Point {
	const frame, least = 3, 7
	width := pane.FitWidth(84, screen.X)
	height := 0
	for line := range strings.SplitSeq(v.text, "\n") {
		height += 1 + len(line)/max(1, width-4)
	}
	return image.Pt(width, min(screen.Y, max(least, height+frame)))
}

// View draws the visible lines.
func (v *entryView) View(size image.Point) string {
	var lines []string
	for _, row := range v.rows.Visible() {
		lines = append(lines, " "+v.styles.Text.Render(row.String()))
	}
	return pane.Lines(lines, size.Y)
}

// Cursor returns nil: there is no text field.
func (v *entryView) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (v *entryView) CapturesKeys() bool { return false }

// Scope is keys.ValueViewer.
func (v *entryView) Scope() keys.Scope { return keys.ValueViewer }

// Title returns the frame's title.
func (v *entryView) Title() model.Visible { return model.Show("activity") }

// HasUnsaved returns false: there is no text field.
func (v *entryView) HasUnsaved() bool { return false }
