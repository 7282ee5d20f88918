package pane

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/style"
)

// List is the common part of panes that show rows: styles, size, focus and scroll position. A pane embeds it,
// passes every message to HandleMsg and sets the number of rows with Rows.Resize.
type List struct {
	Styles  *style.Styles
	Size    image.Point
	Focused bool
	Rows    Scroll
}

// HandleMsg handles styles, sizes, focus and mouse; above is the number of lines over the rows.
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

// IsSelected reports whether the focused cursor is on a row.
func (l *List) IsSelected(row int) bool { return l.Focused && row == l.Rows.Selected }

// Placeholder draws a sentence in place of rows.
func (l *List) Placeholder(sentence string, size image.Point) string {
	lines := []string{""}
	for _, line := range model.Show(sentence).Wrap(max(1, size.X-3)) {
		lines = append(lines, "  "+l.Styles.Muted.Render(line.String()))
	}
	return Lines(lines, size.Y)
}

// FactRows draws the visible facts, with labels of at most labels cells.
func (l *List) FactRows(facts []Fact, labels, width int) []string {
	labels = min(labels, LabelWidth(facts))
	var lines []string
	from, to := l.Rows.VisibleRows()
	for i := from; i < min(to, len(facts)); i++ {
		lines = append(lines, facts[i].Row(l.Styles, labels, width, l.IsSelected(i)))
	}
	return lines
}

// FactToCopy returns the selected fact when the action is CopyValue.
func (l *List) FactToCopy(a keys.Action, facts []Fact) (Fact, bool) {
	if a != keys.CopyValue || l.Rows.Selected >= len(facts) {
		return Fact{}, false
	}
	return facts[l.Rows.Selected], true
}

// Unavailable returns why an action of the list has no effect now; empty: it has.
func (l *List) Unavailable(a keys.Action) string {
	if a == keys.CopyValue && l.Rows.Len == 0 {
		return "nothing to copy here"
	}
	return ""
}

// Cursor returns nil: there is no text field.
func (l *List) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (l *List) CapturesKeys() bool { return false }

// Position returns the position of the cursor in the list.
func (l *List) Position() model.Visible { return l.Rows.Position() }
