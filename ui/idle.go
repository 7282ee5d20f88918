package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// The delay of a dialog that opens unasked: no key pressed for idleTime, checked at most maxDelays times more.
const (
	idleTime  = 400 * time.Millisecond
	maxDelays = 3
)

// idleOpener opens a dialog that the user did not open. It waits until no key was pressed for a while, so that the
// dialog does not receive keys meant for another place.
type idleOpener struct {
	after      func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
	keyPresses int        // so far
	postponed  *postponed // nil: no dialog waits
}

// postponed is a dialog that waits.
type postponed struct {
	open       func() tea.Cmd
	keyPresses int // idleOpener.keyPresses when the wait began
	delays     int
}

// idle reports that the wait of a postponed dialog is over.
type idle struct{ dialog *postponed }

// keyPressed counts a key press.
func (o *idleOpener) keyPressed() { o.keyPresses++ }

// open opens a dialog later, unless one waits already.
func (o *idleOpener) open(open func() tea.Cmd) tea.Cmd {
	if o.postponed != nil {
		return nil
	}
	o.postponed = &postponed{open: open, keyPresses: o.keyPresses}
	return o.wait()
}

// cancel forgets the dialog that waits.
func (o *idleOpener) cancel() { o.postponed = nil }

func (o *idleOpener) wait() tea.Cmd {
	p := o.postponed
	return o.after(idleTime, func(time.Time) tea.Msg { return idle{p} })
}

// finish opens the dialog at the end of its wait, or waits again if a key was pressed.
func (o *idleOpener) finish(i idle) tea.Cmd {
	p := i.dialog
	if o.postponed != p {
		return nil
	}
	if o.keyPresses != p.keyPresses && p.delays < maxDelays {
		p.keyPresses = o.keyPresses
		p.delays++
		return o.wait()
	}
	o.postponed = nil
	return p.open()
}
