package rules

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

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
