package rules

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxNesting is the deepest nesting of an expression; rules in practice stay far below.
const maxNesting = 50

// Compile compiles a decoded expression: a boolean, "%%true", "%%false" or a document. The error begins with place and
// names the key or variable that is unknown.
func Compile(v any, place string) (*Expression, error) {
	return compile(v, place, 0)
}

func compile(v any, place string, depth int) (*Expression, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%s: nested deeper than %d", place, maxNesting)
	}
	switch x := v.(type) {
	case bool:
		return constant(x), nil
	case string:
		if x == "%%true" || x == "%%false" {
			return constant(x == "%%true"), nil
		}
	case bson.D:
		return compileFields(x, place, depth)
	}
	return nil, fmt.Errorf("%s: expected true, false or an object, found %s", place, DescribeValue(v))
}

func constant(holds bool) *Expression {
	if holds {
		return &Expression{op: opAlways}
	}
	return &Expression{op: opNever}
}

func all(parts []*Expression) *Expression {
	switch len(parts) {
	case 0:
		return constant(true)
	case 1:
		return parts[0]
	}
	return &Expression{op: opAnd, parts: parts}
}

func compileFields(d bson.D, place string, depth int) (*Expression, error) {
	parts := make([]*Expression, 0, len(d))
	for _, f := range d {
		at := place + "." + f.Key
		part, err := compileField(f, at, depth+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return all(parts), nil
}

func compileField(f bson.E, at string, depth int) (*Expression, error) {
	if op, is := operator(f.Key); is {
		switch op {
		case opAnd, opOr:
			return compileList(op, f.Value, at, func(v any, at string) (*Expression, error) { return compile(v, at, depth) })
		case opNot:
			part, err := compile(f.Value, at, depth)
			return &Expression{op: opNot, parts: []*Expression{part}}, err
		case opFunction:
			right, err := compileFunction(f.Value, at, depth)
			return &Expression{op: opEq, left: operand{literal: true}, right: right}, err
		}
		return nil, unknownOperator(at, f.Key, "in place of a field name")
	}
	left, err := compileLeft(f.Key, at)
	if err != nil {
		return nil, err
	}
	return compileCondition(left, f.Value, at, depth)
}

// operator returns the name of an operator from its key, which begins with $ or %.
func operator(key string) (string, bool) {
	if strings.HasPrefix(key, "$") || strings.HasPrefix(key, "%") && !strings.HasPrefix(key, "%%") {
		return key[1:], true
	}
	return "", false
}

func unknownOperator(at, key, where string) error {
	return fmt.Errorf("%s: unknown operator %s %s", at, key, where)
}

func compileList(op string, v any, at string, one func(any, string) (*Expression, error)) (*Expression, error) {
	items, ok := v.(bson.A)
	if !ok || len(items) == 0 {
		return nil, fmt.Errorf("%s: expected an array of conditions, found %s", at, DescribeValue(v))
	}
	e := &Expression{op: op}
	for i, item := range items {
		part, err := one(item, fmt.Sprintf("%s[%d]", at, i))
		if err != nil {
			return nil, err
		}
		e.parts = append(e.parts, part)
	}
	return e, nil
}

func compileLeft(key, at string) (operand, error) {
	if strings.HasPrefix(key, "%%") {
		return compileExpansion(key, at)
	}
	path := strings.Split(key, ".")
	for _, p := range path {
		if p == "" || strings.HasPrefix(p, "$") {
			return operand{}, fmt.Errorf("%s: %q is not a field path", at, key)
		}
	}
	return operand{source: fromRoot, path: path}, nil
}

// compileCondition compiles the condition on a field or variable.
func compileCondition(left operand, v any, at string, depth int) (*Expression, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%s: nested deeper than %d", at, maxNesting)
	}
	d, ok := v.(bson.D)
	if !ok || isConversion(d) || isFunction(d) {
		right, err := compileRight(v, at, depth)
		return &Expression{op: opEq, left: left, right: right}, err
	}
	if _, isTruth := left.literal.(bool); isTruth && left.source == fromLiteral {
		part, err := compile(d, at, depth)
		return &Expression{op: opIs, left: left, parts: []*Expression{part}}, err
	}
	if len(d) == 0 {
		return nil, fmt.Errorf("%s: an empty object is not a condition for a field", at)
	}
	var parts []*Expression
	for _, f := range d {
		part, err := compileOperator(left, f, at+"."+f.Key, depth+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return all(parts), nil
}

func compileOperator(left operand, f bson.E, at string, depth int) (*Expression, error) {
	op, is := operator(f.Key)
	if !is {
		return nil, fmt.Errorf("%s: an object as a value is not supported: use the path of the nested field", at)
	}
	switch op {
	case opAnd, opOr:
		return compileList(op, f.Value, at, func(v any, at string) (*Expression, error) {
			return compileCondition(left, v, at,
				depth)
		})
	case opNot:
		part, err := compileCondition(left, f.Value, at, depth)
		return &Expression{op: opNot, parts: []*Expression{part}}, err
	case opEq, opNe, opGt, opGte, opLt, opLte, opExists:
		right, err := compileRight(f.Value, at, depth)
		if _, boolean := right.literal.(bool); err == nil && op == opExists && !boolean {
			return nil, fmt.Errorf("%s: expected true or false, found %s", at, DescribeValue(f.Value))
		}
		return &Expression{op: op, left: left, right: right}, err
	case opIn, opNin:
		right, err := compileRight(f.Value, at, depth)
		if _, list := right.literal.(bson.A); err == nil && !list && !right.isExpansion() && right.source != fromList {
			return nil, fmt.Errorf("%s: expected an array or a variable, found %s", at, DescribeValue(f.Value))
		}
		return &Expression{op: op, left: left, right: right}, err
	}
	return nil, unknownOperator(at, f.Key, "for a value")
}

// DescribeValue names the type of a value for an error.
func DescribeValue(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", x)
	case bson.D:
		return "an object"
	case bson.A:
		if len(x) == 0 {
			return "an empty array"
		}
		return "an array"
	case bson.Regex:
		return "a regular expression"
	case bson.JavaScript, bson.CodeWithScope:
		return "code"
	}
	return fmt.Sprint(v)
}

// CompileForCaller compiles an expression that is evaluated for a caller without a document, such as a function's
// can_evaluate. It rejects variables of a document.
func CompileForCaller(v any, place string) (*Expression, error) {
	return compileExcluding(v, place, fromRoot, fromPrevRoot, fromThis, fromPrev)
}

// Holds evaluates an expression of CompileForCaller for a caller. The nil Expression never holds.
func (e *Expression) Holds(c Caller) bool { return e.holds(&evalContext{caller: &c}) }
