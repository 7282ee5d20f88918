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

// opFunction calls a function of the application, in place of a value or of a whole condition.
const opFunction = "function"

func isConversion(d bson.D) bool {
	switch onlyOperator(d) {
	case stringToOid, oidToString, stringToUUID, uuidToString:
		return true
	}
	return false
}

func isFunction(d bson.D) bool { return onlyOperator(d) == opFunction }

// onlyOperator returns the operator that is the only key of an object; "" otherwise.
func onlyOperator(d bson.D) string {
	if len(d) != 1 {
		return ""
	}
	op, _ := operator(d[0].Key)
	return op
}

// compileRight compiles a value: a literal, a variable, a function call, a conversion of one of these, or an array of
// them.
func compileRight(v any, at string, depth int) (operand, error) {
	if depth > maxNesting {
		return operand{}, fmt.Errorf("%s: nested deeper than %d", at, maxNesting)
	}
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "%%") {
			return compileExpansion(x, at)
		}
	case bson.D:
		switch {
		case isConversion(x):
			inner, err := compileRight(x[0].Value, at+"."+x[0].Key, depth+1)
			return operand{source: fromConvert, name: onlyOperator(x), items: []operand{inner}}, err
		case isFunction(x):
			return compileFunction(x[0].Value, at+"."+x[0].Key, depth+1)
		}
		return operand{}, fmt.Errorf("%s: an object as a value is not supported", at)
	case bson.A:
		return compileItems(x, at, depth+1, compileRight)
	case bson.Regex, bson.JavaScript, bson.CodeWithScope, bson.DBPointer:
		return operand{}, fmt.Errorf("%s: %s is not supported in a rule", at, DescribeValue(v))
	}
	return operand{literal: v}, nil
}

func compileItems(a bson.A, at string, depth int, one func(any, string, int) (operand, error)) (operand, error) {
	items := make([]operand, 0, len(a))
	literal := true
	for i, v := range a {
		item, err := one(v, fmt.Sprintf("%s[%d]", at, i), depth)
		if err != nil {
			return operand{}, err
		}
		literal = literal && item.source == fromLiteral
		items = append(items, item)
	}
	if literal {
		return operand{literal: a}, nil
	}
	return operand{source: fromList, items: items}, nil
}

// compileFunction reads `{"name": …, "arguments": […]}`.
func compileFunction(v any, at string, depth int) (operand, error) {
	d, ok := v.(bson.D)
	if !ok {
		return operand{}, fmt.Errorf("%s: expected an object with name and arguments, found %s", at, DescribeValue(v))
	}
	o := operand{source: fromFunction}
	for _, e := range d {
		switch e.Key {
		case "name":
			o.name, _ = e.Value.(string)
		case "arguments":
			list, ok := e.Value.(bson.A)
			if !ok {
				return o, fmt.Errorf("%s.arguments: expected an array, found %s", at, DescribeValue(e.Value))
			}
			for i, v := range list {
				item, err := compileArgument(v, fmt.Sprintf("%s.arguments[%d]", at, i), depth+1)
				if err != nil {
					return o, err
				}
				o.items = append(o.items, item)
			}
		default:
			return o, fmt.Errorf("%s.%s: unknown key", at, e.Key)
		}
	}
	if o.name == "" {
		return o, fmt.Errorf("%s.name: is missing", at)
	}
	return o, nil
}

// compileArgument compiles an argument of a function: a value, or an object or array of arguments.
func compileArgument(v any, at string, depth int) (operand, error) {
	if depth > maxNesting {
		return operand{}, fmt.Errorf("%s: nested deeper than %d", at, maxNesting)
	}
	switch x := v.(type) {
	case bson.D:
		if isConversion(x) || isFunction(x) {
			break
		}
		o := operand{source: fromObject}
		for _, e := range x {
			if op, is := operator(e.Key); is {
				return o, fmt.Errorf("%s: unknown operator %%%s in an argument of a function", at, op)
			}
			item, err := compileArgument(e.Value, at+"."+e.Key, depth+1)
			if err != nil {
				return o, err
			}
			o.keys, o.items = append(o.keys, e.Key), append(o.items, item)
		}
		return o, nil
	case bson.A:
		return compileItems(x, at, depth+1, compileArgument)
	}
	return compileRight(v, at, depth)
}

// compileExpansion compiles a variable such as %%user.data.email.
func compileExpansion(name, at string) (operand, error) {
	path := strings.Split(strings.TrimPrefix(name, "%%"), ".")
	for _, p := range path {
		if p == "" || strings.ContainsAny(p, "%$") {
			return operand{}, unknownVariable(at, name)
		}
	}
	switch path[0] {
	case "true", "false":
		if len(path) == 1 {
			return operand{literal: path[0] == "true"}, nil
		}
	case "root":
		return operand{source: fromRoot, path: path[1:]}, nil
	case "prevRoot":
		return operand{source: fromPrevRoot, path: path[1:]}, nil
	case "this":
		return operand{source: fromThis, path: path[1:]}, nil
	case "prev":
		return operand{source: fromPrev, path: path[1:]}, nil
	case "user", "values", "environment", "request":
		if isCallerVariable(path) {
			return operand{source: fromCaller, path: path}, nil
		}
	}
	return operand{}, unknownVariable(at, name)
}

func isCallerVariable(path []string) bool {
	if len(path) < 2 {
		return false
	}
	switch path[0] {
	case "values":
		return true
	case "environment":
		return path[1] == "tag" && len(path) == 2 || path[1] == "values" && len(path) > 2
	case "request":
		return isRequestField(path[1]) && (len(path) == 2 || path[1] == "requestHeaders")
	}
	switch path[1] {
	case "id", "type":
		return len(path) == 2
	case "data", "custom_data", "identities":
		return true
	}
	return false
}

// isRequestField reports whether %%request has a field.
func isRequestField(name string) bool {
	switch name {
	case "remoteIPAddress", "httpMethod", "httpReferrer", "httpUserAgent", "rawQueryString", "requestHeaders", "service",
		"action", "webhookUrl":
		return true
	}
	return false
}

func unknownVariable(at, name string) error {
	return fmt.Errorf("%s: unknown variable %s", at, name)
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
