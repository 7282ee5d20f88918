package style

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Draw renders one line and keeps grapheme clusters whole: lipgloss underlines rune by rune, which splits
// clusters of several runes. Text that comes from data must be drawn with Draw.
func Draw(st lipgloss.Style, text string) string {
	if text == "" {
		return ""
	}
	before, after, ok := strings.Cut(st.Render("x"), "x")
	if !ok {
		return text
	}
	return before + text + after
}
