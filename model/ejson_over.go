package model

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ParseJSONOver is ParseJSON for text that replaces a value: a number written without a wrapper keeps the numeric type
// of the number that it replaces, if that type holds it exactly. Over the double 4.8, 5 is a double and
// {"$numberInt":"5"} is an int. Numbers correspond by the path of their field, and by index in arrays of equal length.
func ParseJSONOver(text string, old bson.RawValue) (bson.RawValue, error) {
	if !isContainer(old) && !isNumber(old) {
		return ParseJSON(text)
	}
	r := &reader{text: text, recordsNumbers: true}
	v, err := r.read()
	if err != nil {
		return v, err
	}
	types := numberTypes{literals: r.literals}
	return types.value(v, old), nil
}

// ParseDocumentOver is ParseJSONOver for text that must be an object.
func ParseDocumentOver(text string, old bson.Raw) (bson.Raw, error) {
	return asDocument(ParseJSONOver(text, objectValue(old)))
}

// numberTypes gives the numbers of a parsed value the types of the numbers that they replace.
type numberTypes struct {
	literals []string // of the numbers still to come, in document order; empty: the number had a wrapper
}

// value returns v with the types of the numbers in old; a zero old: v replaces nothing.
func (n *numberTypes) value(v, old bson.RawValue) bson.RawValue {
	switch {
	case isNumber(v):
		literal := n.literals[0]
		n.literals = n.literals[1:]
		return retyped(v, literal, old.Type)
	case isContainer(v):
		b := newBuilder()
		counterparts := newCounterparts(v, old)
		i := 0
		for e, err := range elements(v.Value) {
			if err != nil {
				break
			}
			b.add(string(e.key), n.value(e.value, counterparts.of(e, i)))
			i++
		}
		return b.value(v.Type)
	}
	return v
}

func isNumber(v bson.RawValue) bool { return isNumberType(v.Type) }

func isNumberType(t bson.Type) bool {
	switch t {
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128:
		return true
	}
	return false
}

// retyped returns a number, which was written as this literal, in another numeric type; unchanged if it had a wrapper
// or the type does not hold it exactly.
func retyped(v bson.RawValue, literal string, t bson.Type) bson.RawValue {
	if literal == "" || v.Type == t {
		return v
	}
	whole, err := strconv.ParseInt(literal, 10, 64)
	isWhole := err == nil
	switch {
	case t == bson.TypeDecimal128:
		if d, err := bson.ParseDecimal128(literal); err == nil {
			return ValueOf(d)
		}
	case t == bson.TypeInt64 && isWhole:
		return ValueOf(whole)
	case t == bson.TypeDouble && isWhole:
		if f, err := parseDouble(literal); err == nil && strconv.FormatFloat(f, 'f', 0, 64) == literal {
			return ValueOf(f)
		}
	}
	return v
}

// counterparts finds the value that each element of an object or array replaces.
type counterparts struct {
	isArray, sameLength bool
	old                 fieldSet
	unchanged           map[string]bool // elements of an array of another length, by their bytes
	common              bson.Type       // the numeric type of all elements of such an array; 0: they have none in common
}

func newCounterparts(v, old bson.RawValue) counterparts {
	c := counterparts{isArray: v.Type == bson.TypeArray}
	if old.Type != v.Type {
		return c
	}
	c.old, _ = fieldsOf(old)
	c.sameLength = countFields(v.Value) == len(c.old.list)
	if !c.isArray || c.sameLength || len(c.old.list) == 0 {
		return c
	}
	c.unchanged = make(map[string]bool, len(c.old.list))
	c.common = c.old.list[0].value.Type
	for _, f := range c.old.list {
		c.unchanged[valueKey(f.value)] = true
		if f.value.Type != c.common || !isNumber(f.value) {
			c.common = 0
		}
	}
	return c
}

func valueKey(v bson.RawValue) string { return string(byte(v.Type)) + string(v.Value) }

// of returns the value that an element replaces. In an array of another length, an element that the old array holds
// anywhere was moved, and replaces itself; another number has the type that all numbers of the old array have.
func (c counterparts) of(e element, index int) bson.RawValue {
	switch {
	case !c.isArray:
		v, _ := c.old.find(string(e.key))
		return v
	case c.unchanged[valueKey(e.value)]:
		return e.value
	case !c.sameLength && isNumber(e.value):
		return bson.RawValue{Type: c.common}
	case index < len(c.old.list):
		return c.old.list[index].value
	}
	return bson.RawValue{}
}
