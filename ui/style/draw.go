package style

import (
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// attributes are the properties of a style besides its colours.
type attributes uint8

const (
	bold attributes = 1 << iota
	faint
	underline
	reverse
)

// Style draws text on one line. The zero value draws plain text. Unlike a lipgloss style it keeps grapheme clusters
// whole under a line, and drawing is a concatenation: a frame has hundreds of segments.
type Style struct {
	foreground, background string // parameters of the escape sequence; empty: none
	attributes             attributes
	before                 string // the escape sequence before the text; empty: plain text
}

// newStyle returns the style with these properties; nil colours are the terminal's.
func newStyle(foreground, background color.Color, a attributes) Style {
	s := Style{attributes: a}
	if foreground != nil {
		s.foreground = parameters(ansi.Style{}.ForegroundColor(foreground))
	}
	if background != nil {
		s.background = parameters(ansi.Style{}.BackgroundColor(background))
	}
	return s.withSequence()
}

// parameters returns the parameters of an escape sequence of styles.
func parameters(s ansi.Style) string {
	return strings.TrimSuffix(strings.TrimPrefix(s.String(), "\x1b["), "m")
}

// withSequence returns the style with the escape sequence of its properties.
func (s Style) withSequence() Style {
	var b strings.Builder
	add := func(parameters string) {
		if parameters == "" {
			return
		}
		if b.Len() == 0 {
			b.Grow(48)
			b.WriteString("\x1b[")
		} else {
			b.WriteByte(';')
		}
		b.WriteString(parameters)
	}
	for i, parameter := range [...]string{"1", "2", "4", "7"} {
		if s.attributes&(1<<i) != 0 {
			add(parameter)
		}
	}
	add(s.foreground)
	add(s.background)
	if s.before = ""; b.Len() > 0 {
		s.before = b.String() + "m"
	}
	return s
}

// Render returns the text in the style.
func (s Style) Render(text string) string {
	if text == "" || s.before == "" {
		return text
	}
	return s.before + text + ansi.ResetStyle
}

// Write appends the text in the style to a builder.
func (s Style) Write(b *strings.Builder, text string) {
	if text == "" || s.before == "" {
		b.WriteString(text)
		return
	}
	b.WriteString(s.before)
	b.WriteString(text)
	b.WriteString(ansi.ResetStyle)
}

// WritePadded appends the text in the style to a builder, and blanks after it.
func (s Style) WritePadded(b *strings.Builder, text string, blanks int) {
	b.WriteString(s.before)
	b.WriteString(text)
	for range blanks {
		b.WriteByte(' ')
	}
	if s.before != "" {
		b.WriteString(ansi.ResetStyle)
	}
}

// Bold returns the style with bold text.
func (s Style) Bold() Style { s.attributes |= bold; return s.withSequence() }

// ForBlanks returns the style for blanks beside text in the style: the text's if no attribute shows on a blank, else
// another. A blank in the colour of its neighbour saves the terminal a change of colours.
func (s Style) ForBlanks(other Style) Style {
	if s.attributes != 0 {
		return other
	}
	return s
}

// OnRow returns the style of a segment inside a row drawn in the row style, such as Selected:
// the segment's own colours win, the rest (background, reverse, underline) is the row's.
func OnRow(row, segment Style) Style {
	if segment.foreground == "" {
		segment.foreground = row.foreground
	}
	if segment.background == "" {
		segment.background = row.background
	}
	segment.attributes |= row.attributes
	return segment.withSequence()
}
