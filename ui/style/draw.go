package style

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Draw renders one line and keeps grapheme clusters whole: lipgloss underlines rune by rune, which splits
// clusters of several runes. Text that comes from data must be drawn with Draw.
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
