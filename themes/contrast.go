package themes

import "fmt"

// The minimum contrast ratios of WCAG 2, level AA: text on its background, and non-text elements.
const (
	TextContrast    = 4.5
	NonTextContrast = 3.0
)

// LowContrast returns one message per pair of roles whose contrast is too low.
func LowContrast(p Palette) []string {
	var faults []string
	require := func(role string, c Color, behind string, background Color, minimum float64) {
		if ratio := Contrast(c, background); ratio < minimum {
			faults = append(faults, fmt.Sprintf("%s (%s) on %s (%s): contrast %.2f, minimum %.1f", role, c, behind, background,
				ratio, minimum))
		}
	}
	for role, c := range p.textRoles() {
		require(role, c, "background", p.Background, TextContrast)
		require(role, c, "selection", p.Selection, TextContrast)
		require(role, c, "selection_dim", p.SelectionDim, TextContrast)
	}
	for role, c := range map[string]Color{"faint": p.Faint, "focus": p.Focus} {
		require(role, c, "background", p.Background, TextContrast)
		require(role, c, "selection", p.Selection, NonTextContrast)
	}
	require("selection_text", p.SelectionText, "selection", p.Selection, TextContrast)
	require("badge_text", p.BadgeText, "badge", p.Badge, TextContrast)
	require("border", p.Border, "background", p.Background, NonTextContrast)
	return faults
}

// textRoles are the roles of text, on the background and on a selected row.
func (p Palette) textRoles() map[string]Color {
	return map[string]Color{
		"text": p.Text, "muted": p.Muted, "accent": p.Accent, "good": p.Good, "warn": p.Warn, "bad": p.Bad, "info": p.Info,
		"added": p.Added, "removed": p.Removed, "changed": p.Changed, "name": p.Name, "string": p.String, "number": p.Number,
		"date": p.Date, "bool": p.Bool, "id": p.ID, "null": p.Null,
	}
}
