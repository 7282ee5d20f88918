package overlay

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Composer draws boxes over the lines of a screen. It keeps the cuts of the last frame: most lines below a dialog stay
// the same while the user types. The zero value is ready.
type Composer struct{ last, cuts map[covered]remains }

// covered is a line of which a box covers the cells between from and to.
type covered struct {
	line     string
	from, to int
}

// remains is what is visible beside the box.
type remains struct{ left, right string }

// Begin begins a frame. Cuts that the last frame did not use are forgotten.
func (c *Composer) Begin() { c.last, c.cuts = c.cuts, map[covered]remains{} }

// Compose draws a box over the lines, its upper left corner at a cell; what lies outside is dropped.
func (c *Composer) Compose(lines []string, box string, at image.Point) {
	y := at.Y
	for over := range strings.SplitSeq(box, "\n") {
		if y >= 0 && y < len(lines) {
			r := c.cut(covered{lines[y], at.X, at.X + ansi.StringWidthWc(over)})
			lines[y] = r.left + over + r.right
		}
		y++
	}
}

// cut cuts a line, or returns how it was cut before.
func (c *Composer) cut(l covered) remains {
	r, known := c.last[l]
	if !known {
		r.left = ansi.TruncateWc(l.line, l.from, "")
		r.left += strings.Repeat(" ", max(0, l.from-ansi.StringWidthWc(r.left))) // a wide character was cut in half
		r.right = dropLeft(l.line, l.to)
	}
	if c.cuts != nil {
		c.cuts[l] = r
	}
	return r
}

// dropLeft returns the part of a line from a cell on; the rest of a character that was cut becomes spaces.
func dropLeft(line string, cell int) string {
	remaining := max(0, ansi.StringWidthWc(line)-cell)
	right := ansi.TruncateLeftWc(line, cell, "")
	for ansi.StringWidthWc(right) > remaining {
		cell++
		right = ansi.TruncateLeftWc(line, cell, "")
	}
	return strings.Repeat(" ", max(0, remaining-ansi.StringWidthWc(right))) + right
}
