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

	Text, Muted, Faint, Strong             Style // plain text, labels, hints, emphasis
	Dimmed                                 Style // everything below a dialog
	Border, BorderFocused                  Style
	Title, TitleFocused                    Style
	Selected, SelectedBlurred              Style // the row under the cursor, in a pane with and without focus
	Badge, BadgeGood, BadgeBad             Style // filled labels: account, masked, notices
	Good, Warn, Bad, Info                  Style // states
	Added, Removed, Modified               Style // differences
	NewValue, Draft                        Style // the value that the database has now, and that of the draft
	Match                                  Style // a search match
	Key, KeyHint                           Style // keys in the footer and what they do
	FieldName, FieldType, Index            Style // the tree
	StringValue, NumberValue, DateValue    Style
	BoolValue, IDValue, NullValue, Nesting Style
	GaugeFull, GaugeEmpty                  Style
	Input, InputError, Prompt              Style
	Verbatim                               Style // data as it is, such as the lines of a text

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
