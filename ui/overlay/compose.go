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
		width := ansi.StringWidthWc(over)
		left := ansi.TruncateWc(lines[y], at.X, "")
		left += strings.Repeat(" ", max(0, at.X-ansi.StringWidthWc(left))) // a wide character was cut in half
		lines[y] = left + over + dropLeft(lines[y], at.X+width)
	}
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
