package style

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// Styles is every style and glyph the screen uses, built once a theme change and handed down by pointer; nobody changes it.
type Styles struct {
	Name string // the theme's name
	Dark bool

	// Background and Foreground are the screen's own; nil without colour, so that the terminal's stay.
	Background, Foreground color.Color

	Text, Muted, Faint, Strong             lipgloss.Style // plain text, labels, hints, emphasis
	Border, BorderFocused                  lipgloss.Style
	Title, TitleFocused                    lipgloss.Style
	Selected, SelectedBlurred              lipgloss.Style // the row under the cursor, in a pane with and without the focus
	Badge, BadgeGood, BadgeWarn, BadgeBad  lipgloss.Style // filled labels: account, service, state
	Good, Warn, Bad, Info                  lipgloss.Style // states
	Added, Removed, Modified               lipgloss.Style // differences
	Match                                  lipgloss.Style // a find's hit
	Key, KeyHint                           lipgloss.Style // keys of the foot line and what they do
	FieldName, FieldType, Index            lipgloss.Style // the tree
	StringValue, NumberValue, DateValue    lipgloss.Style
	BoolValue, IDValue, NullValue, Nesting lipgloss.Style
	GaugeFull, GaugeEmpty                  lipgloss.Style
	Input, InputError, Prompt              lipgloss.Style

	Glyphs Glyphs
	Frame  lipgloss.Border
	// FrameFocused is of another shape than Frame where colour cannot tell them apart.
	FrameFocused lipgloss.Border
}

// Glyphs are the signs that have an ASCII twin, each one cell wide.
type Glyphs struct {
	Open, Folded, Leaf    string // before a tree row
	Stale, Good, Bad      string // marks
	Arrow, Ellipsis       string // old → new; cut text
	GaugeFull, GaugeEmpty string
	Bullet, Separator     string
	Mask                  string
	Cursor                string // before the selected row of a list
	Up, Down              string // more above, more below
	Added                 string // marks of a difference
	Removed, Modified     string
}

// Changed tells every pane and overlay that the styles are others now.
type Changed struct{ Styles *Styles }
