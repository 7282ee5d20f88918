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
	Linear  bool // for a screen reader, see package linear
}

// New builds the styles of a theme for a dark or a light background.
func New(theme themes.Theme, dark bool, o Options) *Styles {
	s := &Styles{Name: theme.Name, Dark: dark, Glyphs: newGlyphs(o.ASCII)}
	s.Frame, s.FrameFocused = newBorders(o)
	if o.Linear {
		applyLinear(s)
		return s
	}
	if o.NoColor {
		applyNoColor(s)
		return s
	}
	applyPalette(s, theme.Palette(dark))
	return s
}

// applyLinear sets the styles that package linear reads: they say what is selected, layout, a sign or data.
func applyLinear(s *Styles) {
	s.Glyphs, s.Selected = announcedGlyphs(), newStyle(nil, nil, reverse)
	s.Border, s.Prompt = newStyle(nil, nil, faint), newStyle(nil, nil, bold)
	s.BorderFocused, s.GaugeFull, s.GaugeEmpty = s.Border, s.Border, s.Border
	s.Input = newStyle(nil, nil, underline)
	s.InputError, s.Verbatim = s.Input, s.Input
}

// applyPalette sets the styles from a palette: colour carries meaning, bold carries rank.
func applyPalette(s *Styles, p themes.Palette) {
	fg := func(c themes.Color) Style { return newStyle(toColor(c), nil, 0) }
	on := func(text, behind themes.Color) Style { return newStyle(toColor(text), toColor(behind), 0) }

	s.Background, s.Foreground = toColor(p.Background), toColor(p.Text)
	s.Text, s.Muted, s.Faint, s.Strong = fg(p.Text), fg(p.Muted), fg(p.Faint), fg(p.Text).Bold()
	s.Dimmed = fg(p.Border)
	s.Border, s.BorderFocused = fg(p.Border), fg(p.Focus)
	s.Title, s.TitleFocused = fg(p.Muted), fg(p.Focus).Bold()
	s.Selected, s.SelectedBlurred = on(p.SelectionText, p.Selection), on(p.Text, p.SelectionDim)
	s.Badge, s.BadgeGood = on(p.BadgeText, p.Badge), on(p.Background, p.Good)
	s.BadgeBad = on(p.Background, p.Bad)
	s.Good, s.Warn, s.Bad, s.Info = fg(p.Good), fg(p.Warn), fg(p.Bad), fg(p.Info)
	s.Added, s.Removed, s.Modified = fg(p.Added), fg(p.Removed), fg(p.Changed)
	s.NewValue, s.Draft = s.Modified, s.Info
	s.Match = on(p.Background, p.Accent)
	s.Key, s.KeyHint = fg(p.Accent), fg(p.Muted)
	s.FieldName, s.FieldType, s.Index = fg(p.Name), fg(p.Faint), fg(p.Muted)
	s.StringValue, s.NumberValue, s.DateValue = fg(p.String), fg(p.Number), fg(p.Date)
	s.BoolValue, s.IDValue, s.NullValue, s.Nesting = fg(p.Bool), fg(p.ID), fg(p.Null), fg(p.Muted)
	s.GaugeFull, s.GaugeEmpty = fg(p.Accent), fg(p.Border)
	s.Input, s.InputError, s.Prompt, s.Verbatim = fg(p.Text), fg(p.Bad), fg(p.Accent), fg(p.Text)
}

// applyNoColor sets the styles without colour: reverse for the cursor, bold for importance,
// underline for errors and changes, faint for what matters less.
func applyNoColor(s *Styles) {
	with := func(a attributes) Style { return newStyle(nil, nil, a) }
	text, under, reversed := with(0), with(underline), with(reverse)
	strong, weak := with(bold), with(faint)

	s.Text, s.Muted, s.Faint, s.Strong = text, text, weak, strong
	s.Dimmed = weak
	s.Border, s.BorderFocused = weak, strong
	s.Title, s.TitleFocused = text, with(bold|reverse)
	s.Selected, s.SelectedBlurred = reversed, under
	s.Badge, s.BadgeGood = with(reverse|faint), reversed
	s.BadgeBad = with(reverse | bold | underline)
	s.Good, s.Warn, s.Bad, s.Info = text, strong, with(bold|underline), weak
	s.Added, s.Removed, s.Modified = strong, weak, under
	s.NewValue, s.Draft = strong, under
	s.Match = with(reverse | bold)
	s.Key, s.KeyHint = strong, text
	s.FieldName, s.FieldType, s.Index = strong, weak, weak
	s.StringValue, s.NumberValue, s.DateValue = text, text, text
	s.BoolValue, s.IDValue, s.NullValue, s.Nesting = text, text, weak, weak
	s.GaugeFull, s.GaugeEmpty = text, weak
	s.Input, s.InputError, s.Prompt, s.Verbatim = under, with(bold|underline), strong, text
}

func toColor(c themes.Color) color.Color { return lipgloss.Color(string(c)) }
