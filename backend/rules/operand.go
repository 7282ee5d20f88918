package rules

import (
	"encoding/hex"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// source is the origin of an operand's value.
type source int

const (
	fromLiteral  source = iota
	fromCaller          // %%user, %%values, %%environment, %%request
	fromRoot            // %%root and plain field names
	fromPrevRoot        // %%prevRoot
	fromThis            // %%this
	fromPrev            // %%prev
	fromList            // an array literal that contains operands
	fromObject          // an object that contains operands: an argument of a function
	fromConvert         // a conversion, such as %stringToOid
	fromFunction        // %function
)

// operand is one side of a comparison.
type operand struct {
	source  source
	path    []string // of a variable; those of the caller begin with user, values, environment or request
	literal any
	items   []operand
	keys    []string // of fromObject, one for each item
	name    string   // of the conversion, applied to items[0], or of the function, called with the items
}

// evalContext is what an expression is evaluated on.
type evalContext struct {
	caller         *Caller
	root, prevRoot bson.D // nil: no such document
	this, prev     []any  // the field's value after and before the change; empty: absent
}

// candidates returns the operand's possible values; none: undefined. ok is false if a function failed.
func (o operand) candidates(s *evalContext) (values []any, ok bool) {
	switch o.source {
	case fromLiteral:
		return []any{o.literal}, true
	case fromCaller:
		return s.caller.expand(o.path), true
	case fromRoot:
		return lookupDocument(s.root, o.path), true
	case fromPrevRoot:
		return lookupDocument(s.prevRoot, o.path), true
	case fromThis:
		return lookupEach(s.this, o.path), true
	case fromPrev:
		return lookupEach(s.prev, o.path), true
	case fromList:
		return o.listItems(s)
	case fromConvert:
		return o.convertItems(s)
	}
	v, ok := o.functionArgument(s)
	if !ok || v == nil {
		return nil, ok
	}
	return []any{v}, true
}

func (o operand) listItems(s *evalContext) ([]any, bool) {
	list := make(bson.A, 0, len(o.items))
	for _, item := range o.items {
		values, ok := item.candidates(s)
		if !ok {
			return nil, false
		}
		list = append(list, values...)
	}
	return []any{list}, true
}

func (o operand) convertItems(s *evalContext) ([]any, bool) {
	values, ok := o.items[0].candidates(s)
	var out []any
	for _, v := range values {
		if c, is := convert(o.name, v); is {
			out = append(out, c)
		}
	}
	return out, ok
}

// functionArgument returns the operand as one value, as functions take it: null if undefined, an array of several
// candidates.
func (o operand) functionArgument(s *evalContext) (any, bool) {
	switch o.source {
	case fromFunction:
		return o.callFunction(s)
	case fromObject:
		d := make(bson.D, 0, len(o.items))
		for i, item := range o.items {
			v, ok := item.functionArgument(s)
			if !ok {
				return nil, false
			}
			d = append(d, bson.E{Key: o.keys[i], Value: v})
		}
		return d, true
	}
	values, ok := o.candidates(s)
	switch {
	case !ok || len(values) == 0:
		return nil, ok
	case len(values) == 1:
		return values[0], true
	}
	return bson.A(values), true
}

// callFunction calls the function; a function that returns nothing is undefined.
func (o operand) callFunction(s *evalContext) (any, bool) {
	if s.caller.Call == nil {
		return nil, false
	}
	args := make([]any, len(o.items))
	for i, item := range o.items {
		v, ok := item.functionArgument(s)
		if !ok {
			return nil, false
		}
		args[i] = v
	}
	v, err := s.caller.Call(o.name, args)
	return v, err == nil
}

func lookupDocument(doc bson.D, path []string) []any {
	if doc == nil {
		return nil
	}
	return lookup(doc, path)
}

func lookupEach(values []any, path []string) []any {
	var out []any
	for _, v := range values {
		out = append(out, lookup(v, path)...)
	}
	return out
}

// uses reports whether the operand's value depends on the source.
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

// callerOnly reports whether the value depends on the caller only.
func (o operand) callerOnly() bool {
	return !o.uses(fromRoot) && !o.uses(fromPrevRoot) && !o.uses(fromThis) && !o.uses(fromPrev)
}

// isExpansion reports whether the value comes from a variable or a function, not from the text of the rule.
func (o operand) isExpansion() bool { return o.source != fromLiteral && o.source != fromList }

const (
	stringToOid  = "stringToOid"
	oidToString  = "oidToString"
	stringToUUID = "stringToUuid"
	uuidToString = "uuidToString"
)

// convert runs a conversion; ok is false if the value does not have the format. No rule matches such a value.
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
