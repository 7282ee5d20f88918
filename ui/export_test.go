package ui

import "dossier/ui/overlay"

// DrawAnew draws the frame without what was kept of the frames before, in styles that are equal and not the same.
func (m *Model) DrawAnew() string {
	styles := *m.styles
	_ = m.setStyles(&styles)
	for r := range m.frames {
		m.frames[r].dirty = true
	}
	m.headerLine, m.footerLine, m.composer = "", "", overlay.Composer{}
	m.draw()
	return m.frame
}
