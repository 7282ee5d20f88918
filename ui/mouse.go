package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/pane"
)

// mouse hands a mouse message to what lies under the pointer, moved to its origin.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	if n := len(m.stack); n > 0 {
		inner := m.place(m.stack[n-1]).Inset(1)
		if !at.In(inner) {
			return nil
		}
		return tea.Batch(m.stack[n-1].overlay.Update(moved(msg, inner.Min)), m.fit())
	}
	r, ok := m.layout.At(at)
	if !ok {
		return nil
	}
	_, click := msg.(tea.MouseClickMsg)
	rect := m.layout.Panes[r]
	if click && m.layout.Tabs && at.Y == rect.Min.Y {
		return m.clickTab(at.X - rect.Min.X)
	}
	var focus tea.Cmd
	if click {
		focus = m.focusOn(r)
	}
	if !at.In(rect.Inset(1)) {
		return focus
	}
	m.drawn[r].old = true
	return tea.Batch(focus, m.panes[r].Update(moved(msg, rect.Min.Add(image.Pt(1, 1)))))
}

// clickTab opens the tab under the pointer.
func (m *Model) clickTab(x int) tea.Cmd {
	f := m.tabs(pane.Frame{})
	for _, t := range f.TabsAt(m.size.X) {
		if x >= t.From && x < t.To {
			return m.focusOn(layout.Region(t.Index))
		}
	}
	return nil
}

// moved is a mouse message as a region with this origin sees it.
func moved(msg tea.MouseMsg, origin image.Point) tea.Msg {
	mouse := msg.Mouse()
	mouse.X -= origin.X
	mouse.Y -= origin.Y
	switch msg.(type) {
	case tea.MouseClickMsg:
		return tea.MouseClickMsg(mouse)
	case tea.MouseWheelMsg:
		return tea.MouseWheelMsg(mouse)
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(mouse)
	default:
		return tea.MouseMotionMsg(mouse)
	}
}
