package model

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Visible is sanitized text that is safe to draw on a terminal: it contains no control, bidi, invisible or deceptive
// characters. Only Show, ShowLines and Clip create one from raw text, so data cannot attack a pane that draws only
// Visible. A replaced character appears as a mark between ⟨ and ⟩. Data cannot forge a mark, because a ⟨ in the data
// becomes a mark too.
type Visible struct{ text string }

// The brackets of a mark.
const (
	markOpen  = "⟨"
	markClose = "⟩"
	openRune  = '⟨'
)

// Limits for one grapheme cluster. Real text stays far below them, and terminals do not draw more of a cluster legibly.
const (
	maxMarks    = 8 // combining marks
	maxJoined   = 8 // other joined characters, such as the consonants of an Indic conjunct
	maxJamo     = 2 // Hangul letters after the first of a syllable
	maxPictures = 4 // pictographs joined into one emoji; a family has four
)

const (
	zwj        = '\u200d'
	emojiStyle = '\ufe0f' // VS16
	keycap     = '\u20e3'
	circle     = '◌' // the base of a combining mark that has no other
)

// Show sanitizes any text for one line: TAB becomes →, LF becomes ⏎, and any other character that could mislead a
// terminal or a reader becomes a mark. Terminals disagree about the width of joined emoji and of some letters; these
// are written in parts, so that no row is longer or shorter than it was measured.
func Show(text string) Visible {
	if plainASCII(text) {
		return Visible{text}
	}
	s := sanitizer{}
	s.out.Grow(len(text))
	s.writeText(text)
	return Visible{s.out.String()}
}

// ShowLines is Show for several lines. LF ends a line; of CRLF the CR becomes a mark at the end of the line.
func ShowLines(text string) []Visible {
	var lines []Visible
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, Show(line))
	}
	return lines
}

// Clean sanitizes text for a clipboard: like Show, but LF stays, and joined emoji stay whole.
func Clean(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		if plainASCII(line) {
			b.WriteString(line)
			continue
		}
		s := sanitizer{whole: true}
		s.out.Grow(len(line))
		s.writeText(line)
		b.WriteString(s.out.String())
	}
	return b.String()
}

// Concat joins sanitized texts. Show on their strings would mark the marks again.
func Concat(parts ...Visible) Visible {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return Visible{b.String()}
}

// String returns the sanitized text.
func (v Visible) String() string { return v.text }

// StyleMarks returns the sanitized text with style applied to each mark, so that marks do not look like text.
func (v Visible) StyleMarks(style func(mark string) string) string {
	var b strings.Builder
	for rest := v.text; rest != ""; {
		before, after, found := strings.Cut(rest, markOpen)
		b.WriteString(before)
		if !found {
			break
		}
		inside, after, closed := strings.Cut(after, markClose)
		mark := markOpen + inside // Clip may have cut the closing bracket
		if closed {
			mark += markClose
		}
		b.WriteString(style(mark))
		rest = after
	}
	return b.String()
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// sanitizer builds sanitized text, one grapheme cluster at a time.
type sanitizer struct {
	out   strings.Builder
	base  bool // the last character written can be the base of a combining mark
	whole bool // clusters of ambiguous width are not written in parts
}

// writeText writes any text without line breaks.
func (s *sanitizer) writeText(text string) {
	for text != "" {
		if n := plainRun(text); n > 0 {
			s.out.WriteString(text[:n])
			s.base = true
			text = text[n:]
			continue
		}
		var c string
		c, text = nextCluster(text)
		s.writeCluster(c)
	}
}

// plainRun returns the number of bytes at the start of the text that are printable ASCII and clusters of their own: a
// character after the last one may join it.
func plainRun(text string) int {
	n := 0
	for n < len(text) && text[n] >= ' ' && text[n] <= '~' {
		n++
	}
	if n > 0 && n < len(text) && text[n] >= utf8.RuneSelf {
		n--
	}
	return n
}

// writeMark writes a mark in place of a character.
func (s *sanitizer) writeMark(form string) {
	s.out.WriteString(markOpen)
	s.out.WriteString(form)
	s.out.WriteString(markClose)
	s.base = false
}

// writeRune writes a character unchanged.
func (s *sanitizer) writeRune(r rune) {
	s.out.WriteRune(r)
	s.base = true
}

// clusterState counts what was written of one cluster.
type clusterState struct {
	prev     rune // the previous character, 0 after a mark
	picture  bool // the previous characters are an emoji, which ZWJ can join to another
	pictures int
	marks    int // combining marks, including those cut
	joined   int // other joined characters, including those cut
	cut      int // characters over a limit, not written
}

func (s *sanitizer) writeCluster(c string) {
	var st clusterState
	if first, _ := utf8.DecodeRuneInString(c); hangulLead(first) && !s.whole {
		c = norm.NFC.String(c) // letters of a modern syllable become the syllable
	}
	for i := 0; i < len(c); {
		r, size := utf8.DecodeRuneInString(c[i:])
		bad := c[i]
		i += size
		if r == utf8.RuneError && size == 1 {
			s.writeMark(fmt.Sprintf(`\x%02x`, bad))
			st.prev, st.picture = 0, false
			continue
		}
		next, _ := utf8.DecodeRuneInString(c[i:])
		s.sanitizeRune(&st, r, next)
	}
	if st.cut > 0 {
		s.writeMark(fmt.Sprintf("+%d", st.cut))
	}
}

// sanitizeRune writes one character of a cluster, or a mark in its place.
func (s *sanitizer) sanitizeRune(st *clusterState, r, next rune) {
	switch {
	case r == '\t':
		s.out.WriteRune('→')
		s.base = false
	case r == '\n':
		s.out.WriteRune('⏎')
		s.base = false
	case !s.whole && s.writePart(st, r, next):
	case r == zwj && s.whole && st.picture && st.pictures < maxPictures && pictographic(next):
		s.writeRune(r)
		st.prev, st.picture = r, false
	case r == emojiStyle && (pictographic(st.prev) || keycapBase(st.prev) && next == keycap):
		s.writeRune(r)
		st.picture = pictographic(st.prev)
		st.prev = r
	case emojiModifier(r) && s.whole && pictographic(st.prev) && !emojiModifier(st.prev):
		s.writeRune(r)
		st.prev, st.picture = r, true
	case misleading(r) || emojiModifier(r):
		s.writeMark(markForm(r))
		st.prev, st.picture = 0, false
	case unicode.IsMark(r):
		s.writeCombining(st, r)
	case st.prev == 0 || st.prev == zwj:
		s.writeRune(r)
		if st.picture = r >= utf8.RuneSelf && pictographic(r); st.picture {
			st.pictures++
		}
		st.prev = r
	default:
		st.joined++
		if st.joined > maxJoined || hangulLetter(r) && st.joined > maxJamo {
			st.cut++
			return
		}
		s.writeRune(r)
		st.prev, st.picture = r, false
	}
}

// writePart writes a character of a cluster whose width depends on the terminal so that it does not; false: the
// character is none.
func (s *sanitizer) writePart(st *clusterState, r, next rune) bool {
	switch {
	case r == emojiStyle && (pictographic(st.prev) || keycapBase(st.prev) && next == keycap):
		st.prev = r // without it the same picture in its text style, which has the width of its character
	case r == thaiSaraAM || r == laoAM: // a sign above and a letter, in one character
		s.writeCombining(st, r+0x1a)
		s.writeRune(r - 1)
		st.prev = r
	case hangulLead(r) && st.prev != 0, hangulTail(r), flagLetter(r) && st.prev == 0 && !flagLetter(next):
		s.writeMark(markForm(r))
		st.prev = 0
	default:
		return false
	}
	return true
}

// writeCombining writes a combining mark, on a circle when it has no base, and cuts those over the limit.
func (s *sanitizer) writeCombining(st *clusterState, r rune) {
	st.marks++
	if st.marks > maxMarks {
		st.cut++
		return
	}
	if !s.base {
		s.out.WriteRune(circle)
	}
	s.writeRune(r)
	st.prev, st.picture = r, false
}

// markForm returns the text of the mark for a misleading character.
func markForm(r rune) string {
	switch {
	case r < ' ' || r == 0x7f:
		return "^" + string(r^0x40)
	case r >= 0x80 && r <= 0x9f:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// misleading reports whether a character must not reach a terminal: controls, bidi controls, invisible and blank
// letters, variation selectors, line separators, private use and unassigned characters, and noncharacters.
func misleading(r rune) bool {
	return r == openRune || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(invisible, r) || unicode.Is(prepending, r)
}

// prepending lists archaic letters that join the next character into their cluster, even a pane's border
// (Grapheme_Cluster_Break=Prepend).
var prepending = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1}, {Lo: 0x113d1, Hi: 0x113d1, Stride: 1}, {Lo: 0x1193f, Hi: 0x11941, Stride: 2},
		{Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1}, {Lo: 0x11d46, Hi: 0x11d46, Stride: 1}, {Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// invisible lists letters and marks that draw nothing. Format characters (bidi controls, zero-width characters, tags)
// are not listed, because unicode.IsGraphic excludes them.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian variation selectors and vowel separator
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // halfwidth Hangul filler
	},
	R32: []unicode.Range32{{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}}, // more variation selectors
}

func keycapBase(r rune) bool { return r >= '0' && r <= '9' || r == '#' || r == '*' }

// emojiModifier reports whether a character is a skin tone modifier.
func emojiModifier(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// flagLetter reports whether a character is a regional indicator: two of them are a flag.
func flagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// Characters that are a sign above the previous letter and a letter after it. The decomposition of each is the sign,
// 0x1a above it, and the letter before it in Unicode.
const (
	thaiSaraAM = '\u0e33'
	laoAM      = '\u0eb3'
)

// hangulLead reports whether a character starts a Hangul syllable: two cells, also inside a cluster.
func hangulLead(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0xa960 && r <= 0xa97f || r >= 0xac00 && r <= 0xd7a3
}

// hangulTail reports whether a character is a Hangul vowel or final, which has a cell of its own in some terminals
// only.
func hangulTail(r rune) bool { return r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7ff }

// hangulLetter reports whether a character is a Hangul letter that joins into a syllable.
func hangulLetter(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97f || r >= 0xd7b0 && r <= 0xd7ff
}
