package overlay

import (
	"image"
	"slices"
	"strings"
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

// beside returns the parts of a line beside a box, and a blank next to it. A wide character or a text in a column, such
// as a value, that the box cuts becomes spaces: its remains would look like another text.
func beside(l covered) (left, right string) {
	from, to := max(0, l.from-1), l.to+1
	left = ansi.TruncateWc(l.line, from, "")
	right = dropLeft(l.line, to)
	over := strings.TrimSuffix(l.line[min(len(left), len(l.line)):], right)
	if width := ansi.StringWidthWc(left); width < from {
		left += spaces(from - width) // the line is shorter, or a wide character is cut
	}
	if cutsText(left, over) {
		kept := left[:startOfText(left)]
		left = kept + spaces(from-ansi.StringWidthWc(kept))
	}
	if cutsText(over, right) {
		cut := endOfText(right)
		right = spaces(ansi.StringWidthWc(right[:cut])) + right[cut:]
	}
	if right != "" || ansi.StringWidthWc(l.line) > l.to {
		right = " " + right
	}
	return left + spaces(l.from-from), right
}

// textGap separates two texts of a line; a line of a frame does so, too.
const textGap = "  "

// cutsText reports whether a text continues over the boundary of two parts of a line.
func cutsText(before, after string) bool {
	end, start := strings.TrimRight(before, " "), strings.TrimLeft(after, " ")
	if end == "" || start == "" || len(before)-len(end)+len(after)-len(start) >= len(textGap) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(end)
	first, _ := utf8.DecodeRuneInString(start)
	return !isLine(last) && !isLine(first)
}

// isLine reports whether a character draws a frame.
func isLine(r rune) bool { return r >= '─' && r <= '╿' || r == '|' || r == '━' }

// startOfText returns where the last text of a line begins.
func startOfText(line string) int {
	start := strings.LastIndex(line, textGap) + len(textGap)
	if start < len(textGap) {
		start = 0
	}
	if i := strings.LastIndexFunc(line, isLine); i >= start {
		_, size := utf8.DecodeRuneInString(line[i:])
		start = i + size
	}
	return start
}

// endOfText returns where the first text of a line ends.
func endOfText(line string) int {
	end := strings.Index(line, textGap)
	if end < 0 {
		end = len(line)
	}
	if i := strings.IndexFunc(line[:end], isLine); i >= 0 {
		end = i
	}
	return end
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

// dropLeft returns the part of a line from a cell on; the rest of a character that was cut becomes spaces.
func dropLeft(line string, cell int) string {
	remaining := max(0, ansi.StringWidthWc(line)-cell)
	right := ansi.TruncateLeftWc(line, cell, "")
	for ansi.StringWidthWc(right) > remaining {
		cell++
		right = ansi.TruncateLeftWc(line, cell, "")
	}
	return spaces(remaining-ansi.StringWidthWc(right)) + right
}
