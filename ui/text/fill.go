package text

import (
	"image"
	"strings"

	"charm.land/lipgloss/v2"
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

// Styled is text in a style, its clusters left whole: lipgloss underlines rune by rune, which would tear them apart.
func Styled(s lipgloss.Style, shown string) string {
	before, after, ok := strings.Cut(s.Render("x"), "x")
	if !ok || shown == "" {
		return shown
	}
	return before + shown + after
}
