package model

import (
	"bytes"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// matcher finds the text of a query. It keeps buffers, and is not safe for concurrent use.
type matcher struct {
	needle  []byte // in lower case, unless case counts
	anyCase bool
	pattern *regexp.Regexp // nil: the needle is searched
	numbers bool           // the needle can be in a number
	dates   bool           // in a date
	ids     bool           // in an ObjectId
	lowered []byte         // a part of a text in lower case
	text    []byte         // a value
	stop    func() bool
}

// The characters of the text of some kinds, in lower case.
const (
	numberCharacters = "+-.0123456789aefintny"
	dateCharacters   = "-.0123456789:tz"
	idCharacters     = "0123456789abcdef"
)

func newMatcher(q Query, stop func() bool) (matcher, error) {
	m := matcher{anyCase: !hasUpper(q), stop: stop}
	if q.Regexp {
		pattern, err := q.Pattern()
		m.pattern, m.numbers, m.dates, m.ids = pattern, true, true, true
		return m, err
	}
	m.needle = []byte(q.Text)
	lower := bytes.ToLower(m.needle)
	if m.anyCase {
		m.needle = lower
	}
	consistsOf := func(characters string) bool { return bytes.Trim(lower, characters) == nil }
	m.numbers, m.dates, m.ids = consistsOf(numberCharacters), consistsOf(dateCharacters), consistsOf(idCharacters)
	return m, nil
}

// Pattern returns a regular expression that finds what the query does in a text.
func (q Query) Pattern() (*regexp.Regexp, error) {
	text := q.Text
	if !q.Regexp {
		text = regexp.QuoteMeta(text)
	}
	if !hasUpper(q) {
		text = "(?i)" + text
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, InvalidInputf("", "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return pattern, nil
}

// classes are the character classes by name in a regular expression, such as \pL and \p{Greek}.
var classes = regexp.MustCompile(`\\[pP](\{\^?\w*\}?|\w)`)

// hasUpper reports whether the text of a query has an upper-case letter, in a regular expression not after a backslash
// or in the name of a class.
func hasUpper(q Query) bool {
	escaped, text := false, q.Text
	if q.Regexp {
		text = classes.ReplaceAllString(text, "")
	}
	for _, r := range text {
		if unicode.IsUpper(r) && !escaped {
			return true
		}
		escaped = q.Regexp && r == '\\' && !escaped
	}
	return false
}

// matchesValue reports whether the text of a scalar value matches. Text is not made of values that cannot match.
func (m *matcher) matchesValue(v bson.RawValue) bool {
	if !wellFormed(v) {
		return m.matchesText([]byte(Text(v)))
	}
	switch v.Type {
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		text, _ := textBytes(v)
		return m.matchesText(text)
	case bson.TypeInt32:
		m.text = strconv.AppendInt(m.text[:0], int64(v.Int32()), 10)
		return m.numbers && m.matchesText(m.text)
	case bson.TypeInt64:
		m.text = strconv.AppendInt(m.text[:0], v.Int64(), 10)
		return m.numbers && m.matchesText(m.text)
	case bson.TypeDouble:
		return m.numbers && m.matchesText(m.appendDouble(v.Double()))
	case bson.TypeDateTime:
		return m.dates && m.matchesText(m.appendDate(v.DateTime()))
	case bson.TypeBoolean:
		m.text = strconv.AppendBool(m.text[:0], v.Boolean())
		return m.matchesText(m.text)
	case bson.TypeObjectID:
		if !m.ids {
			return false
		}
		const digits = "0123456789abcdef"
		m.text = m.text[:0]
		for _, c := range v.Value {
			m.text = append(m.text, digits[c>>4], digits[c&15])
		}
		return m.matchesText(m.text)
	}
	return m.matchesText([]byte(Text(v)))
}

// appendDouble returns doubleText(f) in the buffer.
func (m *matcher) appendDouble(f float64) []byte {
	if a := math.Abs(f); f != 0 && (a < 1e-6 || a >= 1e21) || math.IsNaN(f) {
		return []byte(doubleText(f))
	}
	m.text = strconv.AppendFloat(m.text[:0], f, 'f', -1, 64)
	if bytes.IndexByte(m.text, '.') < 0 {
		m.text = append(m.text, ".0"...)
	}
	return m.text
}

// appendDate returns dateText(ms) in the buffer.
func (m *matcher) appendDate(ms int64) []byte {
	if ms < firstDate || ms > lastDate {
		m.text = strconv.AppendInt(m.text[:0], ms, 10)
		return m.text
	}
	m.text = time.UnixMilli(ms).UTC().AppendFormat(m.text[:0], dateLayout)
	return m.text
}

// pieceBytes is the length of the pieces in which long text is searched, so that no copy of it is needed.
const pieceBytes = 32 << 10

// matchesText reports whether a text matches.
func (m *matcher) matchesText(text []byte) bool {
	switch {
	case m.pattern != nil && len(text) > pieceBytes:
		return m.pattern.MatchReader(&runeReader{text: text, stop: m.stop})
	case m.pattern != nil:
		return m.pattern.Match(text)
	case !m.anyCase:
		return bytes.Contains(text, m.needle)
	}
	// A character of the needle takes at most four bytes in the text. A match at the end of a piece is found in the next.
	overlap := utf8.UTFMax * len(m.needle)
	for len(text) > pieceBytes+overlap {
		if m.pieceMatches(firstBytes(text, pieceBytes+overlap)) {
			return true
		}
		text = text[len(firstBytes(text, pieceBytes)):]
	}
	return m.pieceMatches(text)
}

func (m *matcher) pieceMatches(text []byte) bool {
	m.lowered = appendLower(m.lowered[:0], text)
	return bytes.Contains(m.lowered, m.needle)
}

// runeReader reads text until stop returns true.
type runeReader struct {
	text []byte
	read int
	n    int // characters read
	stop func() bool
}

// ReadRune returns the next character.
func (r *runeReader) ReadRune() (rune, int, error) {
	if r.read >= len(r.text) || r.stop != nil && r.n%pieceBytes == 0 && r.stop() {
		return 0, 0, io.EOF
	}
	r.n++
	c, size := utf8.DecodeRune(r.text[r.read:])
	r.read += size
	return c, size, nil
}

// appendLower appends text in lower case, as bytes.ToLower returns it.
func appendLower(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			dst = append(dst, lowerASCII(c))
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += size
	}
	return dst
}
