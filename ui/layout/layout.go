package layout

import "image"

// The smallest usable screen, and the widths from which more than one pane is visible.
const (
	MinWidth    = 40
	MinHeight   = 12
	MiddleWidth = 90  // all panes
	WideWidth   = 130 // the account above the document only, session and activity always beside it
)

// Region is the place of a pane.
type Region int

// The regions, in the order in which the focus moves.
const (
	Document Region = iota
	Session
	Activity
	Account
	RegionCount // the number of regions
)

// Rows returns the lines that a pane wants at a width inside its frame. Session and account want lines; the document
// and the activity get what is left.
type Rows func(r Region, width int) int

// Want is what decides how a screen is divided.
type Want struct {
	Focus   Region // the pane shown when there is only one; the account has a frame when it is focused
	Notices int    // lines above the footer
	Rows    Rows   // nil: no pane wants more than the least
}

// Layout is a divided screen. All rectangles lie inside it; those of visible panes do not overlap.
type Layout struct {
	Size     image.Point
	TooSmall bool // below MinWidth × MinHeight: only a message fits
	Tabs     bool // one pane at a time: only the focused one has a rectangle
	Header   image.Rectangle
	Footer   image.Rectangle
	Notices  image.Rectangle // empty: none
	// Panes includes frames. Empty: not visible. A height of one line: without a frame.
	Panes [RegionCount]image.Rectangle
}

// Screen divides a screen.
func Screen(size image.Point, want Want) Layout {
	l := Layout{Size: size}
	if size.X < MinWidth || size.Y < MinHeight {
		l.TooSmall = true
		return l
	}
	if want.Rows == nil {
		want.Rows = func(Region, int) int { return 0 }
	}
	rest := image.Rectangle{Max: size}
	l.Header, rest = top(rest, 1)
	rest, l.Footer = bottom(rest, 1)
	rest, l.Notices = bottom(rest, clamp(want.Notices, 0, size.Y-MinHeight+1))
	switch {
	case size.X < MiddleWidth:
		l.Tabs = true
		l.Panes[want.Focus] = rest
	case size.X < WideWidth:
		l.middle(rest, want)
	default:
		l.wide(rest, want)
	}
	return l
}

// The limits of the panes, frames included.
const (
	minSideWidth = 38 // of session and activity beside the document
	maxSideWidth = 56
	minSession   = 8 // lines
	minActivity  = 5
	maxSession   = 52 // columns, below the document
	stripHeight  = 11 // of session and activity below the document, when the document gets more cells that way
	framedFrom   = 22 // lines of a wide screen from which the account has a frame
	outside      = 3  // lines of header, account and footer
)

// wide gives session and activity a column at the right, and the account the lines above the document.
func (l *Layout) wide(body image.Rectangle, want Want) {
	main, side := right(body, sideWidth(l.Size.X))
	l.account(&main, want, l.Size.Y >= framedFrom)
	l.Panes[Document] = main
	l.sideColumn(side, want)
}

// middle gives the account one line at the top, and puts session and activity where the document gets more cells:
// beside it, or below. Only the size of the screen decides, so that they stay there when the focus moves or a notice
// comes.
func (l *Layout) middle(body image.Rectangle, want Want) {
	l.account(&body, want, false)
	side := sideWidth(l.Size.X)
	if lines := l.Size.Y - outside; (body.Dx()-side)*lines >= body.Dx()*(lines-stripHeight) {
		main, column := right(body, side)
		l.Panes[Document] = main
		l.sideColumn(column, want)
		return
	}
	width := clamp(body.Dx()*9/20, minSideWidth, maxSession)
	half := body.Dy() / 2
	height := clamp(want.Rows(Session, width-2)+2, min(minSession, half), min(stripHeight+2, half))
	main, strip := bottom(body, height)
	l.Panes[Document] = main
	l.Panes[Session], l.Panes[Activity] = left(strip, width)
}

// account cuts the lines of the account off an area: in a frame if framed is set or it has the focus, else one line.
func (l *Layout) account(area *image.Rectangle, want Want, framed bool) {
	height := 1
	if framed || want.Focus == Account {
		height = clamp(want.Rows(Account, area.Dx()-2)+2, 3, max(3, area.Dy()/2))
	}
	l.Panes[Account], *area = top(*area, height)
}

// sideColumn divides the column at the right: the session gets the lines that it wants, the activity the others.
func (l *Layout) sideColumn(column image.Rectangle, want Want) {
	height := clamp(want.Rows(Session, column.Dx()-2)+2, min(minSession, column.Dy()/2), column.Dy()-minActivity)
	l.Panes[Session], l.Panes[Activity] = top(column, height)
}

func sideWidth(screen int) int { return clamp(screen*27/100, minSideWidth, maxSideWidth) }

// At returns the pane under a cell.
func (l Layout) At(p image.Point) (Region, bool) {
	for r, rect := range l.Panes {
		if p.In(rect) {
			return Region(r), true
		}
	}
	return 0, false
}

// DialogRect places a dialog of the requested size slightly above the middle; it never exceeds the screen.
func DialogRect(screen, preferred image.Point) image.Rectangle {
	w, h := clamp(preferred.X, 0, max(0, screen.X)), clamp(preferred.Y, 0, max(0, screen.Y))
	x, y := (screen.X-w)/2, (screen.Y-h)*2/5
	return image.Rect(x, y, x+w, y+h)
}

// The following divide an area; the part that is named has the given size.

func top(r image.Rectangle, height int) (part, rest image.Rectangle) {
	part, rest = r, r
	part.Max.Y = r.Min.Y + height
	rest.Min.Y = part.Max.Y
	return part, rest
}

func bottom(r image.Rectangle, height int) (rest, part image.Rectangle) { return top(r, r.Dy()-height) }

func left(r image.Rectangle, width int) (part, rest image.Rectangle) {
	part, rest = r, r
	part.Max.X = r.Min.X + width
	rest.Min.X = part.Max.X
	return part, rest
}

func right(r image.Rectangle, width int) (rest, part image.Rectangle) { return left(r, r.Dx()-width) }

func clamp(v, low, high int) int { return max(low, min(v, high)) }
