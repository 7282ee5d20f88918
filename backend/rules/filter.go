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
	query      bson.D // with variables as strings
	projection bson.D
}

// expandQuery returns the filter's query with its variables replaced. ok is false if one of them is undefined or does
// not hold a scalar; then the filter matches nothing.
func (f *Filter) expandQuery(c *Caller) (bson.D, bool) {
	v, ok := expandValue(f.query, c, false)
	d, _ := v.(bson.D)
	return d, ok
}

// expandValue replaces the variables in a value. inAggregation: the value is part of an aggregation expression.
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

// plainValue returns the value of a variable unless it could act as an operator or a pattern. In an aggregation
// expression a string that begins with $ would be a field, so the value is written as a $literal.
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

// checkFilterQuery checks a filter's query. An operator that produces a value is not a query: it would restrict
// nothing.
func checkFilterQuery(d bson.D, at string) error {
	if isConversion(d) || isFunction(d) {
		return fmt.Errorf("%s.%s: is a value, expected a field name", at, d[0].Key)
	}
	return checkQuery(d, at)
}

// checkQuery compiles every variable in a filter's query once, to report an unknown one with its place.
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
			return fmt.Errorf("%s.%s: unknown operator in a filter query", at, e.Key)
		}
		if err := checkQuery(e.Value, at+"."+e.Key); err != nil {
			return err
		}
	}
	return nil
}

func checkCallerOnly(o operand, name, at string, err error) error {
	if err == nil && !o.callerOnly() {
		return fmt.Errorf("%s: %s is not available without a document", at, name)
	}
	return err
}
