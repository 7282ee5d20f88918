package layout

import "image"

// The smallest usable screen, and the width from which all panes stand side by side.
const (
	MinWidth  = 40
	MinHeight = 12
	WideWidth = 110
)

// The left column's least width, which just fits an ObjectId, and the screen width from which it grows.
const (
	minLeftWidth = 28
	growLeftFrom = 130
)

// Region is the place of a pane.
type Region int

// The regions, in the order in which the focus moves.
const (
	Document Region = iota
	Session
	Activity
	Account
	Identities
	RegionCount // the number of regions
)

// Layout is a divided screen. All rectangles lie inside it; those of visible panes do not overlap.
type Layout struct {
	Size     image.Point
	TooSmall bool // below MinWidth × MinHeight: only a message fits
	Tabs     bool // one pane at a time: only the open one has a rectangle
	Header   image.Rectangle
	Footer   image.Rectangle
	Panes    [RegionCount]image.Rectangle // with frames; empty: not visible
}

// Screen divides a screen; open is the pane shown when there is only one.
func Screen(size image.Point, open Region) Layout {
	l := Layout{Size: size}
	if size.X < MinWidth || size.Y < MinHeight {
		l.TooSmall = true
		return l
	}
	l.Header = image.Rect(0, 0, size.X, 1)
	l.Footer = image.Rect(0, size.Y-1, size.X, size.Y)
	body := image.Rect(0, 1, size.X, size.Y-1)
	if size.X < WideWidth {
		l.Tabs = true
		l.Panes[open] = body
		return l
	}
	left := minLeftWidth
	if size.X >= growLeftFrom {
		left = min(size.X*28/100, 42)
	}
	right := clamp(size.X*27/100, 38, 52)
	// long values of the account pane wrap, so it gets up to half the height
	l.Panes[Account], l.Panes[Identities] = splitColumn(columnRect(body, 0, left), clamp(body.Dy()/2, 10, 16))
	l.Panes[Document] = columnRect(body, left, size.X-right)
	l.Panes[Session], l.Panes[Activity] = splitColumn(columnRect(body, size.X-right, size.X), clamp(body.Dy()/3, 12, 16))
	return l
}

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

func columnRect(r image.Rectangle, from, to int) image.Rectangle {
	return image.Rect(from, r.Min.Y, to, r.Max.Y)
}

// splitColumn divides a column: the upper pane gets height rows, at most half.
func splitColumn(r image.Rectangle, height int) (upper, lower image.Rectangle) {
	cut := r.Min.Y + min(height, r.Dy()/2)
	return image.Rect(r.Min.X, r.Min.Y, r.Max.X, cut), image.Rect(r.Min.X, cut, r.Max.X, r.Max.Y)
}

func clamp(v, low, high int) int { return max(low, min(v, high)) }
