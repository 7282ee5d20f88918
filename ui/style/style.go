package style

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// Styles holds every style and glyph of the screen. It is built once per theme change, shared by pointer and read-only.
type Styles struct {
	Name string // of the theme
	Dark bool

	// Background and Foreground are the screen's; nil without colour: the terminal's stay.
	Background, Foreground color.Color

	Text, Muted, Faint, Strong             lipgloss.Style // plain text, labels, hints, emphasis
	Border, BorderFocused                  lipgloss.Style
	Title, TitleFocused                    lipgloss.Style
	Selected, SelectedBlurred              lipgloss.Style // the row under the cursor, in a pane with and without focus
	Badge, BadgeGood, BadgeWarn, BadgeBad  lipgloss.Style // filled labels: account, service, state
	Good, Warn, Bad, Info                  lipgloss.Style // states
	Added, Removed, Modified               lipgloss.Style // differences
	Match                                  lipgloss.Style // a search match
	Key, KeyHint                           lipgloss.Style // keys in the footer and what they do
	FieldName, FieldType, Index            lipgloss.Style // the tree
	StringValue, NumberValue, DateValue    lipgloss.Style
	BoolValue, IDValue, NullValue, Nesting lipgloss.Style
	GaugeFull, GaugeEmpty                  lipgloss.Style
	Input, InputError, Prompt              lipgloss.Style

	Glyphs Glyphs
	Frame  lipgloss.Border
	// FrameFocused differs from Frame in shape when there is no colour.
	FrameFocused lipgloss.Border
}

// Glyphs are the signs that have an ASCII replacement, each one cell wide.
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
	Draft                 string // mark of a field with an unsaved change
}

// Changed tells every pane and overlay that the styles changed.
type Changed struct{ Styles *Styles }
