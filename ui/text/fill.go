package text

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Fill makes exactly size cells of styled lines: longer lines and further ones are cut, the rest is spaces.
func Fill(lines []string, size image.Point) string {
	size.X = max(0, size.X)
	var b strings.Builder
	for y := range max(0, size.Y) {
		if y > 0 {
			b.WriteByte('\n')
		}
		line := ""
		if y < len(lines) {
			line = ansi.Truncate(lines[y], size.X, "…")
		}
		b.WriteString(line)
		b.WriteString(strings.Repeat(" ", max(0, size.X-ansi.StringWidth(line))))
	}
	return b.String()
}
