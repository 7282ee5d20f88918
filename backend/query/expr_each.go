package query

import (
	"go.mongodb.org/mongo-driver/v2/bson"
)

// loop is an operator that evaluates an expression for each element of an array, bound to a variable.
type loop struct {
	op    string
	input expression
	as    string
	body  expression
	limit expression
	start expression
}

func parseLoop(op, body string, operand any, env Env) (loop, error) {
	l := loop{op: op, as: "this"}
	d, is := operand.(bson.D)
	if !is {
		return l, Errorf(28646, "%s only supports an object as its argument", op)
	}
	for _, e := range d {
		var err error
		switch e.Key {
		case "input":
			l.input, err = parseExpression(e.Value, env)
		case "as":
			l.as, is = e.Value.(string)
			if !is || l.as == "" {
				err = Errorf(FailedToParse, "%s needs 'as' to be the name of a variable", op)
			}
		case body:
			l.body, err = parseExpression(e.Value, env)
		case "limit":
			l.limit, err = parseExpression(e.Value, env)
		case "initialValue":
			l.start, err = parseExpression(e.Value, env)
		default:
			err = Errorf(28647, "Unrecognized parameter to %s: %s", op, e.Key)
		}
		if err != nil {
			return l, err
		}
	}
	if l.input == nil || l.body == nil {
		return l, Errorf(28648, "Missing 'input' or '%s' parameter to %s", body, op)
	}
	return l, nil
}

// elements returns the input array; ok is false if it is null.
func (l loop) elements(s *scope) (list bson.A, something bool, err error) {
	v, err := l.input(s)
	if err != nil || isNullish(v) {
		return nil, false, err
	}
	list, is := v.(bson.A)
	if !is {
		return nil, false, Errorf(28651, "input to %s must be an array not %s", l.op, TypeName(v))
	}
	return list, true, nil
}

func buildMap(operand any, env Env) (expression, error) {
	l, err := parseLoop("$map", "in", operand, env)
	return func(s *scope) (any, error) {
		list, something, err := l.elements(s)
		if err != nil || !something {
			return nil, err
		}
		out := make(bson.A, len(list))
		for i, e := range list {
			v, err := l.body(s.bind(l.as, e))
			if err != nil {
				return nil, err
			}
			out[i] = orNull(v)
		}
		return out, nil
	}, err
}

func buildFilter(operand any, env Env) (expression, error) {
	l, err := parseLoop("$filter", "cond", operand, env)
	return func(s *scope) (any, error) {
		list, something, err := l.elements(s)
		if err != nil || !something {
			return nil, err
		}
		limit := int64(len(list))
		if l.limit != nil {
			v, err := l.limit(s)
			if err != nil {
				return nil, err
			}
			if n, whole := WholeNumber(v); whole && n > 0 {
				limit = n
			}
		}
		out := bson.A{}
		for _, e := range list {
			v, err := l.body(s.bind(l.as, e))
			if err != nil {
				return nil, err
			}
			if truthy(v) && int64(len(out)) < limit {
				out = append(out, e)
			}
		}
		return out, nil
	}, err
}

func buildReduce(operand any, env Env) (expression, error) {
	l, err := parseLoop("$reduce", "in", operand, env)
	if err == nil && l.start == nil {
		err = Errorf(40079, "$reduce requires 'initialValue' to be specified")
	}
	return func(s *scope) (any, error) {
		list, something, err := l.elements(s)
		if err != nil || !something {
			return nil, err
		}
		v, err := l.start(s)
		for _, e := range list {
			if err != nil {
				break
			}
			v, err = l.body(s.bind("value", v).bind("this", e))
		}
		return v, err
	}, err
}

func buildSortArray(operand any, env Env) (expression, error) {
	d, is := operand.(bson.D)
	if !is || isMissing(get(d, "input")) || isMissing(get(d, "sortBy")) {
		return nil, Errorf(2942500, "$sortArray requires an object with 'input' and 'sortBy'")
	}
	var p push
	if err := p.parseSort(get(d, "sortBy")); err != nil {
		return nil, err
	}
	input, err := parseExpression(get(d, "input"), env)
	return func(s *scope) (any, error) {
		v, err := input(s)
		if err != nil || isNullish(v) {
			return nil, err
		}
		list, is := v.(bson.A)
		if !is {
			return nil, Errorf(2942504, "The input argument to $sortArray must be an array, but was of type: %s", TypeName(v))
		}
		p.end = true
		return p.into(list), nil
	}, err
}

func objects() map[string]function {
	return map[string]function{
		"$mergeObjects":  {0, -1, mergeObjects},
		"$objectToArray": {1, 1, objectToArray},
		"$arrayToObject": {1, 1, arrayToObject},
	}
}

func mergeObjects(a []any) (any, error) {
	out := newMerge()
	for _, v := range a {
		if _, is := v.(bson.D); !is && !isNullish(v) {
			return nil, Errorf(40400, "$mergeObjects requires object inputs, but input %s is of type %s", Format(v), TypeName(v))
		}
		out.add(v)
	}
	return out.out, nil
}

func objectToArray(a []any) (any, error) {
	if isNullish(a[0]) {
		return nil, nil
	}
	d, is := a[0].(bson.D)
	if !is {
		return nil, Errorf(40390, "$objectToArray requires a document input, found: %s", TypeName(a[0]))
	}
	out := bson.A{}
	for _, e := range d {
		out = append(out, bson.D{{Key: "k", Value: e.Key}, {Key: "v", Value: e.Value}})
	}
	return out, nil
}

func arrayToObject(a []any) (any, error) {
	if isNullish(a[0]) {
		return nil, nil
	}
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(40386, "$arrayToObject requires an array input, found: %s", TypeName(a[0]))
	}
	out := newMerge()
	for _, e := range list {
		var key, value any
		switch x := e.(type) {
		case bson.D:
			key, value = get(x, "k"), get(x, "v")
		case bson.A:
			if len(x) == 2 {
				key, value = x[0], x[1]
			}
		}
		name, is := key.(string)
		if !is || isMissing(value) {
			return nil, Errorf(40392, "$arrayToObject requires an array of size 2 arrays, or of objects with 'k' and 'v', "+
				"found: %s", Format(e))
		}
		out.add(bson.D{{Key: name, Value: value}})
	}
	return out.out, nil
}

func buildGetField(operand any, env Env) (expression, error) {
	d, is := operand.(bson.D)
	field, from := operand, any("$$CURRENT")
	if is && !isOperators(d) {
		field = get(d, "field")
		if v := get(d, "input"); !isMissing(v) {
			from = v
		}
	}
	args, err := parseList(bson.A{field, from}, env)
	return func(s *scope) (any, error) {
		v, err := evaluate(args, s)
		if err != nil {
			return nil, err
		}
		name, is := v[0].(string)
		if !is {
			return nil, Errorf(5654602, "$getField requires 'field' to evaluate to type String, but got %s", TypeName(v[0]))
		}
		d, is := v[1].(bson.D)
		if !is {
			return missing{}, nil
		}
		return get(d, name), nil
	}, err
}

// buildSetField builds $setField and $unsetField: the input with one field set or removed, by the field's exact name.
func buildSetField(op string) special {
	return func(operand any, env Env) (expression, error) {
		d, is := operand.(bson.D)
		if !is {
			return nil, Errorf(4161100, "%s only supports an object as its argument", op)
		}
		value := any("$$REMOVE")
		if op == "$setField" {
			value = get(d, "value")
		}
		field, input := get(d, "field"), get(d, "input")
		if isMissing(field) || isMissing(input) || isMissing(value) {
			return nil, Errorf(4161102, "%s requires 'field', 'input' and, to set a field, 'value' to be specified", op)
		}
		args, err := parseList(bson.A{field, input, value}, env)
		return func(s *scope) (any, error) {
			v, err := evaluate(args, s)
			if err != nil {
				return nil, err
			}
			name, is := v[0].(string)
			if !is {
				return nil, Errorf(4161107, "%s requires 'field' to evaluate to type String, but got %s", op, TypeName(v[0]))
			}
			if v[1] == nil || isMissing(v[1]) {
				return nil, nil
			}
			d, is := v[1].(bson.D)
			if !is {
				return nil, Errorf(4161105, "%s requires 'input' to evaluate to type Object, but got %s", op, TypeName(v[1]))
			}
			return withField(d, name, v[2]), nil
		}, err
	}
}

// withField returns a copy of a document with a field set, or removed if the value is missing.
func withField(d bson.D, name string, value any) bson.D {
	out := make(bson.D, 0, len(d)+1)
	set := false
	for _, e := range d {
		if e.Key == name {
			if isMissing(value) || set {
				continue
			}
			e.Value, set = value, true
		}
		out = append(out, e)
	}
	if !set && !isMissing(value) {
		out = append(out, bson.E{Key: name, Value: value})
	}
	return out
}
