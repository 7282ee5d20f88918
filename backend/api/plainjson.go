package api

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// Limits of what parsePlain reads and encodePlain writes.
const (
	maxPlainText    = 64 << 10 // bytes
	maxPlainValue   = 1 << 20  // bytes
	maxPlainNesting = 32
)

// parsePlain reads the extended JSON that most calls consist of: strings without escapes, short integers, true, false,
// null, objects, arrays, $oid, $numberInt and $numberLong, and operators. It takes a tenth of the time of the driver's
// parser, and gives the same result. ok is false for every other text, which the driver's parser reads or refuses.
func parsePlain(text []byte) (doc bson.Raw, ok bool) {
	if len(text) > maxPlainText {
		return nil, false
	}
	p := plainParser{text: text, out: make([]byte, 0, len(text)+64)}
	p.space()
	if !p.take('{') || !p.document(maxPlainNesting) {
		return nil, false
	}
	p.space()
	return p.out, p.at == len(p.text)
}

// plainParser writes a text as BSON. Its methods return false for what it does not read.
type plainParser struct {
	text []byte
	at   int // in text
	out  []byte
}

func (p *plainParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take reads one character.
func (p *plainParser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// str reads a string without escapes.
func (p *plainParser) str() ([]byte, bool) {
	if !p.take('"') {
		return nil, false
	}
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			s := p.text[start:p.at]
			p.at++
			return s, utf8.Valid(s)
		case c == '\\' || c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// document reads the members of an object after its brace.
func (p *plainParser) document(levels int) bool {
	start, out := bsoncore.AppendDocumentStart(p.out)
	p.out = out
	return p.members('}', levels, func(int) ([]byte, bool) {
		key, ok := p.str()
		p.space()
		return key, ok && plainKey(string(key)) && p.take(':')
	}) && p.end(start)
}

// array reads the items of an array after its bracket.
func (p *plainParser) array(levels int) bool {
	start, out := bsoncore.AppendDocumentStart(p.out)
	p.out = out
	var index []byte
	return p.members(']', levels, func(n int) ([]byte, bool) {
		index = strconv.AppendInt(index[:0], int64(n), 10)
		return index, true
	}) && p.end(start)
}

func (p *plainParser) end(start int32) bool {
	out, err := bsoncore.AppendDocumentEnd(p.out, start)
	p.out = out
	return err == nil
}

// members reads values up to a closing character; key reads or makes the name of the value n.
func (p *plainParser) members(closing byte, levels int, key func(n int) ([]byte, bool)) bool {
	if p.space(); p.take(closing) {
		return true
	}
	for n := 0; ; n++ {
		p.space()
		name, ok := key(n)
		if !ok {
			return false
		}
		p.space()
		kind := len(p.out)
		p.out = append(append(append(p.out, 0), name...), 0)
		if !p.value(kind, levels-1) {
			return false
		}
		if p.space(); p.take(closing) {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
}

// value reads a value and sets its type at a position of the output.
func (p *plainParser) value(kind, levels int) bool {
	if p.at == len(p.text) || levels == 0 {
		return false
	}
	set := func(t bson.Type) { p.out[kind] = byte(t) }
	switch c := p.text[p.at]; {
	case c == '"':
		s, ok := p.str()
		p.out = bsoncore.AppendString(p.out, string(s))
		set(bson.TypeString)
		return ok
	case c == '{':
		p.at++
		if t, ok := p.wrapper(); ok {
			set(t)
			return true
		}
		set(bson.TypeEmbeddedDocument)
		return p.document(levels)
	case c == '[':
		p.at++
		set(bson.TypeArray)
		return p.array(levels)
	case p.word("true"), p.word("false"):
		p.out = bsoncore.AppendBoolean(p.out, c == 't')
		set(bson.TypeBoolean)
		return true
	case p.word("null"):
		set(bson.TypeNull)
		return true
	}
	set(bson.TypeInt32)
	return p.integer()
}

func (p *plainParser) word(w string) bool {
	if !strings.HasPrefix(string(p.text[p.at:min(len(p.text), p.at+len(w))]), w) {
		return false
	}
	p.at += len(w)
	return true
}

// integer reads up to nine digits, which fit into 32 bits.
func (p *plainParser) integer() bool {
	start := p.at
	p.take('-')
	first := p.at
	n := int32(0)
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' && p.at-first < 10 {
		n = n*10 + int32(p.text[p.at]-'0')
		p.at++
	}
	digits := p.at - first
	if digits == 0 || digits > 9 || p.text[first] == '0' && (digits > 1 || start != first) {
		return false
	}
	if p.at < len(p.text) && strings.IndexByte(".eE", p.text[p.at]) >= 0 {
		return false
	}
	if start != first {
		n = -n
	}
	p.out = bsoncore.AppendInt32(p.out, n)
	return true
}

// wrapper reads the rest of {"$oid":"…"}, {"$numberInt":"…"} or {"$numberLong":"…"}, or nothing.
func (p *plainParser) wrapper() (bson.Type, bool) {
	start := p.at
	p.space()
	key, ok := p.str()
	p.space()
	if ok = ok && p.take(':'); ok {
		p.space()
		var text []byte
		if text, ok = p.str(); ok {
			p.space()
			if p.take('}') {
				if t, ok := p.wrapped(string(key), text); ok {
					return t, true
				}
			}
		}
	}
	p.at = start
	return 0, false
}

// wrapped writes the value of a wrapper.
func (p *plainParser) wrapped(key string, text []byte) (bson.Type, bool) {
	switch key {
	case "$oid":
		var id bson.ObjectID
		if len(text) != 2*len(id) {
			return 0, false
		}
		if _, err := hex.Decode(id[:], text); err != nil {
			return 0, false
		}
		p.out = bsoncore.AppendObjectID(p.out, id)
		return bson.TypeObjectID, true
	case "$numberInt", "$numberLong":
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != string(text) || key == "$numberInt" && int64(int32(n)) != n {
			return 0, false
		}
		if key == "$numberInt" {
			p.out = bsoncore.AppendInt32(p.out, int32(n))
			return bson.TypeInt32, true
		}
		p.out = bsoncore.AppendInt64(p.out, n)
		return bson.TypeInt64, true
	}
	return 0, false
}

// plainKey reports whether a key names a field or one of the operators that are never part of a value's notation.
func plainKey(key string) bool {
	if !strings.HasPrefix(key, "$") {
		return strings.IndexByte(key, 0) < 0
	}
	switch key {
	case "$set", "$unset", "$inc", "$push", "$pull", "$addToSet", "$setOnInsert", "$currentDate", "$min", "$max", "$mul",
		"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$and", "$or", "$nor", "$not", "$exists", "$elemMatch",
		"$match", "$sort", "$limit", "$skip", "$project", "$group", "$sum", "$count":
		return true
	}
	return false
}

// encodePlain is appendPlain for a whole value of limited size: a text that is given up in the end costs memory.
func encodePlain(t bson.Type, data []byte) (text []byte, ok bool) {
	if len(data) > maxPlainValue {
		return nil, false
	}
	return appendPlain(make([]byte, 0, 2*len(data)+16), bsoncore.Value{Type: bsoncore.Type(t), Data: data},
		maxPlainNesting)
}

// appendPlain appends a value as canonical extended JSON, for the types that most documents consist of. It takes a
// fraction of the driver's time and gives the same text. ok is false for every other value, which the driver writes.
func appendPlain(out []byte, v bsoncore.Value, levels int) (text []byte, ok bool) {
	if levels == 0 {
		return nil, false
	}
	switch v.Type {
	case bsoncore.TypeString:
		s, ok := v.StringValueOK()
		return appendPlainString(out, s, ok)
	case bsoncore.TypeInt32:
		n, ok := v.Int32OK()
		return append(strconv.AppendInt(append(out, `{"$numberInt":"`...), int64(n), 10), `"}`...), ok
	case bsoncore.TypeInt64:
		n, ok := v.Int64OK()
		return append(strconv.AppendInt(append(out, `{"$numberLong":"`...), n, 10), `"}`...), ok
	case bsoncore.TypeDateTime:
		n, ok := v.DateTimeOK()
		return append(strconv.AppendInt(append(out, `{"$date":{"$numberLong":"`...), n, 10), `"}}`...), ok
	case bsoncore.TypeBoolean:
		b, ok := v.BooleanOK()
		return strconv.AppendBool(out, b), ok && v.Data[0] <= 1
	case bsoncore.TypeNull:
		return append(out, "null"...), true
	case bsoncore.TypeObjectID:
		id, ok := v.ObjectIDOK()
		return append(hex.AppendEncode(append(out, `{"$oid":"`...), id[:]), `"}`...), ok
	case bsoncore.TypeEmbeddedDocument:
		return appendPlainMembers(append(out, '{'), v.Data, levels, '}')
	case bsoncore.TypeArray:
		return appendPlainMembers(append(out, '['), v.Data, levels, ']')
	}
	return nil, false
}

// appendPlainMembers appends the members of an object, or the items of an array, and the closing character.
func appendPlainMembers(out, doc []byte, levels int, closing byte) (text []byte, ok bool) {
	length, rest, ok := bsoncore.ReadLength(doc)
	if !ok || int(length) != len(doc) || len(rest) == 0 {
		return nil, false
	}
	rest = rest[:len(rest)-1]
	for first := true; len(rest) > 0; first = false {
		e, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return nil, false
		}
		rest = after
		if !first {
			out = append(out, ',')
		}
		if closing == '}' {
			if out, ok = appendPlainString(out, string(e.KeyBytes()), true); !ok {
				return nil, false
			}
			out = append(out, ':')
		}
		if out, ok = appendPlain(out, e.Value(), levels-1); !ok {
			return nil, false
		}
	}
	return append(out, closing), true
}

// appendPlainString appends a string that needs no escapes.
func appendPlainString(out []byte, s string, ok bool) ([]byte, bool) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f || c == 0xe2 { // 0xe2 begins U+2028 and U+2029
			return nil, false
		}
	}
	return append(append(append(out, '"'), s...), '"'), ok && utf8.ValidString(s)
}
