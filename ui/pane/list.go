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
	Room    image.Point
	Focused bool
	Rows    Scroll
}

// Take takes styles, sizes, the focus and the mouse; above is how many lines stand over the rows.
func (l *List) Take(msg tea.Msg, above int) {
	switch m := msg.(type) {
	case style.Changed:
		l.Styles = m.Styles
	case Resized:
		l.Room = m.Size
	case Focused:
		l.Focused = m.On
	case tea.MouseWheelMsg:
		l.Rows.Turn(m, 1)
	case tea.MouseClickMsg:
		if row := l.Rows.Top + m.Y - above; m.Y >= above && row < l.Rows.Len {
			l.Rows.Select(row)
		}
	}
}

// On reports that the cursor stands on a row and is seen there.
func (l *List) On(row int) bool { return l.Focused && row == l.Rows.At }

// Instead draws a sentence where there are no rows.
func (l *List) Instead(sentence string, size image.Point) string {
	lines := []string{""}
	for _, line := range model.Show(sentence).Wrap(max(1, size.X-3)) {
		lines = append(lines, "  "+l.Styles.Muted.Render(line.String()))
	}
	return Lines(lines, size.Y)
}

// Facts draws the facts in sight, their labels at most so many cells wide.
func (l *List) Facts(facts []Fact, labels, width int) []string {
	labels = min(labels, Labels(facts))
	var lines []string
	from, to := l.Rows.Shown()
	for i := from; i < min(to, len(facts)); i++ {
		lines = append(lines, facts[i].Row(l.Styles, labels, width, l.On(i)))
	}
	return lines
}

// Copied is the fact that an action copies; false where it is another action or there is none.
func (l *List) Copied(a keys.Action, facts []Fact) (Fact, bool) {
	if a != keys.CopyValue || l.Rows.At >= len(facts) {
		return Fact{}, false
	}
	return facts[l.Rows.At], true
}

// Cursor is nil: nothing is typed here.
func (l *List) Cursor() *tea.Cursor { return nil }

// Capturing is false: nothing is typed here.
func (l *List) Capturing() bool { return false }

// Place says where in the list the cursor stands.
func (l *List) Place() model.Visible { return l.Rows.Place() }
