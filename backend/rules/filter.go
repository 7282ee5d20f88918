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

// expandQuery gives the filter's query with its variables replaced; ok is false when one of them is undefined or does
// not hold a plain value, and then the filter lets nothing through.
func (f *Filter) expandQuery(c *Caller) (bson.D, bool) {
	v, ok := expandValue(f.query, c, false)
	d, _ := v.(bson.D)
	return d, ok
}

// expandValue replaces the variables in a value; computed: it stands in an aggregation expression.
func expandValue(v any, c *Caller, computed bool) (any, bool) {
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "%%") {
			o, err := compileExpansion(x, "query")
			return plainValue(o, c, err, computed)
		}
	case bson.D:
		if isConversion(x) || isFunction(x) {
			o, err := compileRight(x, "query", 0)
			return plainValue(o, c, err, computed)
		}
		out := make(bson.D, 0, len(x))
		for _, e := range x {
			value, ok := expandValue(e.Value, c, (computed || e.Key == "$expr") && e.Key != "$literal")
			if !ok {
				return nil, false
			}
			out = append(out, bson.E{Key: e.Key, Value: value})
		}
		return out, true
	case bson.A:
		out := make(bson.A, 0, len(x))
		for _, item := range x {
			value, ok := expandValue(item, c, computed)
			if !ok {
				return nil, false
			}
			out = append(out, value)
		}
		return out, true
	}
	return v, true
}

// plainValue gives a variable's value when it is one that cannot be taken for an operator or a pattern. In an aggregation
// expression a text that begins with $ would be a field: there the value is written as a literal.
func plainValue(o operand, c *Caller, err error, computed bool) (any, bool) {
	if err != nil {
		return nil, false
	}
	values, ok := o.candidates(&evalContext{caller: c})
	if !ok || len(values) != 1 || !isPlain(values[0]) {
		return nil, false
	}
	if computed {
		return bson.D{{Key: "$literal", Value: values[0]}}, true
	}
	return values[0], true
}

func isPlain(v any) bool {
	a, isList := v.(bson.A)
	for _, item := range a {
		if !isFilterValue(item) {
			return false
		}
	}
	return isList || isFilterValue(v)
}

// checkFilterQuery reads a filter's query. What gives a value is no query: in its place nothing would be narrowed.
func checkFilterQuery(d bson.D, at string) error {
	if isConversion(d) || isFunction(d) {
		return fmt.Errorf("%s.%s: gives a value, where a field name stands", at, d[0].Key)
	}
	return checkQuery(d, at)
}

// checkQuery reads every variable in a filter's query once, so that an unknown one is refused with its place.
func checkQuery(v any, at string) error {
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "%%") {
			o, err := compileExpansion(x, at)
			return checkCallerOnly(o, x, at, err)
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
		return checkCallerOnly(o, d[0].Key, at, err)
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

func checkCallerOnly(o operand, word, at string, err error) error {
	if err == nil && !o.callerOnly() {
		return fmt.Errorf("%s: %s is not known before there is a document", at, word)
	}
	return err
}
