package pane

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// Pane is one region of the screen, always used by pointer. It sees actions, not keys, unless it captures.
type Pane interface {
	// Update takes every message that is not a resolved key: answers, ticks, style and record changes, mouse events inside it
	// (moved to its own origin), pastes, and raw keys while Capturing.
	Update(tea.Msg) tea.Cmd
	// Handle carries an action out.
	Handle(keys.Action) tea.Cmd
	// View draws exactly size.X × size.Y cells, without a frame. It writes nothing and reads no clock.
	View(size image.Point) string
	// Cursor is where the text cursor stands in what View drew, nil when there is none.
	Cursor() *tea.Cursor
	// CapturesKeys reports that a text field has the focus: keys go to Update raw, all but ctrl+c.
	CapturesKeys() bool
	// Scope is where the pane stands in the table of keys.
	Scope() keys.Scope
	// Title heads its frame or tab.
	Title() model.Visible
}

// Overlay is a pane that floats over the others.
type Overlay interface {
	Pane
	// Size is how large it wants to be, frame included, where there is room of this size: the screen between header and foot. A tea.WindowSizeMsg
	// tells an overlay of that same room.
	Size(screen image.Point) image.Point
	// HasUnsaved reports that closing now would lose something typed: Esc and quit ask first.
	HasUnsaved() bool
}

// Resized tells a pane or an overlay how large its View will be drawn; it comes before the first View and after every change.
type Resized struct{ Size image.Point }

// WithNote is a pane that says a word beside its title, such as a count.
type WithNote interface{ Note() model.Visible }

// WithPosition is a pane that says on its lower border where in its content it stands, such as "12 of 40".
type WithPosition interface{ Position() model.Visible }

// Focused tells a pane that it got or lost the focus.
type Focused struct{ On bool }

// FitWidth is how wide a dialog is that would like a number of cells: all there is where that is little.
func FitWidth(want, room int) int {
	if room < want+8 {
		return room
	}
	return want
}
