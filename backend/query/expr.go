package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// expression computes a value from a document and the variables in scope; missing if there is no value.
type expression func(s *scope) (any, error)

// scope is a linked list of the variables that an expression can read.
type scope struct {
	name   string
	value  any
	around *scope
	work   *budget
}

func newScope(doc bson.D, env Env) *scope {
	w := env.work
	if w == nil {
		w = new(budget)
	}
	s := (&scope{name: "NOW", value: env.Now, work: w}).bind("REMOVE", missing{})
	for name, v := range env.Vars {
		s = s.bind(name, v)
	}
	return s.bind("ROOT", doc).bind("CURRENT", doc)
}

func (s *scope) bind(name string, v any) *scope {
	return &scope{name: name, value: v, around: s, work: s.work}
}

func (s *scope) lookup(name string) (any, bool) {
	for ; s != nil; s = s.around {
		if s.name == name {
			return s.value, true
		}
	}
	return nil, false
}

// Results of a $redact expression; they are not BSON values.
type redactAnswer string

const (
	redactKeep    = redactAnswer("$$KEEP")
	redactPrune   = redactAnswer("$$PRUNE")
	redactDescend = redactAnswer("$$DESCEND")
)

// parseExprNode parses $expr in a filter.
func parseExprNode(v any, env Env) (node, error) {
	x, err := parseExpression(v, env)
	return exprNode{x, env}, err
}

type exprNode struct {
	x   expression
	env Env
}

// match reports whether the expression is truthy; an expression that fails on a document does not match it.
func (n exprNode) match(v any, _ *position) bool {
	d, _ := v.(bson.D)
	out, err := n.x(newScope(d, n.env))
	return err == nil && truthy(out)
}

func constant(v any) expression { return func(*scope) (any, error) { return v, nil } }

// parseExpression parses an aggregation expression: path, variable, operator, or literal with nested expressions.
func parseExpression(v any, env Env) (expression, error) {
	x, err := parseUncounted(v, env)
	if err != nil {
		return nil, err
	}
	return charged(x), nil
}

func parseUncounted(v any, env Env) (expression, error) {
	switch x := v.(type) {
	case string:
		return parsePath(x)
	case bson.A:
		return parseArray(x, env)
	case bson.D:
		if len(x) > 0 && strings.HasPrefix(x[0].Key, "$") {
			if len(x) != 1 {
				return nil, Errorf(15983, "an expression specification must contain exactly one field, the name of the "+
					"expression. Found %d fields in %s, while parsing object %s.", len(x), Format(x), Format(x))
			}
			return parseOperator(x[0], env)
		}
		return parseObject(x, env)
	}
	return constant(v), nil
}

func parsePath(s string) (expression, error) {
	if !strings.HasPrefix(s, "$") {
		return constant(s), nil
	}
	if strings.HasPrefix(s, "$$") {
		return parseVariable(s[2:])
	}
	path := strings.Split(s[1:], ".")
	for _, part := range path {
		if part == "" {
			return nil, Errorf(16872, "'%s' by itself is not a valid FieldPath", s)
		}
	}
	return func(s *scope) (any, error) {
		v, _ := s.lookup("CURRENT")
		return follow(v, path), nil
	}, nil
}

func parseVariable(s string) (expression, error) {
	parts := strings.Split(s, ".")
	if parts[0] == "" {
		return nil, Errorf(FailedToParse, "empty variable names are not allowed")
	}
	return func(s *scope) (any, error) {
		v, ok := s.lookup(parts[0])
		if !ok {
			return nil, Errorf(17276, "Use of undefined variable: %s", parts[0])
		}
		return follow(v, parts[1:]), nil
	}, nil
}

// follow reads a path as expressions do: an array yields the array of its elements' values.
func follow(v any, path []string) any {
	if len(path) == 0 {
		return v
	}
	switch x := v.(type) {
	case bson.D:
		return follow(get(x, path[0]), path[1:])
	case bson.A:
		out := bson.A{}
		for _, e := range x {
			if inner := follow(e, path); !isMissing(inner) {
				out = append(out, inner)
			}
		}
		return out
	}
	return missing{}
}

func parseList(list bson.A, env Env) ([]expression, error) {
	out := make([]expression, len(list))
	for i, item := range list {
		x, err := parseExpression(item, env)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

func parseArray(list bson.A, env Env) (expression, error) {
	items, err := parseList(list, env)
	return func(s *scope) (any, error) {
		out := make(bson.A, len(items))
		for i, item := range items {
			v, err := item(s)
			if err != nil {
				return nil, err
			}
			out[i] = orNull(v)
		}
		return out, nil
	}, err
}

func parseObject(d bson.D, env Env) (expression, error) {
	items := make([]expression, len(d))
	for i, e := range d {
		if strings.HasPrefix(e.Key, "$") {
			return nil, Errorf(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.")
		}
		x, err := parseExpression(e.Value, env)
		if err != nil {
			return nil, err
		}
		items[i] = x
	}
	return func(s *scope) (any, error) {
		out := make(bson.D, 0, len(d))
		for i, item := range items {
			v, err := item(s)
			if err != nil {
				return nil, err
			}
			if !isMissing(v) {
				out = append(out, bson.E{Key: d[i].Key, Value: v})
			}
		}
		return out, nil
	}, nil
}
