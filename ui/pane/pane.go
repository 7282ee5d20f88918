package pane

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// Pane is one region of the screen, used by pointer. It receives actions, not keys, unless it captures keys.
type Pane interface {
	// Update handles every message that is not a resolved key: responses, ticks, style and state changes,
	// mouse events (relative to the pane's origin), pastes, and raw keys while CapturesKeys is true.
	Update(tea.Msg) tea.Cmd
	// Handle performs an action.
	Handle(keys.Action) tea.Cmd
	// View draws exactly size.X × size.Y cells, without a frame. It has no side effects and reads no clock.
	View(size image.Point) string
	// Cursor returns the position of the text cursor in the last View; nil when there is none.
	Cursor() *tea.Cursor
	// CapturesKeys reports whether a text field has the focus: then Update receives all keys but ctrl+c and ctrl+z.
	CapturesKeys() bool
	// Scope returns the pane's scope in the key table.
	Scope() keys.Scope
	// Title returns the title of its frame or tab.
	Title() model.Visible
}

// Overlay is a pane above the others.
type Overlay interface {
	Pane
	// Size returns the preferred size, frame included. The argument is the area between header and footer,
	// which tea.WindowSizeMsg reports to overlays too.
	Size(screen image.Point) image.Point
	// HasUnsaved reports whether closing now would lose input: Esc and quit then ask first.
	HasUnsaved() bool
}

// WithClock is implemented by panes that show how long ago or how far ahead something is.
type WithClock interface {
	// ClockText returns every text of the View that depends on the time, as it is at a time: the pane is drawn again when
	// one of them changes.
	ClockText(now time.Time) string
}

// WithRows is implemented by panes whose height follows what they show.
type WithRows interface {
	// RowsAt returns the lines that the View wants at a width.
	RowsAt(width int) int
}

// Announcer is implemented by panes whose selected row is said in other words than it is drawn.
type Announcer interface {
	// Announcement returns the selected row for a screen reader, such as "favoriteColor, string, teal, 3 of 14".
	Announcement() model.Visible
}

// WithReasons is implemented by panes whose actions sometimes have no effect.
type WithReasons interface {
	// Unavailable returns why an action of the pane has no effect now; empty: it has. Keys are written as
	// keys.Map.Expand reads them.
	Unavailable(keys.Action) string
}

// Resized tells a pane or an overlay the size of its View, before the first View and after every change.
type Resized struct{ Size image.Point }

// WithNote is implemented by panes with a note beside the title, such as a count.
type WithNote interface{ Note() model.Visible }

// WithNoteWithin is implemented by panes whose note leaves out what has no space: it has at most width cells, if
// possible.
type WithNoteWithin interface{ NoteWithin(width int) model.Visible }

// WithPosition is implemented by panes with a scroll position on the lower border, such as "12 of 40".
type WithPosition interface{ Position() model.Visible }

// Focused tells a pane that it received or lost the focus.
type Focused struct{ On bool }

// FitWidth returns the width of a dialog: the preferred width, or all of a narrow screen.
func FitWidth(preferred, available int) int {
	if available < preferred+8 {
		return available
	}
	return preferred
}
