package rules

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Filter narrows every query on a namespace and hides fields, for the callers it applies to.
type Filter struct {
	Name       string
	applyWhen  *Expression
	query      bson.D // with variables as words
	projection bson.D
}

// expanded gives the filter's query with its variables replaced; ok is false when one of them is undefined or does
// not hold a plain value, and then the filter lets nothing through.
func (f *Filter) expanded(c *Caller) (bson.D, bool) {
	v, ok := expandValue(f.query, c)
	d, _ := v.(bson.D)
	return d, ok
}

func expandValue(v any, c *Caller) (any, bool) {
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "%%") {
			return expandWord(x, c)
		}
	case bson.D:
		if isConversion(x) || isFunction(x) {
			o, err := compileRight(x, "query", 0)
			return plainOf(o, c, err)
		}
		out := make(bson.D, 0, len(x))
		for _, e := range x {
			value, ok := expandValue(e.Value, c)
			if !ok {
				return nil, false
			}
			out = append(out, bson.E{Key: e.Key, Value: value})
		}
		return out, true
	case bson.A:
		out := make(bson.A, 0, len(x))
		for _, item := range x {
			value, ok := expandValue(item, c)
			if !ok {
				return nil, false
			}
			out = append(out, value)
		}
		return out, true
	}
	return v, true
}

func expandWord(word string, c *Caller) (any, bool) {
	o, err := compileExpansion(word, "query")
	return plainOf(o, c, err)
}

// plainOf gives a variable's value when it is one that cannot be taken for an operator or a pattern.
func plainOf(o operand, c *Caller, err error) (any, bool) {
	if err != nil {
		return nil, false
	}
	values, ok := o.values(&scene{caller: c})
	if !ok || len(values) != 1 || !plain(values[0]) {
		return nil, false
	}
	return values[0], true
}

func plain(v any) bool {
	a, isList := v.(bson.A)
	for _, item := range a {
		if !askable(item) {
			return false
		}
	}
	return isList || askable(v)
}

// checkQuery reads every variable in a filter's query once, so that an unknown one is refused with its place.
func checkQuery(v any, at string) error {
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "%%") {
			o, err := compileExpansion(x, at)
			return checkFixed(o, x, at, err)
		}
	case bson.D:
		return checkQueryFields(x, at)
	case bson.A:
		for i, item := range x {
			if err := checkQuery(item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkQueryFields(d bson.D, at string) error {
	if isConversion(d) || isFunction(d) {
		o, err := compileRight(d, at, 0)
		return checkFixed(o, d[0].Key, at, err)
	}
	for _, e := range d {
		if strings.HasPrefix(e.Key, "%") {
			return fmt.Errorf("%s.%s: is not known in a filter's query", at, e.Key)
		}
		if err := checkQuery(e.Value, at+"."+e.Key); err != nil {
			return err
		}
	}
	return nil
}

func checkFixed(o operand, word, at string, err error) error {
	if err == nil && !o.fixed() {
		return fmt.Errorf("%s: %s is not known before there is a document", at, word)
	}
	return err
}
