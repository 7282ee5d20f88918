package model

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// writer writes extended JSON. The zero value writes the relaxed format on one line.
type writer struct {
	out       []byte
	indent    bool
	canonical bool
	exact     bool     // write what extended JSON cannot represent with the wrappers of dossier
	notation  notation // of the keys and scalars; nil: extended JSON
}

// text returns a value as extended JSON.
func (w writer) text(v bson.RawValue) string {
	const more = 8 // a part of the value by which its JSON is longer; a longer one grows
	w.out = make([]byte, 0, len(v.Value)+len(v.Value)/more+64)
	w.value(v, 0)
	return string(w.out)
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
	if !wellFormed(v) || depth > maxDepth {
		w.wrap(malformedKey, fmt.Sprintf("%02x:%s", byte(v.Type), base64.StdEncoding.EncodeToString(v.Value)))
		return
	}
	if w.exact && w.exactWrapper(v, depth) {
		return
	}
	if w.notation != nil && !isContainer(v) {
		w.notation.scalar(w, v, depth)
		return
	}
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		w.container(v, depth, '{', '}')
	case bson.TypeArray:
		w.container(v, depth, '[', ']')
	case bson.TypeString:
		text, _ := textBytes(v)
		quote(w, text)
	case bson.TypeNull:
		w.put("null")
	case bson.TypeBoolean:
		w.put(strconv.FormatBool(v.Boolean()))
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128:
		w.number(v)
	case bson.TypeDateTime:
		w.date(v.DateTime())
	default:
		w.wrappedValue(v, depth)
	}
}

func (w *writer) container(v bson.RawValue, depth int, opening, closing byte) {
	w.out = append(w.out, opening)
	if w.notation != nil {
		w.notation.begin(v)
	}
	first := true
	for e, err := range elements(v.Value) {
		if !first {
			w.out = append(w.out, ',')
		}
		w.newline(depth+1, !first)
		first = false
		if err != nil {
			w.malformed(v, err)
			break
		}
		if v.Type == bson.TypeEmbeddedDocument {
			w.key(e.key)
			w.out = append(w.out, ':')
			if w.indent {
				w.out = append(w.out, ' ')
			}
		}
		w.value(e.value, depth+1)
	}
	if !first {
		w.newline(depth, false)
	}
	w.out = append(w.out, closing)
}

func (w *writer) key(key []byte) {
	if w.notation != nil {
		w.notation.key(w, key)
		return
	}
	quote(w, key)
}

// malformed writes a marker where the rest of a document or array cannot be read.
func (w *writer) malformed(v bson.RawValue, err error) {
	if v.Type == bson.TypeArray {
		w.wrap(malformedKey, err.Error())
		return
	}
	w.put(`"`, malformedKey, `":`)
	w.wrap(malformedKey, err.Error())
}

// newline starts a line when indenting. On one line it writes a space after a comma, except in the canonical format.
func (w *writer) newline(depth int, afterComma bool) {
	switch {
	case w.indent:
		w.put("\n")
		for range depth {
			w.put("  ")
		}
	case afterComma && !w.canonical:
		w.put(" ")
	}
}

func (w *writer) number(v bson.RawValue) {
	switch {
	case v.Type == bson.TypeInt32 && w.canonical:
		w.wrap("$numberInt", Text(v))
	case v.Type == bson.TypeInt32:
		w.out = strconv.AppendInt(w.out, int64(v.Int32()), 10)
	case v.Type == bson.TypeInt64:
		w.wrap("$numberLong", Text(v))
	case v.Type == bson.TypeDecimal128:
		w.wrap("$numberDecimal", Text(v))
	default:
		f := v.Double()
		if !w.canonical && f != math.Trunc(f) && !math.IsNaN(f) { // a fraction; infinities equal their integer part
			w.put(Text(v))
			return
		}
		w.wrap("$numberDouble", Text(v))
	}
}

// The relaxed format writes dates from 1970 to the end of year 9999 as text, others as milliseconds.
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

// wrappedValue writes a value of a type that always needs a wrapper.
func (w *writer) wrappedValue(v bson.RawValue, depth int) {
	switch v.Type {
	case bson.TypeObjectID:
		w.wrap("$oid", v.ObjectID().Hex())
	case bson.TypeBinary:
		subtype, data := v.Binary()
		if KindOf(v) == UUID && !w.canonical {
			w.wrap("$uuid", uuidText(data))
			return
		}
		w.put(`{"$binary":{"base64":"`, base64.StdEncoding.EncodeToString(data), `","subType":"`,
			fmt.Sprintf("%02x", subtype), `"}}`)
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

// quote writes text in double quotes. It escapes control characters and characters that could mislead a reader (see
// escapedInJSON), so that the JSON is safe to print on a terminal.
func (w *writer) quote(text string) { quote(w, text) }

// quote is the method of the same name for text of either type.
func quote[T string | []byte](w *writer, text T) {
	w.out = append(w.out, '"')
	for i := 0; i < len(text); {
		plain := i
		for i < len(text) && text[i] >= ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '\\' {
			i++
		}
		w.out = append(w.out, text[plain:i]...)
		switch {
		case i == len(text):
		case text[i] == '"' || text[i] == '\\':
			w.out = append(w.out, '\\', text[i])
			i++
		default:
			r, size := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
			w.escape(r)
			i += size
		}
	}
	w.out = append(w.out, '"')
}

// escape writes a character that is not printable ASCII.
func (w *writer) escape(r rune) {
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

// escapedInJSON reports whether a character is written as \uXXXX: controls, bidi controls, line separators, BOM and
// tags.
func escapedInJSON(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0x9f || isBidi(r) || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xe0000 &&
		r <= 0xe007f
}

// isBidi reports whether a character is an invisible control of text direction.
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
