package pane

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// Scroll is the selection and the viewport of a list of rows.
type Scroll struct {
	Selected int // the selected row
	Top      int // the first visible row
	Len      int // the number of rows
	Height   int // the number of visible rows
}

// Resize sets length and height and keeps the selection inside both.
func (s *Scroll) Resize(length, height int) {
	s.Len, s.Height = max(0, length), max(0, height)
	s.Select(s.Selected)
}

// Select selects a row, or the nearest one, and scrolls it into view.
func (s *Scroll) Select(row int) {
	s.Selected = max(0, min(row, s.Len-1))
	if s.Selected < s.Top {
		s.Top = s.Selected
	}
	if s.Selected >= s.Top+s.Height {
		s.Top = s.Selected - s.Height + 1
	}
	s.Top = max(0, min(s.Top, s.Len-s.Height))
}

// Reveal selects a row; if it was not visible, it is scrolled to a third of the height.
func (s *Scroll) Reveal(row int) {
	if row < s.Top || row >= s.Top+s.Height {
		s.Top = max(0, row-s.Height/3)
	}
	s.Select(row)
}

// Move handles the movement actions; it returns false for all others.
func (s *Scroll) Move(a keys.Action) bool {
	switch a {
	case keys.Up:
		s.Select(s.Selected - 1)
	case keys.Down:
		s.Select(s.Selected + 1)
	case keys.PageUp:
		s.Select(s.Selected - max(1, s.Height-1))
	case keys.PageDown:
		s.Select(s.Selected + max(1, s.Height-1))
	case keys.Top:
		s.Select(0)
	case keys.Bottom:
		s.Select(s.Len - 1)
	default:
		return false
	}
	return true
}

// Text is text that scrolls without a selection.
type Text interface {
	ScrollBy(rows int)
	Page(pages int)
	Top()
	Bottom()
}

// ScrollText handles the movement actions for a text; it returns false for all others.
func ScrollText(t Text, a keys.Action) bool {
	switch a {
	case keys.Up:
		t.ScrollBy(-1)
	case keys.Down:
		t.ScrollBy(+1)
	case keys.PageUp:
		t.Page(-1)
	case keys.PageDown:
		t.Page(+1)
	case keys.Top:
		t.Top()
	case keys.Bottom:
		t.Bottom()
	default:
		return false
	}
	return true
}

// ScrollBy moves the viewport by rows; the selection stays inside it.
func (s *Scroll) ScrollBy(rows int) {
	s.Top = max(0, min(s.Top+rows, s.Len-s.Height))
	s.Selected = max(s.Top, min(s.Selected, s.Top+s.Height-1))
	s.Selected = max(0, min(s.Selected, s.Len-1))
}

// HandleWheel scrolls by rows per notch of the mouse wheel.
func (s *Scroll) HandleWheel(m tea.MouseWheelMsg, rows int) {
	if n := WheelRows(m, rows); n != 0 {
		s.ScrollBy(n)
	}
}

// WheelRows returns the distance that a mouse wheel event moves, with rows per notch: negative upwards, 0 for a
// horizontal wheel.
func WheelRows(m tea.MouseWheelMsg, rows int) int {
	switch m.Button {
	case tea.MouseWheelUp:
		return -rows
	case tea.MouseWheelDown:
		return rows
	}
	return 0
}

// VisibleRows returns the range [from, to) of visible rows.
func (s *Scroll) VisibleRows() (from, to int) { return s.Top, min(s.Len, s.Top+s.Height) }

// Position returns "12 of 40" when not all rows are visible.
func (s *Scroll) Position() model.Visible {
	if s.Len <= s.Height {
		return model.Visible{}
	}
	return model.Show(strconv.Itoa(s.Selected+1) + " of " + strconv.Itoa(s.Len))
}
