package pane

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// Scroll is the selection and the window of a list of rows.
type Scroll struct {
	At     int // the selected row
	Top    int // the first row shown
	Len    int // how many rows there are
	Height int // how many are shown
}

// Fit takes a new length and height and keeps the selection inside both.
func (s *Scroll) Fit(length, height int) {
	s.Len, s.Height = max(0, length), max(0, height)
	s.Select(s.At)
}

// Select moves the selection to a row, or to the nearest there is, and the window along.
func (s *Scroll) Select(row int) {
	s.At = max(0, min(row, s.Len-1))
	if s.At < s.Top {
		s.Top = s.At
	}
	if s.At >= s.Top+s.Height {
		s.Top = s.At - s.Height + 1
	}
	s.Top = max(0, min(s.Top, s.Len-s.Height))
}

// Reveal selects a row and, where it was out of sight, brings it a third down the window.
func (s *Scroll) Reveal(row int) {
	if row < s.Top || row >= s.Top+s.Height {
		s.Top = max(0, row-s.Height/3)
	}
	s.Select(row)
}

// Do moves by an action; it reports whether the action was one of moving.
func (s *Scroll) Do(a keys.Action) bool {
	switch a {
	case keys.Up:
		s.Select(s.At - 1)
	case keys.Down:
		s.Select(s.At + 1)
	case keys.PageUp:
		s.Select(s.At - max(1, s.Height-1))
	case keys.PageDown:
		s.Select(s.At + max(1, s.Height-1))
	case keys.Top:
		s.Select(0)
	case keys.Bottom:
		s.Select(s.Len - 1)
	default:
		return false
	}
	return true
}

// Wheel moves the window by rows and takes the selection along at its edges.
func (s *Scroll) Wheel(rows int) {
	s.Top = max(0, min(s.Top+rows, s.Len-s.Height))
	s.At = max(s.Top, min(s.At, s.Top+s.Height-1))
	s.At = max(0, min(s.At, s.Len-1))
}

// Turn is a turn of the mouse's wheel, by so many rows a notch.
func (s *Scroll) Turn(m tea.MouseWheelMsg, rows int) {
	switch m.Button {
	case tea.MouseWheelUp:
		s.Wheel(-rows)
	case tea.MouseWheelDown:
		s.Wheel(rows)
	}
}

// Shown is the rows in the window: from, inclusive, to, exclusive.
func (s *Scroll) Shown() (from, to int) { return s.Top, min(s.Len, s.Top+s.Height) }

// Place is "12 of 40" where not everything is in sight.
func (s *Scroll) Place() model.Visible {
	if s.Len <= s.Height {
		return model.Visible{}
	}
	return model.Show(strconv.Itoa(s.At+1) + " of " + strconv.Itoa(s.Len))
}
