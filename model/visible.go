package model

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible is text that a terminal shows as it is read: no control, bidi, invisible or deceptive character is left in it. Only Show and ShowLines make one,
// so a pane that takes a Visible cannot be attacked by data. What they replace stands between ⟨ and ⟩, which data cannot produce: a ⟨ in the data is marked itself.
type Visible struct{ text string }

// The marks' brackets.
const (
	markOpen  = "⟨"
	markClose = "⟩"
	openRune  = '⟨'
)

// What a cluster may carry: real text stays far below, and a terminal draws no more of it than a smear.
const (
	maxMarks    = 8 // combining marks
	maxJoined   = 8 // other characters that join the first one, such as the consonants of an Indic conjunct
	maxJamo     = 2 // Hangul letters after the first one of a syllable
	maxPictures = 4 // pictures in one emoji; a family has four
)

const (
	zwj        = '\u200d'
	emojiStyle = '\ufe0f' // VS16
	keycap     = '\u20e3'
	circle     = '◌' // what a mark sits on that has nothing else to sit on
)

// Show makes any text safe on one line: TAB is →, LF is ⏎, everything else a terminal or an eye could be misled by becomes a visible mark.
func Show(text string) Visible {
	if plainASCII(text) {
		return Visible{text}
	}
	s := shower{}
	s.out.Grow(len(text))
	for len(text) > 0 {
		var c string
		c, text = nextCluster(text)
		s.cluster(c)
	}
	return Visible{s.out.String()}
}

// ShowLines is Show for several lines: LF parts them; CRLF counts as one mark and one line end.
func ShowLines(text string) []Visible {
	var lines []Visible
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, Show(line))
	}
	return lines
}

// String is the safe text.
func (v Visible) String() string { return v.text }

// StyleMarks is the safe text with each mark given to a style, so that what stands for something unseen does not look like text.
func (v Visible) StyleMarks(style func(mark string) string) string {
	var b strings.Builder
	for rest := v.text; rest != ""; {
		before, after, found := strings.Cut(rest, markOpen)
		b.WriteString(before)
		if !found {
			break
		}
		inside, after, closed := strings.Cut(after, markClose)
		mark := markOpen + inside // clipped inside the mark
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

// shower writes safe text cluster by cluster.
type shower struct {
	out  strings.Builder
	base bool // the last thing written is text that a combining mark can sit on
}

// mark writes what stands for something unseen.
func (s *shower) mark(form string) {
	s.out.WriteString(markOpen)
	s.out.WriteString(form)
	s.out.WriteString(markClose)
	s.base = false
}

// put writes a character as it is.
func (s *shower) put(r rune) {
	s.out.WriteRune(r)
	s.base = true
}

// clusterState is what was written of one cluster.
type clusterState struct {
	prev     rune // the character before, 0 after a mark
	picture  bool // an emoji stands before, which ZWJ can join to another
	pictures int
	marks    int
	joined   int
	cut      int
}

func (s *shower) cluster(c string) {
	var st clusterState
	for i := 0; i < len(c); {
		r, size := utf8.DecodeRuneInString(c[i:])
		bad := c[i]
		i += size
		if r == utf8.RuneError && size == 1 {
			s.mark(fmt.Sprintf(`\x%02x`, bad))
			st.prev, st.picture = 0, false
			continue
		}
		next, _ := utf8.DecodeRuneInString(c[i:])
		s.rune(&st, r, next)
	}
	if st.cut > 0 {
		s.mark(fmt.Sprintf("+%d", st.cut))
	}
}

// rune writes one character of a cluster, or what stands for it.
func (s *shower) rune(st *clusterState, r, next rune) {
	switch {
	case r == '\t':
		s.out.WriteRune('→')
		s.base = false
	case r == '\n':
		s.out.WriteRune('⏎')
		s.base = false
	case r == zwj && st.picture && st.pictures < maxPictures && pictographic(next):
		s.put(r)
		st.prev, st.picture = r, false
	case r == emojiStyle && (pictographic(st.prev) || keycapBase(st.prev) && next == keycap):
		s.put(r)
		st.picture = pictographic(st.prev)
		st.prev = r
	case emojiModifier(r) && pictographic(st.prev) && !emojiModifier(st.prev):
		s.put(r)
		st.prev, st.picture = r, true
	case misleading(r) || emojiModifier(r):
		s.mark(form(r))
		st.prev, st.picture = 0, false
	case unicode.IsMark(r):
		s.combining(st, r)
	case st.prev == 0 || st.prev == zwj:
		s.put(r)
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
		s.put(r)
		st.prev, st.picture = r, false
	}
}

// combining writes a mark, on a circle when it has nothing to sit on, and counts those that are too many.
func (s *shower) combining(st *clusterState, r rune) {
	st.marks++
	if st.marks > maxMarks {
		st.cut++
		return
	}
	if !s.base {
		s.out.WriteRune(circle)
	}
	s.put(r)
	st.prev, st.picture = r, false
}

// form is how a misleading character is named.
func form(r rune) string {
	switch {
	case r < ' ' || r == 0x7f:
		return "^" + string(r^0x40)
	case r >= 0x80 && r <= 0x9f:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// misleading reports whether a character must not reach a terminal: controls, bidi controls, invisible and blank letters, variation selectors,
// line separators, and whatever is private, unassigned or no character.
func misleading(r rune) bool {
	return r == openRune || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(invisible, r) || unicode.Is(prepending, r)
}

// prepending lists archaic letters that join whatever follows into one cluster, even a pane's border (Grapheme_Cluster_Break=Prepend).
var prepending = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}},
	R32: []unicode.Range32{
		{Lo: 0x111c2, Hi: 0x111c3, Stride: 1}, {Lo: 0x113d1, Hi: 0x113d1, Stride: 1}, {Lo: 0x1193f, Hi: 0x11941, Stride: 2}, {Lo: 0x11a3a, Hi: 0x11a3a, Stride: 1},
		{Lo: 0x11a84, Hi: 0x11a89, Stride: 1}, {Lo: 0x11d46, Hi: 0x11d46, Stride: 1}, {Lo: 0x11f02, Hi: 0x11f02, Stride: 1},
	},
}

// invisible lists characters that count as letters or marks but show nothing. Format characters, among them the bidi controls, zero-width ones and tags, are not graphic anyway.
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

// emojiModifier reports whether a character is a skin tone.
func emojiModifier(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// hangulLetter reports whether a character is a letter that joins into a Hangul syllable.
func hangulLetter(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97f || r >= 0xd7b0 && r <= 0xd7ff
}
