package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/pane"
)

// paneFrame is the drawn frame of a pane, kept until something that it shows has changed.
type paneFrame struct {
	lines []string
	dirty bool
}

// focused returns the pane with the focus, to be drawn anew.
func (m *Model) focused() pane.Pane {
	m.frames[m.focus].dirty = true
	return m.panes[m.focus]
}

// broadcast sends a message to every pane and overlay.
func (m *Model) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for r, p := range m.panes {
		cmds = append(cmds, p.Update(msg))
		m.frames[r].dirty = true
	}
	return tea.Batch(append(cmds, m.updateDraft(msg), m.overlays.update(msg))...)
}

// resize takes the terminal's size.
func (m *Model) resize(size image.Point) tea.Cmd {
	if m.cfg.ScreenReader {
		size = linearSize
	}
	m.size = size
	return tea.Batch(m.overlays.resize(m.overlayArea()), m.arrange())
}

// overlayArea is the area for overlays: between the header and the notices above the footer, on low terminals over the
// header too.
func (m *Model) overlayArea() image.Rectangle {
	from := 1
	if m.size.Y < 16 {
		from = 0
	}
	return image.Rect(0, from, m.size.X, max(from, m.size.Y-1-m.notices()))
}

// notices returns the lines that the toasts and the narration need.
func (m *Model) notices() int {
	return m.toasts.Rows(m.size.X, m.size.Y-m.narrationRows()) + m.narrationRows()
}

// fitNotices gives the toasts their lines: the panes and overlays give way, so that no toast covers anything.
func (m *Model) fitNotices() tea.Cmd {
	if m.notices() == m.layout.Notices.Dy() || m.layout.TooSmall {
		return nil
	}
	return tea.Batch(m.overlays.resize(m.overlayArea()), m.arrange())
}

// arrange computes the layout and sends the panes whose place changed their sizes.
func (m *Model) arrange() tea.Cmd {
	before := m.layout
	m.layout = layout.Screen(m.size, layout.Want{Focus: m.focus, Notices: m.notices(), Rows: m.wantedRows})
	var cmds []tea.Cmd
	for r, rect := range m.layout.Panes {
		if rect == before.Panes[r] && m.layout.Tabs == before.Tabs {
			continue
		}
		m.frames[r].dirty = true
		if rect.Empty() {
			continue
		}
		cmds = append(cmds, m.panes[r].Update(pane.Resized{Size: innerSize(rect)}))
	}
	return tea.Batch(cmds...)
}

// wantedRows is the layout.Rows of the panes.
func (m *Model) wantedRows(r layout.Region, width int) int {
	if p, ok := m.panes[r].(pane.WithRows); ok {
		return p.RowsAt(width)
	}
	return 0
}

// innerSize returns the size of a pane's View: a pane of one line has no frame.
func innerSize(rect image.Rectangle) image.Point {
	if rect.Dy() == 1 {
		return rect.Size()
	}
	return pane.Inner(rect.Size())
}

// focusOn moves the focus to a pane. With tabs, that pane is the visible one.
func (m *Model) focusOn(r layout.Region) tea.Cmd {
	if r == m.focus {
		return nil
	}
	blurred := m.focused().Update(pane.Focused{On: false})
	m.focus = r
	return tea.Batch(blurred, m.focused().Update(pane.Focused{On: true}), m.arrange())
}

// open puts an overlay on top; the focused pane is drawn without the focus.
func (m *Model) open(o pane.Overlay) tea.Cmd {
	m.focused()
	return m.overlays.open(o)
}

// close removes an overlay, wherever it is in the stack.
func (m *Model) close(o pane.Overlay) tea.Cmd {
	m.focused()
	m.overlays.close(o)
	return nil
}

// fitOverlays sends overlays whose size changed their new size.
func (m *Model) fitOverlays() tea.Cmd { return m.overlays.fit() }
