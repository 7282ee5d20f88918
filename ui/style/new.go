package style

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"dossier/themes"
)

// Options restricts the styles to what the terminal supports or the user prefers.
type Options struct {
	NoColor bool // only bold, underline, reverse and faint
	ASCII   bool // glyphs and frames in plain ASCII
}

// New builds the styles of a theme for a dark or a light background.
func New(theme themes.Theme, dark bool, o Options) *Styles {
	s := &Styles{Name: theme.Name, Dark: dark, Glyphs: newGlyphs(o.ASCII)}
	s.Frame, s.FrameFocused = newBorders(o)
	if o.NoColor {
		applyNoColor(s)
		return s
	}
	applyPalette(s, theme.Palette(dark))
	return s
}

// applyPalette sets the styles from a palette: colour carries meaning, bold carries rank.
func applyPalette(s *Styles, p themes.Palette) {
	fg := func(c themes.Color) lipgloss.Style { return lipgloss.NewStyle().Foreground(toColor(c)) }
	on := func(text, behind themes.Color) lipgloss.Style { return fg(text).Background(toColor(behind)) }

	s.Background, s.Foreground = toColor(p.Background), toColor(p.Text)
	s.Text, s.Muted, s.Faint, s.Strong = fg(p.Text), fg(p.Muted), fg(p.Faint), fg(p.Text).Bold(true)
	s.Border, s.BorderFocused = fg(p.Border), fg(p.Focus)
	s.Title, s.TitleFocused = fg(p.Muted), fg(p.Focus).Bold(true)
	s.Selected, s.SelectedBlurred = on(p.SelectionText, p.Selection), on(p.Text, p.SelectionDim)
	s.Badge, s.BadgeGood = on(p.BadgeText, p.Badge), on(p.Background, p.Good)
	s.BadgeWarn, s.BadgeBad = on(p.Background, p.Warn), on(p.Background, p.Bad)
	s.Good, s.Warn, s.Bad, s.Info = fg(p.Good), fg(p.Warn), fg(p.Bad), fg(p.Info)
	s.Added, s.Removed, s.Modified = fg(p.Added), fg(p.Removed), fg(p.Changed)
	s.Match = on(p.Background, p.Accent)
	s.Key, s.KeyHint = fg(p.Accent), fg(p.Muted)
	s.FieldName, s.FieldType, s.Index = fg(p.Name), fg(p.Faint), fg(p.Muted)
	s.StringValue, s.NumberValue, s.DateValue = fg(p.String), fg(p.Number), fg(p.Date)
	s.BoolValue, s.IDValue, s.NullValue, s.Nesting = fg(p.Bool), fg(p.ID), fg(p.Null), fg(p.Muted)
	s.GaugeFull, s.GaugeEmpty = fg(p.Accent), fg(p.Border)
	s.Input, s.InputError, s.Prompt = fg(p.Text), fg(p.Bad), fg(p.Accent)
}

// applyNoColor sets the styles without colour: reverse for the cursor, bold for importance,
// underline for errors and changes, faint for what matters less.
func applyNoColor(s *Styles) {
	text := lipgloss.NewStyle()
	bold, faint := text.Bold(true), text.Faint(true)
	under, reverse := text.Underline(true), text.Reverse(true)

	s.Text, s.Muted, s.Faint, s.Strong = text, text, faint, bold
	s.Border, s.BorderFocused = faint, bold
	s.Title, s.TitleFocused = text, bold.Reverse(true)
	s.Selected, s.SelectedBlurred = reverse, under
	s.Badge, s.BadgeGood = reverse.Faint(true), reverse
	s.BadgeWarn, s.BadgeBad = reverse.Bold(true), reverse.Bold(true).Underline(true)
	s.Good, s.Warn, s.Bad, s.Info = text, bold, bold.Underline(true), faint
	s.Added, s.Removed, s.Modified = bold, faint, under
	s.Match = reverse.Bold(true)
	s.Key, s.KeyHint = bold, text
	s.FieldName, s.FieldType, s.Index = bold, faint, faint
	s.StringValue, s.NumberValue, s.DateValue = text, text, text
	s.BoolValue, s.IDValue, s.NullValue, s.Nesting = text, text, faint, faint
	s.GaugeFull, s.GaugeEmpty = text, faint
	s.Input, s.InputError, s.Prompt = under, bold.Underline(true), bold
}

// OnRow returns the style of a segment inside a row drawn in the row style, such as Selected:
// the segment's own properties win, the rest (background, reverse, underline) is the row's.
func OnRow(row, segment lipgloss.Style) lipgloss.Style { return segment.Inherit(row) }

func toColor(c themes.Color) color.Color { return lipgloss.Color(string(c)) }
