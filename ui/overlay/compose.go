package overlay

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Compose draws a box over the lines of a screen, its upper left corner at a cell; what lies outside is dropped.
func Compose(lines []string, box string, at image.Point) {
	for i, over := range strings.Split(box, "\n") {
		y := at.Y + i
		if y < 0 || y >= len(lines) {
			continue
		}
		width := ansi.StringWidth(over)
		left := ansi.Truncate(lines[y], at.X, "")
		left += strings.Repeat(" ", max(0, at.X-ansi.StringWidth(left))) // a wide character was cut in half
		lines[y] = left + over + dropLeft(lines[y], at.X+width)
	}
}

// dropLeft returns the part of a line from a cell on; half of a wide character becomes a space.
func dropLeft(line string, cell int) string {
	remaining := max(0, ansi.StringWidth(line)-cell)
	right := ansi.TruncateLeft(line, cell, "")
	if ansi.StringWidth(right) > remaining {
		right = ansi.TruncateLeft(line, cell+1, "")
	}
	return strings.Repeat(" ", max(0, remaining-ansi.StringWidth(right))) + right
}
