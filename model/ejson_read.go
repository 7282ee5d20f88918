package model

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// reader converts JSON text to BSON bytes in one pass. It keeps the order of keys and tracks the position for error
// messages.
type reader struct {
	text    string
	pos     int      // offset of the next byte
	path    []string // keys of the value being read
	lenient bool     // accept duplicate keys and invalid wrappers, see ReadJSON
	plain   bool     // do not know the wrappers of dossier

	recordsNumbers bool     // fill literals
	literals       []string // how each number of the result is written, in document order; empty: with a wrapper
}

func readJSON(text string, lenient bool) (bson.RawValue, error) {
	return (&reader{text: text, lenient: lenient, plain: lenient}).read()
}

// read reads the whole text.
func (r *reader) read() (bson.RawValue, error) {
	r.skipSpace()
	if r.pos == len(r.text) {
		return bson.RawValue{}, r.syntaxError("expected a value, got empty text")
	}
	t, data, err := r.value(nil)
	if err != nil {
		return bson.RawValue{}, err
	}
	r.skipSpace()
	if r.pos < len(r.text) {
		return bson.RawValue{}, r.syntaxError("unexpected text after the end of the value")
	}
	return bson.RawValue{Type: t, Value: data}, nil
}

// syntaxError returns a fault at the reader's position in the text.
func (r *reader) syntaxError(format string, args ...any) error {
	before := r.text[:r.pos]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	f := InvalidInputf(fmt.Sprintf("line %d, column %d", line, column), format, args...)
	f.Line, f.Column = line, column
	return f
}

// valueError returns a fault about the value, beginning at offset start, of the field that is being read.
// At the top level it names the column, below it the field.
func (r *reader) valueError(start int, format string, args ...any) error {
	if len(r.path) == 0 {
		r.pos = start
		return r.syntaxError(format, args...)
	}
	line := 1 + strings.Count(r.text[:start], "\n")
	f := InvalidInputf(fmt.Sprintf("line %d, field %s", line, Path(r.path)), format, args...)
	f.Line = line
	return f
}

func (r *reader) skipSpace() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek skips white space and returns the next byte; 0 at the end of the text.
func (r *reader) peek() byte {
	r.skipSpace()
	if r.pos == len(r.text) {
		return 0
	}
	return r.text[r.pos]
}

// value reads one value and appends its bytes to dst.
func (r *reader) value(dst []byte) (bson.Type, []byte, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object(dst)
	case c == '[':
		return r.array(dst)
	case c == '"':
		s, err := r.quotedString()
		return bson.TypeString, appendString(dst, s), err
	case c == '-' || c >= '0' && c <= '9':
		return r.number(dst)
	case c == 0 && r.pos == len(r.text):
		return 0, nil, r.syntaxError("unexpected end of text, expected a value")
	}
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[r.pos:], word) {
			r.pos += len(word)
			switch word {
			case "null":
				return bson.TypeNull, dst, nil
			case "true":
				return bson.TypeBoolean, append(dst, 1), nil
			}
			return bson.TypeBoolean, append(dst, 0), nil
		}
	}
	return 0, nil, r.syntaxError("expected a value; write text in double quotes")
}

func appendString(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)+1))
	return append(append(dst, s...), 0)
}

func (r *reader) pushKey(key string) error {
	if len(r.path) >= maxDepth {
		return r.syntaxError("nested more than %d levels deep", maxDepth)
	}
	r.path = append(r.path, key)
	return nil
}

func (r *reader) popKey() { r.path = r.path[:len(r.path)-1] }

func (r *reader) array(dst []byte) (bson.Type, []byte, error) {
	r.pos++
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	if r.peek() == ']' {
		r.pos++
		return bson.TypeArray, closeDocument(dst, start), nil
	}
	for i := 0; ; i++ {
		key := strconv.Itoa(i)
		var err error
		if dst, err = r.member(dst, key); err != nil {
			return 0, nil, err
		}
		switch r.peek() {
		case ',':
			r.pos++
			if r.peek() == ']' {
				return 0, nil, r.syntaxError("unexpected comma before the end of the array")
			}
		case ']':
			r.pos++
			return bson.TypeArray, closeDocument(dst, start), nil
		default:
			return 0, nil, r.syntaxError("expected a comma or ]")
		}
	}
}

// member reads the value of a key and appends key and value to dst as a BSON element.
func (r *reader) member(dst []byte, key string) ([]byte, error) {
	if err := r.pushKey(key); err != nil {
		return nil, err
	}
	typeOffset := len(dst)
	dst = append(append(append(dst, 0), key...), 0)
	t, dst, err := r.value(dst)
	if err != nil {
		return nil, err
	}
	dst[typeOffset] = byte(t)
	r.popKey()
	return dst, nil
}

func closeDocument(dst []byte, start int) []byte {
	dst = append(dst, 0)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}

func (r *reader) object(dst []byte) (bson.Type, []byte, error) {
	objectPos, start, numbers := r.pos, len(dst), len(r.literals)
	dst = append(dst, 0, 0, 0, 0)
	keys := keySet{}
	r.pos++
	for first := true; ; first = false {
		if c := r.peek(); c == '}' && first {
			break
		} else if c != '"' {
			return 0, nil, r.syntaxError("expected a key in double quotes")
		}
		keyPos := r.pos
		key, err := r.quotedString()
		if err != nil {
			return 0, nil, err
		}
		if strings.ContainsRune(key, 0) {
			r.pos = keyPos
			return 0, nil, r.syntaxError("a key cannot contain the character NUL")
		}
		if !keys.add(key) && !r.lenient {
			r.path = append(r.path, key)
			return 0, nil, r.valueError(keyPos, "duplicate key")
		}
		if r.peek() != ':' {
			return 0, nil, r.syntaxError("expected a colon after the key")
		}
		r.pos++
		if dst, err = r.member(dst, key); err != nil {
			return 0, nil, err
		}
		if r.peek() == '}' {
			break
		}
		if r.peek() != ',' {
			return 0, nil, r.syntaxError("expected a comma or }")
		}
		r.pos++
		if r.peek() == '}' {
			return 0, nil, r.syntaxError("unexpected comma before the end of the object")
		}
	}
	r.pos++
	dst = closeDocument(dst, start)
	if !isOwnWrapper(keys.first) || r.plain && !isWrapper(keys.first) {
		return bson.TypeEmbeddedDocument, dst, nil
	}
	v, err := unwrap(keys.first, dst[start:])
	if err != nil && !r.lenient {
		return 0, nil, r.valueError(objectPos, "%s", err)
	} else if err != nil {
		return bson.TypeEmbeddedDocument, dst, nil
	}
	if r.recordsNumbers && keys.first[0] != fieldsKey { // the numbers of a field list stay as they are written
		r.literals = append(r.literals[:numbers], make([]string, countNumbers(v))...)
	}
	return v.Type, append(dst[:start], v.Value...), nil
}

// keySet detects duplicate keys. It allocates a map only for more than eight keys.
type keySet struct {
	first []string            // the first eight keys, in order
	rest  map[string]struct{} // all keys, once there are more than eight
}

func (s *keySet) add(key string) bool {
	if len(s.first) < 8 && s.rest == nil {
		known := slices.Contains(s.first, key)
		s.first = append(s.first, key)
		return !known
	}
	if s.rest == nil {
		s.rest = make(map[string]struct{}, 64)
		for _, k := range s.first {
			s.rest[k] = struct{}{}
		}
	}
	_, known := s.rest[key]
	s.rest[key] = struct{}{}
	return !known
}

// number reads a bare number: an int when it is whole and fits, else a long; a double when it has a fraction or an
// exponent.
func (r *reader) number(dst []byte) (bson.Type, []byte, error) {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte("+-.eE0123456789", r.text[r.pos]) >= 0 {
		r.pos++
	}
	text := r.text[start:r.pos]
	if !jsonNumber(text) {
		r.pos = start
		return 0, nil, r.syntaxError("%q is not a valid JSON number", text)
	}
	if r.recordsNumbers {
		r.literals = append(r.literals, text)
	}
	if !strings.ContainsAny(text, ".eE") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, nil, r.valueError(start, `%s does not fit a long; write {"$numberDecimal":"%s"} or {"$numberDouble":"%s"}`,
				text, text, text)
		}
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return bson.TypeInt32, binary.LittleEndian.AppendUint32(dst, uint32(n)), nil
		}
		return bson.TypeInt64, binary.LittleEndian.AppendUint64(dst, uint64(n)), nil
	}
	f, err := parseDouble(text)
	if err != nil {
		return 0, nil, r.valueError(start, `%s does not fit a double; write {"$numberDecimal":"%s"}`, text, text)
	}
	return bson.TypeDouble, binary.LittleEndian.AppendUint64(dst, math.Float64bits(f)), nil
}

// jsonNumber reports whether the text matches JSON's grammar of numbers: no plus sign, no leading zeros, digits around
// the point.
func jsonNumber(text string) bool {
	whole := strings.TrimPrefix(text, "-")
	if len(whole) > 1 && whole[0] == '0' && whole[1] >= '0' && whole[1] <= '9' {
		return false
	}
	if whole == "" || whole[0] < '0' || whole[0] > '9' || !isDecimal(text) {
		return false
	}
	_, fraction, ok := strings.Cut(whole, ".")
	return !ok || fraction != "" && fraction[0] >= '0' && fraction[0] <= '9'
}

// quotedString reads a string in double quotes.
func (r *reader) quotedString() (string, error) {
	quotePos := r.pos
	r.pos++
	start := r.pos
	for r.pos < len(r.text) && r.text[r.pos] >= ' ' && r.text[r.pos] < utf8.RuneSelf && r.text[r.pos] != '"' &&
		r.text[r.pos] != '\\' {
		r.pos++
	}
	if r.pos < len(r.text) && r.text[r.pos] == '"' { // the common case: no escapes
		r.pos++
		return r.text[start : r.pos-1], nil
	}
	out := []byte(r.text[start:r.pos])
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			r.pos++
			return string(out), nil
		case c == '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, char)
		case c < ' ':
			return "", r.syntaxError("unexpected control character in the text; write it as \\u%04x, a line feed as \\n", c)
		default:
			char, size := utf8.DecodeRuneInString(r.text[r.pos:])
			if char == utf8.RuneError && size == 1 && !r.lenient {
				return "", r.syntaxError("the text is not valid UTF-8")
			}
			out = utf8.AppendRune(out, char)
			r.pos += size
		}
	}
	r.pos = quotePos
	return "", r.syntaxError("missing closing quote of the text that starts here")
}

// escape reads one escape sequence, or the two of a surrogate pair, and returns the character.
func (r *reader) escape() (rune, error) {
	if r.pos+1 >= len(r.text) {
		return 0, r.syntaxError("unexpected end of text in an escape sequence")
	}
	if i := strings.IndexByte(`"\/bfnrt`, r.text[r.pos+1]); i >= 0 {
		r.pos += 2
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	char, ok := r.unicodeEscape()
	if !ok {
		return 0, r.syntaxError(`invalid escape sequence; write a backslash as \\`)
	}
	if !utf16.IsSurrogate(char) {
		r.pos += 6
		return char, nil
	}
	first := r.pos
	r.pos += 6
	second, ok := r.unicodeEscape()
	if pair := utf16.DecodeRune(char, second); ok && pair != utf8.RuneError {
		r.pos += 6
		return pair, nil
	}
	r.pos = first
	return 0, r.syntaxError("incomplete surrogate pair")
}

// unicodeEscape returns the UTF-16 code unit of \uXXXX at the current position, which it does not change.
func (r *reader) unicodeEscape() (rune, bool) {
	rest := r.text[r.pos:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(rest[2:6], 16, 16)
	return rune(n), err == nil
}
