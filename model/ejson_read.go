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

// reader turns JSON text into BSON bytes in one pass, keeping the order of keys and knowing where it is.
type reader struct {
	text    string
	at      int
	path    []string
	lenient bool
}

func readJSON(text string, lenient bool) (bson.RawValue, error) {
	r := &reader{text: text, lenient: lenient}
	r.space()
	if r.at == len(text) {
		return bson.RawValue{}, r.syntaxError("there is nothing here where a value is wanted")
	}
	t, data, err := r.value(nil)
	if err != nil {
		return bson.RawValue{}, err
	}
	r.space()
	if r.at < len(text) {
		return bson.RawValue{}, r.syntaxError("there is more text after the end of the value")
	}
	return bson.RawValue{Type: t, Value: data}, nil
}

// syntaxError returns a fault at the reader's position in the text.
func (r *reader) syntaxError(format string, args ...any) error {
	before := r.text[:r.at]
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
		r.at = start
		return r.syntaxError(format, args...)
	}
	line := 1 + strings.Count(r.text[:start], "\n")
	f := InvalidInputf(fmt.Sprintf("line %d, field %s", line, Path(r.path)), format, args...)
	f.Line = line
	return f
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// peek is the next byte after spaces, 0 at the end of the text.
func (r *reader) peek() byte {
	r.space()
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

// value reads one value and appends its bytes to dst.
func (r *reader) value(dst []byte) (bson.Type, []byte, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object(dst)
	case c == '[':
		return r.array(dst)
	case c == '"':
		s, err := r.quoted()
		return bson.TypeString, appendString(dst, s), err
	case c == '-' || c >= '0' && c <= '9':
		return r.number(dst)
	case c == 0 && r.at == len(r.text):
		return 0, nil, r.syntaxError("the text ends where a value is wanted")
	}
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			switch word {
			case "null":
				return bson.TypeNull, dst, nil
			case "true":
				return bson.TypeBoolean, append(dst, 1), nil
			}
			return bson.TypeBoolean, append(dst, 0), nil
		}
	}
	return 0, nil, r.syntaxError("no value begins like this; text stands in double quotes")
}

func appendString(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)+1))
	return append(append(dst, s...), 0)
}

func (r *reader) enter(key string) error {
	if len(r.path) >= maxDepth {
		return r.syntaxError("this is nested more than %d levels deep", maxDepth)
	}
	r.path = append(r.path, key)
	return nil
}

func (r *reader) leave() { r.path = r.path[:len(r.path)-1] }

func (r *reader) array(dst []byte) (bson.Type, []byte, error) {
	r.at++
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	if r.peek() == ']' {
		r.at++
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
			r.at++
			if r.peek() == ']' {
				return 0, nil, r.syntaxError("a comma stands before the end of the array")
			}
		case ']':
			r.at++
			return bson.TypeArray, closeDocument(dst, start), nil
		default:
			return 0, nil, r.syntaxError("a comma or ] is wanted")
		}
	}
}

// member reads the value of a key and appends both as an element.
func (r *reader) member(dst []byte, key string) ([]byte, error) {
	if err := r.enter(key); err != nil {
		return nil, err
	}
	typeAt := len(dst)
	dst = append(append(append(dst, 0), key...), 0)
	t, dst, err := r.value(dst)
	if err != nil {
		return nil, err
	}
	dst[typeAt] = byte(t)
	r.leave()
	return dst, nil
}

func closeDocument(dst []byte, start int) []byte {
	dst = append(dst, 0)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}

func (r *reader) object(dst []byte) (bson.Type, []byte, error) {
	opened, start := r.at, len(dst)
	dst = append(dst, 0, 0, 0, 0)
	keys := keySet{}
	r.at++
	for first := true; ; first = false {
		if c := r.peek(); c == '}' && first {
			break
		} else if c != '"' {
			return 0, nil, r.syntaxError("a key in double quotes is wanted")
		}
		keyAt := r.at
		key, err := r.quoted()
		if err != nil {
			return 0, nil, err
		}
		if strings.ContainsRune(key, 0) {
			r.at = keyAt
			return 0, nil, r.syntaxError("a key cannot hold the character NUL")
		}
		if !keys.add(key) && !r.lenient {
			r.path = append(r.path, key)
			return 0, nil, r.valueError(keyAt, "the key stands here a second time")
		}
		if r.peek() != ':' {
			return 0, nil, r.syntaxError("a colon is wanted after the key")
		}
		r.at++
		if dst, err = r.member(dst, key); err != nil {
			return 0, nil, err
		}
		if r.peek() == '}' {
			break
		}
		if r.peek() != ',' {
			return 0, nil, r.syntaxError("a comma or } is wanted")
		}
		r.at++
		if r.peek() == '}' {
			return 0, nil, r.syntaxError("a comma stands before the end of the object")
		}
	}
	r.at++
	dst = closeDocument(dst, start)
	if !isWrapper(keys.few) {
		return bson.TypeEmbeddedDocument, dst, nil
	}
	v, err := unwrap(keys.few, dst[start:])
	if err != nil && !r.lenient {
		return 0, nil, r.valueError(opened, "%s", err)
	} else if err != nil {
		return bson.TypeEmbeddedDocument, dst, nil
	}
	return v.Type, append(dst[:start], v.Value...), nil
}

// keySet tells duplicate keys; it makes a map only when there are many.
type keySet struct {
	few  []string // the first eight, in order
	many map[string]struct{}
}

func (s *keySet) add(key string) bool {
	if len(s.few) < 8 && s.many == nil {
		known := slices.Contains(s.few, key)
		s.few = append(s.few, key)
		return !known
	}
	if s.many == nil {
		s.many = make(map[string]struct{}, 64)
		for _, k := range s.few {
			s.many[k] = struct{}{}
		}
	}
	_, known := s.many[key]
	s.many[key] = struct{}{}
	return !known
}

// number reads a bare number: an int when it is whole and fits, else a long, else a double when it has a fraction or exponent.
func (r *reader) number(dst []byte) (bson.Type, []byte, error) {
	start := r.at
	for r.at < len(r.text) && strings.IndexByte("+-.eE0123456789", r.text[r.at]) >= 0 {
		r.at++
	}
	text := r.text[start:r.at]
	if !jsonNumber(text) {
		r.at = start
		return 0, nil, r.syntaxError("%q is no number as JSON writes one", text)
	}
	if !strings.ContainsAny(text, ".eE") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, nil, r.valueError(start, `%s does not fit a long; write {"$numberDecimal":"%s"} or {"$numberDouble":"%s"}`, text, text, text)
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

// jsonNumber reports whether the text is a number by JSON's grammar, which knows no plus sign, leading zeros or bare points.
func jsonNumber(text string) bool {
	whole := strings.TrimPrefix(text, "-")
	if len(whole) > 1 && whole[0] == '0' && whole[1] >= '0' && whole[1] <= '9' {
		return false
	}
	if whole == "" || whole[0] < '0' || whole[0] > '9' || !decimalNumber.MatchString(text) {
		return false
	}
	_, fraction, ok := strings.Cut(whole, ".")
	return !ok || fraction != "" && fraction[0] >= '0' && fraction[0] <= '9'
}

// quoted reads a string in double quotes.
func (r *reader) quoted() (string, error) {
	opened := r.at
	r.at++
	start := r.at
	for r.at < len(r.text) && r.text[r.at] >= ' ' && r.text[r.at] < utf8.RuneSelf && r.text[r.at] != '"' && r.text[r.at] != '\\' {
		r.at++
	}
	if r.at < len(r.text) && r.text[r.at] == '"' { // the usual case: nothing to unescape
		r.at++
		return r.text[start : r.at-1], nil
	}
	out := []byte(r.text[start:r.at])
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case c == '"':
			r.at++
			return string(out), nil
		case c == '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, char)
		case c < ' ':
			return "", r.syntaxError("a control character stands inside the text; write it as \\u%04x, a line end as \\n", c)
		default:
			char, size := utf8.DecodeRuneInString(r.text[r.at:])
			if char == utf8.RuneError && size == 1 {
				return "", r.syntaxError("the text is not valid UTF-8")
			}
			out = append(out, r.text[r.at:r.at+size]...)
			r.at += size
		}
	}
	r.at = opened
	return "", r.syntaxError("the text that begins here has no closing quote")
}

// escape reads one escape of a quoted text, a surrogate pair as the one character it stands for.
func (r *reader) escape() (rune, error) {
	if r.at+1 >= len(r.text) {
		return 0, r.syntaxError("the text ends inside an escape")
	}
	if i := strings.IndexByte(`"\/bfnrt`, r.text[r.at+1]); i >= 0 {
		r.at += 2
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	char, ok := r.unit()
	if !ok {
		return 0, r.syntaxError(`no escape begins like this; a plain backslash is written \\`)
	}
	if !utf16.IsSurrogate(char) {
		r.at += 6
		return char, nil
	}
	first := r.at
	r.at += 6
	second, ok := r.unit()
	if pair := utf16.DecodeRune(char, second); ok && pair != utf8.RuneError {
		r.at += 6
		return pair, nil
	}
	r.at = first
	return 0, r.syntaxError("half a surrogate pair stands alone, which is no character")
}

// unit reads \uXXXX at the reader's place without moving on.
func (r *reader) unit() (rune, bool) {
	rest := r.text[r.at:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(rest[2:6], 16, 16)
	return rune(n), err == nil
}
