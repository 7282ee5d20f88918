package style

import "charm.land/lipgloss/v2"

func newGlyphs(ascii bool) Glyphs {
	if ascii {
		return Glyphs{
			Open: "v", Folded: ">", Leaf: " ", Cursor: ">", Stale: "!", Good: "+", Bad: "x", Arrow: ">", Ellipsis: "~",
			GaugeFull: "#", GaugeEmpty: ".", Bullet: "*", Separator: "|", Mask: "*", Up: "^", Down: "v",
			Added: "+", Removed: "-", Modified: "~", Draft: "*",
		}
	}
	return Glyphs{
		Open: "▾", Folded: "▸", Leaf: " ", Cursor: "›", Stale: "≠", Good: "✓", Bad: "✗", Arrow: "→", Ellipsis: "…",
		GaugeFull: "━", GaugeEmpty: "─", Bullet: "•", Separator: "·", Mask: "•", Up: "↑", Down: "↓",
		Added: "+", Removed: "−", Modified: "~", Draft: "✎",
	}
}

// announcedGlyphs returns the ASCII glyphs with words in place of marks, for a screen reader.
func announcedGlyphs() Glyphs {
	g := newGlyphs(true)
	g.Open, g.Folded, g.Ellipsis, g.Arrow, g.Separator = "open", "folded", "...", "to", ","
	g.Stale, g.Draft, g.Good, g.Bad = "outdated", "unsaved", "ok", "error"
	g.Added, g.Removed, g.Modified = "added", "removed", "changed"
	return g
}

// newBorders returns the borders without and with focus; without colour they differ in shape.
func newBorders(o Options) (frame, focused lipgloss.Border) {
	switch {
	case o.ASCII:
		return asciiBorder("-", "|", "+"), asciiBorder("=", "|", "#")
	case o.NoColor:
		return lipgloss.RoundedBorder(), lipgloss.DoubleBorder()
	default:
		return lipgloss.RoundedBorder(), lipgloss.RoundedBorder()
	}
}

func asciiBorder(level, upright, corner string) lipgloss.Border {
	return lipgloss.Border{
		Top: level, Bottom: level, Left: upright, Right: upright,
		TopLeft: corner, TopRight: corner, BottomLeft: corner, BottomRight: corner,
		MiddleLeft: corner, MiddleRight: corner, Middle: corner, MiddleTop: corner, MiddleBottom: corner,
	}
}
