package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/pane"
)

// stack is the open overlays. The zero value is empty and has no area yet.
type stack struct {
	area    image.Rectangle // of the screen, where overlays are placed
	entries []*stackEntry   // the top one last
}

// stackEntry is an open overlay and the inner size that it was last sent.
type stackEntry struct {
	pane.Overlay
	inner image.Point
}

func (s *stack) empty() bool { return len(s.entries) == 0 }

// top returns the overlay that receives the keys.
func (s *stack) top() (*stackEntry, bool) {
	if s.empty() {
		return nil, false
	}
	return s.entries[len(s.entries)-1], true
}

// place returns the rectangle of an overlay on the screen, frame included.
func (s *stack) place(e *stackEntry) image.Rectangle {
	return layout.DialogRect(s.area.Size(), e.Size(s.area.Size())).Add(s.area.Min)
}

// open puts an overlay on top, if it is not open yet.
func (s *stack) open(o pane.Overlay) tea.Cmd {
	for _, e := range s.entries {
		if e.Overlay == o {
			return nil
		}
	}
	s.entries = append(s.entries, &stackEntry{Overlay: o})
	return s.fit()
}

func (s *stack) close(o pane.Overlay) {
	left := make([]*stackEntry, 0, len(s.entries))
	for _, e := range s.entries {
		if e.Overlay != o {
			left = append(left, e)
		}
	}
	s.entries = left
}

func (s *stack) closeAll() { s.entries = nil }

// update sends a message to every overlay.
func (s *stack) update(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range s.entries {
		cmds = append(cmds, e.Update(msg))
	}
	return tea.Batch(cmds...)
}

// resize takes another area.
func (s *stack) resize(area image.Rectangle) tea.Cmd {
	s.area = area
	return tea.Batch(s.update(tea.WindowSizeMsg{Width: area.Dx(), Height: area.Dy()}), s.fit())
}

// fit sends overlays whose size changed their new inner size.
func (s *stack) fit() tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range s.entries {
		if inner := pane.Inner(s.place(e).Size()); inner != e.inner {
			e.inner = inner
			cmds = append(cmds, e.Update(pane.Resized{Size: inner}))
		}
	}
	return tea.Batch(cmds...)
}

// clockText returns the texts of the overlays that depend on the time, as they are at a time.
func (s *stack) clockText(now time.Time) (text string) {
	for _, e := range s.entries {
		if c, ok := e.Overlay.(pane.WithClock); ok {
			text += c.ClockText(now) + "\n"
		}
	}
	return text
}

// hasUnsaved reports whether closing an overlay now would lose something typed.
func (s *stack) hasUnsaved() bool {
	for _, e := range s.entries {
		if e.HasUnsaved() {
			return true
		}
	}
	return false
}
