package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/pane"
)

// mouse hands a mouse message to the overlay or pane under the pointer, with its position relative to it.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	_, click := msg.(tea.MouseClickMsg)
	if click && at.In(m.layout.Footer) {
		return m.clickFooter(at.X)
	}
	if o, ok := m.overlays.top(); ok {
		inner := m.overlays.place(o).Inset(1)
		if !at.In(inner) {
			return nil
		}
		return tea.Batch(o.Update(relative(msg, inner.Min)), m.fitOverlays())
	}
	if click {
		m.noteForStory("")
	}
	r, ok := m.layout.At(at)
	if !ok {
		return nil
	}
	rect := m.layout.Panes[r]
	if click && m.layout.Tabs && at.Y == rect.Min.Y {
		return m.clickTab(at.X - rect.Min.X)
	}
	var cmd tea.Cmd
	if at.In(rect.Inset(1)) { // before the focus, which may move the pane
		m.frames[r].dirty = true
		cmd = m.panes[r].Update(relative(msg, rect.Min.Add(image.Pt(1, 1))))
	}
	if click {
		cmd = tea.Batch(cmd, m.focusOn(r))
	}
	return cmd
}

// clickTab shows the pane of the tab at this column.
func (m *Model) clickTab(x int) tea.Cmd {
	f := m.tabs(pane.Frame{})
	for _, t := range f.TabsAt(m.size.X) {
		if x >= t.From && x < t.To {
			return m.focusOn(layout.Region(t.Index))
		}
	}
	return nil
}

// relative returns a mouse message with its position relative to an origin.
func relative(msg tea.MouseMsg, origin image.Point) tea.Msg {
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
