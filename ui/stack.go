package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
)

// floating is an overlay on the stack and the room it was last told of.
type floating struct {
	overlay pane.Overlay
	inner   image.Point
}

// room is where overlays may stand: between the header and the foot, which stay in sight; on a low screen over the header too.
func (m *Model) room() image.Rectangle {
	top := 1
	if m.size.Y < 16 {
		top = 0
	}
	return image.Rect(0, top, m.size.X, max(top, m.size.Y-1))
}

// place is where an overlay stands on the screen.
func (m *Model) place(f *floating) image.Rectangle {
	room := m.room()
	return layout.DialogRect(room.Size(), f.overlay.Size(room.Size())).Add(room.Min)
}

// top is the overlay that has the keys.
func (m *Model) top() (pane.Overlay, bool) {
	if len(m.stack) == 0 {
		return nil, false
	}
	return m.stack[len(m.stack)-1].overlay, true
}

// open puts an overlay on top.
func (m *Model) open(o pane.Overlay) tea.Cmd {
	for _, f := range m.stack {
		if f.overlay == o {
			return nil
		}
	}
	m.stack = append(m.stack, &floating{overlay: o})
	m.drawn[m.focus].old = true // it shows that it has lost the keys
	return m.fit()
}

// close takes an overlay away, wherever it stands.
func (m *Model) close(o pane.Overlay) tea.Cmd {
	left := make([]*floating, 0, len(m.stack))
	for _, f := range m.stack {
		if f.overlay != o {
			left = append(left, f)
		}
	}
	m.stack = left
	m.drawn[m.focus].old = true
	return nil
}

// fit tells overlays whose size changed how much room they have.
func (m *Model) fit() tea.Cmd {
	var cmds []tea.Cmd
	for _, f := range m.stack {
		if inner := pane.Inner(m.place(f).Size()); inner != f.inner {
			f.inner = inner
			cmds = append(cmds, f.overlay.Update(pane.Resized{Size: inner}))
		}
	}
	return tea.Batch(cmds...)
}

// How long the keys must have been quiet before a dialog opens by itself, and how often it is put off.
const (
	calm   = 400 * time.Millisecond
	putOff = 3
)

// unasked is a dialog that opens by itself once the person at the keyboard pauses, so that it swallows nothing that was meant for another place.
type unasked struct {
	make    func() tea.Cmd
	presses int // as many keys had been pressed when the wait began
	delays  int
}

// quiet says that the wait is over.
type quiet struct{ of *unasked }

// soon opens a dialog as soon as the keys are quiet.
func (m *Model) soon(open func() tea.Cmd) tea.Cmd {
	m.waiting = &unasked{make: open, presses: m.presses}
	return m.calm(m.waiting)
}

func (m *Model) calm(u *unasked) tea.Cmd {
	return m.cfg.After(calm, func(time.Time) tea.Msg { return quiet{u} })
}

func (m *Model) quiet(q quiet) tea.Cmd {
	u := q.of
	if m.waiting != u {
		return nil
	}
	if m.presses != u.presses && u.delays < putOff {
		u.presses = m.presses
		u.delays++
		return m.calm(u)
	}
	m.waiting = nil
	return u.make()
}

// discard says that what was typed may be lost: quit.
type discard struct{}

// leave quits, after asking where something typed would be lost.
func (m *Model) leave() tea.Cmd {
	for _, f := range m.stack {
		if f.overlay.HasUnsaved() {
			return m.open(overlay.NewConfirm(m.styles, "quit", "Something typed is not saved yet. A change is kept as a draft and offered again the next time you edit.",
				overlay.Option{Text: "stay"}, overlay.Option{Text: "quit", Run: func() tea.Msg { return discard{} }}))
		}
	}
	return tea.Quit
}
