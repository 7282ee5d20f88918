package overlay

import (
	"image"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"dossier/ui/style"
)

// Composer draws boxes over the lines of a screen and dims everything beside the top one. It keeps the dimmed parts of
// the last frame: most lines below a dialog stay the same while the user types. The zero value is ready.
type Composer struct {
	base      string   // the screen without boxes
	plain     []string // its lines without styles
	dim       style.Style
	last, now map[covered]remains
}

// covered is a line without styles of which a box covers the cells between from and to.
type covered struct {
	line     string
	from, to int
}

// remains is what is visible beside the box, dimmed.
type remains struct{ left, right string }

// Begin begins a frame over a screen: it returns the lines of it without styles. Parts that the last frame did not use
// are forgotten.
func (c *Composer) Begin(screen string, dim style.Style) []string {
	if dim != c.dim || c.now == nil {
		*c = Composer{dim: dim, last: map[covered]remains{}, now: map[covered]remains{}}
	}
	c.last, c.now = c.now, c.last
	clear(c.now)
	if c.plain == nil || screen != c.base {
		c.base, c.plain = screen, strings.Split(ansi.Strip(screen), "\n")
	}
	return slices.Clone(c.plain)
}

// Below draws a box that is not the top one over the lines, its upper left corner at a cell; what lies outside is
// dropped.
func (c *Composer) Below(lines []string, box string, at image.Point) {
	for i, over := range strings.Split(ansi.Strip(box), "\n") {
		if y := at.Y + i; y >= 0 && y < len(lines) {
			left, right := beside(covered{lines[y], at.X, at.X + ansi.StringWidthWc(over)})
			lines[y] = left + over + right
		}
	}
}

// Top draws the top box over the lines and dims everything else.
func (c *Composer) Top(lines []string, box string, at image.Point) {
	for y, line := range lines {
		var over string
		if y >= at.Y {
			over, box, _ = strings.Cut(box, "\n")
		}
		r := c.remains(covered{line, at.X, at.X + ansi.StringWidthWc(over)})
		lines[y] = r.left + over + r.right
	}
}

// remains returns what is visible beside a box, as drawn before if possible. A box without a width covers nothing.
func (c *Composer) remains(l covered) remains {
	r, known := c.last[l]
	if !known {
		left, right := l.line, ""
		if l.from < l.to {
			left, right = beside(l)
		}
		r = remains{c.dim.Render(left), c.dim.Render(right)}
	}
	c.now[l] = r
	return r
}

// beside returns the parts of a line beside a box. A wide character or a word that the box cuts becomes spaces.
func beside(l covered) (left, right string) {
	left = ansi.TruncateWc(l.line, l.from, "")
	right = dropLeft(l.line, l.to)
	if width := ansi.StringWidthWc(left); width < l.from {
		left += strings.Repeat(" ", l.from-width)
	} else if first, _ := utf8.DecodeRuneInString(l.line[len(left):]); isWord(first) {
		left = blankEnd(left)
	}
	if before, _ := utf8.DecodeLastRuneInString(l.line[:len(l.line)-min(len(right), len(l.line))]); isWord(before) {
		right = blankStart(right)
	}
	return left, right
}

// isWord reports whether a character belongs to a word.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '…' }

// blankEnd replaces the word at the end of a text by spaces.
func blankEnd(text string) string {
	kept := strings.TrimRightFunc(text, isWord)
	return kept + strings.Repeat(" ", ansi.StringWidthWc(text[len(kept):]))
}

// blankStart replaces the word at the start of a text by spaces.
func blankStart(text string) string {
	kept := strings.TrimLeftFunc(text, isWord)
	return strings.Repeat(" ", ansi.StringWidthWc(text[:len(text)-len(kept)])) + kept
}

// dropLeft returns the part of a line from a cell on; the rest of a character that was cut becomes spaces.
func dropLeft(line string, cell int) string {
	remaining := max(0, ansi.StringWidthWc(line)-cell)
	right := ansi.TruncateLeftWc(line, cell, "")
	for ansi.StringWidthWc(right) > remaining {
		cell++
		right = ansi.TruncateLeftWc(line, cell, "")
	}
	return strings.Repeat(" ", max(0, remaining-ansi.StringWidthWc(right))) + right
}
