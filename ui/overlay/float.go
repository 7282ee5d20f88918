package overlay

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Float lays a drawn box over the lines of a screen, its upper left corner at a cell. What would stand outside the lines is left out.
func Float(lines []string, box string, at image.Point) {
	for i, over := range strings.Split(box, "\n") {
		y := at.Y + i
		if y < 0 || y >= len(lines) {
			continue
		}
		width := ansi.StringWidth(over)
		left := ansi.Truncate(lines[y], at.X, "")
		left += strings.Repeat(" ", max(0, at.X-ansi.StringWidth(left))) // a wide character was cut in half
		right := ansi.TruncateLeft(lines[y], at.X+width, "")
		if short := ansi.StringWidth(lines[y]) - at.X - width - ansi.StringWidth(right); short > 0 {
			right = strings.Repeat(" ", short) + right
		}
		lines[y] = left + over + right
	}
}
