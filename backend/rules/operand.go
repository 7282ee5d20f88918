package rules

import (
	"encoding/hex"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// source is where an operand's value comes from.
type source int

const (
	fromLiteral  source = iota
	fromCaller          // %%user, %%values, %%environment
	fromRoot            // %%root, and plain field names
	fromPrevRoot        // %%prevRoot
	fromThis            // %%this
	fromPrev            // %%prev
	fromList            // a literal array with operands in it
	fromConvert         // %stringToOid and its like
)

// operand is one side of a comparison.
type operand struct {
	source  source
	path    []string // of an expansion; the caller's begin with user, values or environment
	literal any
	items   []operand
	convert string // the conversion's name, applied to items[0]
}

// scene is what an expression is put to.
type scene struct {
	caller         *Caller
	root, prevRoot bson.D // nil: there is no such document
	this, prev     []any  // the field's value after and before; empty: absent
}

// values gives the operand's candidates in a scene; none: undefined.
func (o operand) values(s *scene) []any {
	switch o.source {
	case fromLiteral:
		return []any{o.literal}
	case fromCaller:
		return s.caller.expand(o.path)
	case fromRoot:
		return within(s.root, o.path)
	case fromPrevRoot:
		return within(s.prevRoot, o.path)
	case fromThis:
		return each(s.this, o.path)
	case fromPrev:
		return each(s.prev, o.path)
	case fromList:
		list := make(bson.A, 0, len(o.items))
		for _, item := range o.items {
			list = append(list, item.values(s)...)
		}
		return []any{list}
	case fromConvert:
		var out []any
		for _, v := range o.items[0].values(s) {
			if c, ok := convert(o.convert, v); ok {
				out = append(out, c)
			}
		}
		return out
	}
	return nil
}

func within(doc bson.D, path []string) []any {
	if doc == nil {
		return nil
	}
	return lookup(doc, path)
}

func each(values []any, path []string) []any {
	var out []any
	for _, v := range values {
		out = append(out, lookup(v, path)...)
	}
	return out
}

// uses tells whether the operand's value depends on the source anywhere.
func (o operand) uses(s source) bool {
	if o.source == s {
		return true
	}
	for _, item := range o.items {
		if item.uses(s) {
			return true
		}
	}
	return false
}

// fixed tells that the value depends on the caller alone.
func (o operand) fixed() bool {
	return !o.uses(fromRoot) && !o.uses(fromPrevRoot) && !o.uses(fromThis) && !o.uses(fromPrev)
}

// isExpansion tells a value that came out of a variable from one written in the rule.
func (o operand) isExpansion() bool { return o.source != fromLiteral && o.source != fromList }

const (
	stringToOid  = "stringToOid"
	oidToString  = "oidToString"
	stringToUUID = "stringToUuid"
	uuidToString = "uuidToString"
)

// convert does one of the conversions; ok is false where the value does not have the form, which no rule matches.
func convert(name string, v any) (any, bool) {
	switch name {
	case stringToOid:
		s, _ := v.(string)
		oid, err := bson.ObjectIDFromHex(s)
		return oid, err == nil
	case oidToString:
		oid, ok := v.(bson.ObjectID)
		return oid.Hex(), ok
	case stringToUUID:
		s, _ := v.(string)
		return uuidFrom(s)
	case uuidToString:
		b, ok := v.(bson.Binary)
		if !ok || b.Subtype != bson.TypeBinaryUUID || len(b.Data) != 16 {
			return nil, false
		}
		h := hex.EncodeToString(b.Data)
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), true
	}
	return nil, false
}

func uuidFrom(s string) (any, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, false
	}
	data, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(data) != 16 {
		return nil, false
	}
	return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: data}, true
}
