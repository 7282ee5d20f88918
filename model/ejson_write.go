package model

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// writer writes extended JSON. The zero writer writes the relaxed notation on one line.
type writer struct {
	out       []byte
	indent    bool
	canonical bool
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.out = append(w.out, p...)
	}
}

// wrap writes {"key":"text"}.
func (w *writer) wrap(key, text string) {
	w.put(`{"`, key, `":`)
	w.quote(text)
	w.put(`}`)
}

func (w *writer) value(v bson.RawValue, depth int) {
	if !whole(v) || depth > maxDepth {
		w.wrap(malformedKey, fmt.Sprintf("%02x:%s", byte(v.Type), base64.StdEncoding.EncodeToString(v.Value)))
		return
	}
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		w.nested(v, depth, '{', '}')
	case bson.TypeArray:
		w.nested(v, depth, '[', ']')
	case bson.TypeString:
		w.quote(v.StringValue())
	case bson.TypeNull:
		w.put("null")
	case bson.TypeBoolean:
		w.put(strconv.FormatBool(v.Boolean()))
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128:
		w.number(v)
	case bson.TypeDateTime:
		w.date(v.DateTime())
	default:
		w.rare(v, depth)
	}
}

func (w *writer) nested(v bson.RawValue, depth int, opening, closing byte) {
	w.out = append(w.out, opening)
	first := true
	for e, err := range elements(v.Value) {
		if !first {
			w.out = append(w.out, ',')
		}
		w.line(depth+1, !first)
		first = false
		if err != nil {
			w.fault(v, err)
			break
		}
		if v.Type == bson.TypeEmbeddedDocument {
			w.quote(string(e.key))
			w.out = append(w.out, ':')
			if w.indent {
				w.out = append(w.out, ' ')
			}
		}
		w.value(e.value, depth+1)
	}
	if !first {
		w.line(depth, false)
	}
	w.out = append(w.out, closing)
}

// fault marks the place where a document cannot be read any further.
func (w *writer) fault(v bson.RawValue, err error) {
	if v.Type == bson.TypeArray {
		w.wrap(malformedKey, err.Error())
		return
	}
	w.put(`"`, malformedKey, `":`)
	w.wrap(malformedKey, err.Error())
}

// line begins a line when indenting; on one line a space follows a comma unless the notation is the wire's.
func (w *writer) line(depth int, afterComma bool) {
	switch {
	case w.indent:
		w.put("\n", strings.Repeat("  ", depth))
	case afterComma && !w.canonical:
		w.put(" ")
	}
}

func (w *writer) number(v bson.RawValue) {
	switch {
	case v.Type == bson.TypeInt32 && w.canonical:
		w.wrap("$numberInt", Text(v))
	case v.Type == bson.TypeInt32:
		w.put(Text(v))
	case v.Type == bson.TypeInt64:
		w.wrap("$numberLong", Text(v))
	case v.Type == bson.TypeDecimal128:
		w.wrap("$numberDecimal", Text(v))
	default:
		f := v.Double()
		if !w.canonical && f != math.Trunc(f) && !math.IsNaN(f) { // a fraction: infinities equal their whole part
			w.put(Text(v))
			return
		}
		w.wrap("$numberDouble", Text(v))
	}
}

// lastPlainDate is the end of year 9999, firstPlainDate the beginning of 1970: between them relaxed notation writes dates as text.
const firstPlainDate, lastPlainDate = 0, lastDate

func (w *writer) date(ms int64) {
	w.put(`{"$date":`)
	if w.canonical || ms < firstPlainDate || ms > lastPlainDate {
		w.wrap("$numberLong", strconv.FormatInt(ms, 10))
	} else {
		w.quote(dateText(ms))
	}
	w.put(`}`)
}

// rare writes the types that always need a wrapper.
func (w *writer) rare(v bson.RawValue, depth int) {
	switch v.Type {
	case bson.TypeObjectID:
		w.wrap("$oid", v.ObjectID().Hex())
	case bson.TypeBinary:
		subtype, data := v.Binary()
		if KindOf(v) == UUID && !w.canonical {
			w.wrap("$uuid", uuidText(data))
			return
		}
		w.put(`{"$binary":{"base64":"`, base64.StdEncoding.EncodeToString(data), `","subType":"`, fmt.Sprintf("%02x", subtype), `"}}`)
	case bson.TypeRegex:
		pattern, options := v.Regex()
		w.put(`{"$regularExpression":{"pattern":`)
		w.quote(pattern)
		w.put(`,"options":`)
		w.quote(options)
		w.put(`}}`)
	case bson.TypeTimestamp:
		t, i := v.Timestamp()
		w.put(`{"$timestamp":{"t":`, strconv.FormatUint(uint64(t), 10), `,"i":`, strconv.FormatUint(uint64(i), 10), `}}`)
	case bson.TypeSymbol:
		w.wrap("$symbol", v.Symbol())
	case bson.TypeJavaScript:
		w.wrap("$code", v.JavaScript())
	case bson.TypeCodeWithScope:
		code, scope := v.CodeWithScope()
		w.put(`{"$code":`)
		w.quote(code)
		w.put(`,"$scope":`)
		w.value(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: scope}, depth+1)
		w.put(`}`)
	case bson.TypeDBPointer:
		ref, id := v.DBPointer()
		w.put(`{"$dbPointer":{"$ref":`)
		w.quote(ref)
		w.put(`,"$id":`)
		w.wrap("$oid", id.Hex())
		w.put(`}}`)
	case bson.TypeUndefined:
		w.put(`{"$undefined":true}`)
	case bson.TypeMinKey:
		w.put(`{"$minKey":1}`)
	case bson.TypeMaxKey:
		w.put(`{"$maxKey":1}`)
	}
}

// quote writes text in double quotes. What a terminal or an eye could be misled by is escaped, so that JSON is safe to print.
func (w *writer) quote(s string) {
	w.out = append(w.out, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f {
			if c == '"' || c == '\\' {
				w.out = append(w.out, '\\')
			}
			w.out = append(w.out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == '\n':
			w.put(`\n`)
		case r == '\t':
			w.put(`\t`)
		case r == '\r':
			w.put(`\r`)
		case !escapedInJSON(r):
			w.out = utf8.AppendRune(w.out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			w.out = fmt.Appendf(w.out, `\u%04x\u%04x`, high, low)
		default:
			w.out = fmt.Appendf(w.out, `\u%04x`, r)
		}
	}
	w.out = append(w.out, '"')
}

// escapedInJSON reports whether a character is written as \uXXXX: controls, bidi controls, line separators and tags.
func escapedInJSON(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0x9f || isBidi(r) || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xe0000 && r <= 0xe007f
}

// isBidi reports whether a character changes the direction of the text around it unseen.
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
