package model

// Visible is text that a terminal shows as it is read: no control, bidi, invisible or deceptive character is left in it. Only Show and ShowLines make one,
// so a pane that takes a Visible cannot be attacked by data.
type Visible struct{ text string }

// Show makes any text safe on one line: TAB is →, LF is ⏎, everything else a terminal or an eye could be misled by becomes a visible mark.
func Show(text string) Visible { panic("unwritten") }

// ShowLines is Show for several lines: LF parts them; CRLF counts as one mark and one line end.
func ShowLines(text string) []Visible { panic("unwritten") }

// String is the safe text.
func (v Visible) String() string { return v.text }

// Width is the number of terminal cells, by grapheme cluster.
func (v Visible) Width() int { panic("unwritten") }

// Clip cuts to at most width cells, ending in … when something was cut; never inside a cluster.
func (v Visible) Clip(width int) Visible { panic("unwritten") }

// Pad clips to width and fills with spaces to exactly width cells.
func (v Visible) Pad(width int) Visible { panic("unwritten") }

// Wrap breaks into lines of at most width cells, at spaces where it can.
func (v Visible) Wrap(width int) []Visible { panic("unwritten") }

// Mask hides personal data for screen sharing: each cluster but the first becomes •, at a fixed length so that the length tells nothing.
func (v Visible) Mask() Visible { panic("unwritten") }
