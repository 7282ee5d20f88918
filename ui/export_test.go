package ui

import (
	"image"

	"dossier/ui/keys"
	"dossier/ui/overlay"
	"dossier/ui/pane"
)

// DrawAnew draws the frame without what was kept of the frames before, in styles that are equal and not the same.
func (m *Model) DrawAnew() string {
	styles := *m.styles
	_ = m.setStyles(&styles)
	for r := range m.frames {
		m.frames[r].dirty = true
	}
	m.drawnHeader.text, m.drawnFooter.text, m.composer = "", "", overlay.Composer{}
	m.draw()
	return m.frame
}

// Top describes the topmost overlay: the rectangle of its frame, what it draws inside, and the scope of its keys.
// Without an overlay the scope is that of the focused pane, and the rectangle is empty.
func (m *Model) Top() (frame image.Rectangle, view string, scope keys.Scope) {
	o, ok := m.overlays.top()
	if !ok {
		return frame, "", m.scopes()[0]
	}
	frame = m.overlays.place(o)
	return frame, o.View(pane.Inner(frame.Size())), o.Scope()
}
