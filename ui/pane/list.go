package pane

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/style"
)

// List is what every pane of rows has: its look, its room, its focus, and where in the rows it stands. A pane embeds it, hands it every message,
// and fits Rows to what it holds.
type List struct {
	Styles  *style.Styles
	Size    image.Point
	Focused bool
	Rows    Scroll
}

// HandleMsg takes styles, sizes, the focus and the mouse; above is how many lines stand over the rows.
func (l *List) HandleMsg(msg tea.Msg, above int) {
	switch m := msg.(type) {
	case style.Changed:
		l.Styles = m.Styles
	case Resized:
		l.Size = m.Size
	case Focused:
		l.Focused = m.On
	case tea.MouseWheelMsg:
		l.Rows.HandleWheel(m, 1)
	case tea.MouseClickMsg:
		if row := l.Rows.Top + m.Y - above; m.Y >= above && row < l.Rows.Len {
			l.Rows.Select(row)
		}
	}
}

// IsSelected reports that the cursor stands on a row and is seen there.
func (l *List) IsSelected(row int) bool { return l.Focused && row == l.Rows.Selected }

// Placeholder draws a sentence where there are no rows.
func (l *List) Placeholder(sentence string, size image.Point) string {
	lines := []string{""}
	for _, line := range model.Show(sentence).Wrap(max(1, size.X-3)) {
		lines = append(lines, "  "+l.Styles.Muted.Render(line.String()))
	}
	return Lines(lines, size.Y)
}

// FactRows draws the facts in sight, their labels at most so many cells wide.
func (l *List) FactRows(facts []Fact, labels, width int) []string {
	labels = min(labels, LabelWidth(facts))
	var lines []string
	from, to := l.Rows.VisibleRows()
	for i := from; i < min(to, len(facts)); i++ {
		lines = append(lines, facts[i].Row(l.Styles, labels, width, l.IsSelected(i)))
	}
	return lines
}

// FactToCopy is the fact that an action copies; false where it is another action or there is none.
func (l *List) FactToCopy(a keys.Action, facts []Fact) (Fact, bool) {
	if a != keys.CopyValue || l.Rows.Selected >= len(facts) {
		return Fact{}, false
	}
	return facts[l.Rows.Selected], true
}

// Cursor is nil: nothing is typed here.
func (l *List) Cursor() *tea.Cursor { return nil }

// CapturesKeys is false: nothing is typed here.
func (l *List) CapturesKeys() bool { return false }

// Position says where in the list the cursor stands.
func (l *List) Position() model.Visible { return l.Rows.Position() }
