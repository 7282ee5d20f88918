package style

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Draw puts a line of text into a style and leaves its clusters whole: lipgloss underlines rune by rune, which tears a sign of several runes apart.
// Whatever comes from data is drawn this way.
func Draw(look lipgloss.Style, shown string) string {
	if shown == "" {
		return ""
	}
	before, after, ok := strings.Cut(look.Render("x"), "x")
	if !ok {
		return shown
	}
	return before + shown + after
}
