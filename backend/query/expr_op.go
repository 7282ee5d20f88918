package query

import (
	"go.mongodb.org/mongo-driver/v2/bson"
)

// function is an operator that computes a result from the values of its arguments.
type function struct {
	least, most int // number of arguments; most is -1 for no limit
	of          func(args []any) (any, error)
}

// special is an operator that parses its operand: it has named arguments or evaluates some of them lazily.
type special func(operand any, env Env) (expression, error)

func specials() map[string]special {
	return map[string]special{
		"$literal": func(v any, _ Env) (expression, error) { return constant(v), nil },
		"$and":     buildAll(false), "$or": buildAll(true), "$cond": buildCond, "$switch": buildSwitch,
		"$ifNull": buildIfNull,
		"$let":    buildLet, "$map": buildMap, "$filter": buildFilter, "$reduce": buildReduce, "$getField": buildGetField,
		"$dateToString": buildDateToString, "$regexMatch": buildRegexMatch, "$sortArray": buildSortArray,
		"$trim": buildTrim(true, true), "$ltrim": buildTrim(true, false), "$rtrim": buildTrim(false, true),
		"$replaceOne": buildReplace(1), "$replaceAll": buildReplace(-1), "$convert": buildConvert,
		"$setField": buildSetField("$setField"), "$unsetField": buildSetField("$unsetField"),
	}
}

func functions() []map[string]function {
	return []map[string]function{comparisons(), arithmetics(), texts(), arrays(), objects(), conversions()}
}

// parseOperator parses { $op: operand }.
func parseOperator(e bson.E, env Env) (expression, error) {
	switch e.Key {
	case "$sum", "$avg", "$min", "$max":
		return foldOperator(e, env)
	}
	if build, is := specials()[e.Key]; is {
		return build(e.Value, env)
	}
	for _, table := range functions() {
		f, is := table[e.Key]
		if !is {
			continue
		}
		return f.parse(e, env)
	}
	return nil, Errorf(InvalidPipelineOperator, "Unrecognized expression '%s'", e.Key)
}

func (f function) parse(e bson.E, env Env) (expression, error) {
	list, is := e.Value.(bson.A)
	if !is {
		list = bson.A{e.Value}
	}
	if len(list) < f.least || f.most >= 0 && len(list) > f.most {
		if f.least == f.most {
			return nil, Errorf(16020, "Expression %s takes exactly %d arguments. %d were passed in.", e.Key, f.least, len(list))
		}
		return nil, Errorf(28667, "Expression %s takes at least %d arguments, and at most %d, but %d were passed in.", e.Key,
			f.least, f.most, len(list))
	}
	args, err := parseList(list, env)
	return func(s *scope) (any, error) {
		values, err := evaluate(args, s)
		if err != nil {
			return nil, err
		}
		return f.of(values)
	}, err
}

func evaluate(args []expression, s *scope) ([]any, error) {
	values := make([]any, len(args))
	for i, arg := range args {
		v, err := arg(s)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func comparisons() map[string]function {
	test := func(holds func(c int) bool) function {
		return function{2, 2, func(a []any) (any, error) { return holds(Compare(a[0], a[1])), nil }}
	}
	return map[string]function{
		"$eq":  test(func(c int) bool { return c == 0 }),
		"$ne":  test(func(c int) bool { return c != 0 }),
		"$gt":  test(func(c int) bool { return c > 0 }),
		"$gte": test(func(c int) bool { return c >= 0 }),
		"$lt":  test(func(c int) bool { return c < 0 }),
		"$lte": test(func(c int) bool { return c <= 0 }),
		"$cmp": {2, 2, func(a []any) (any, error) { return int32(Compare(a[0], a[1])), nil }},
		"$not": {1, 1, func(a []any) (any, error) { return !truthy(a[0]), nil }},
	}
}

// buildAll builds $or with stop true and $and with stop false; evaluation ends at the first deciding argument.
func buildAll(stop bool) special {
	return func(operand any, env Env) (expression, error) {
		list, is := operand.(bson.A)
		if !is {
			list = bson.A{operand}
		}
		args, err := parseList(list, env)
		return func(s *scope) (any, error) {
			for _, arg := range args {
				v, err := arg(s)
				if err != nil {
					return nil, err
				}
				if truthy(v) == stop {
					return stop, nil
				}
			}
			return !stop, nil
		}, err
	}
}

// named parses the arguments of an operator with named arguments; absent ones are nil.
func named(op string, operand any, env Env, names ...string) (map[string]expression, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(FailedToParse, "%s only supports an object as its argument", op)
	}
	out := map[string]expression{}
	for _, e := range d {
		known := false
		for _, name := range names {
			known = known || name == e.Key
		}
		if !known {
			return nil, Errorf(FailedToParse, "Unrecognized parameter to %s: %s", op, e.Key)
		}
		x, err := parseExpression(e.Value, env)
		if err != nil {
			return nil, err
		}
		out[e.Key] = x
	}
	return out, nil
}

func needs(op string, args map[string]expression, names ...string) error {
	for _, name := range names {
		if args[name] == nil {
			return Errorf(FailedToParse, "Missing '%s' parameter to %s", name, op)
		}
	}
	return nil
}

func buildCond(operand any, env Env) (expression, error) {
	if list, is := operand.(bson.A); is {
		if len(list) != 3 {
			return nil, Errorf(16020, "Expression $cond takes exactly 3 arguments. %d were passed in.", len(list))
		}
		operand = bson.D{{Key: "if", Value: list[0]}, {Key: "then", Value: list[1]}, {Key: "else", Value: list[2]}}
	}
	args, err := named("$cond", operand, env, "if", "then", "else")
	if err != nil {
		return nil, err
	}
	if err := needs("$cond", args, "if", "then", "else"); err != nil {
		return nil, err
	}
	return func(s *scope) (any, error) {
		v, err := args["if"](s)
		if err != nil {
			return nil, err
		}
		if truthy(v) {
			return args["then"](s)
		}
		return args["else"](s)
	}, nil
}

func buildIfNull(operand any, env Env) (expression, error) {
	list, _ := operand.(bson.A)
	if len(list) < 2 {
		return nil, Errorf(1257300, "$ifNull needs at least two arguments, had: %d", len(list))
	}
	args, err := parseList(list, env)
	return func(s *scope) (any, error) {
		var v any
		for _, arg := range args {
			var err error
			if v, err = arg(s); err != nil || !isNullish(v) {
				return v, err
			}
		}
		return v, nil
	}, err
}

func buildSwitch(operand any, env Env) (expression, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(40060, "$switch requires an object as an argument, found: %s", TypeName(operand))
	}
	branches, _ := get(d, "branches").(bson.A)
	if len(branches) == 0 {
		return nil, Errorf(40068, "$switch requires at least one branch.")
	}
	var cases, thens []expression
	for _, b := range branches {
		args, err := named("$switch", b, env, "case", "then")
		if err != nil {
			return nil, err
		}
		if err := needs("$switch", args, "case", "then"); err != nil {
			return nil, err
		}
		cases, thens = append(cases, args["case"]), append(thens, args["then"])
	}
	var otherwise expression
	if v := get(d, "default"); !isMissing(v) {
		x, err := parseExpression(v, env)
		if err != nil {
			return nil, err
		}
		otherwise = x
	}
	return func(s *scope) (any, error) {
		for i, c := range cases {
			v, err := c(s)
			if err != nil {
				return nil, err
			}
			if truthy(v) {
				return thens[i](s)
			}
		}
		if otherwise == nil {
			return nil, Errorf(40066, "$switch could not find a matching branch for an input, and no default was specified.")
		}
		return otherwise(s)
	}, nil
}

func buildLet(operand any, env Env) (expression, error) {
	d, is := operand.(bson.D)
	vars, hasVars := get(d, "vars").(bson.D)
	if !is || !hasVars || isMissing(get(d, "in")) {
		return nil, Errorf(16874, "$let needs an object with 'vars' and 'in'")
	}
	in, err := parseExpression(get(d, "in"), env)
	if err != nil {
		return nil, err
	}
	values := make([]expression, len(vars))
	for i, e := range vars {
		if values[i], err = parseExpression(e.Value, env); err != nil {
			return nil, err
		}
	}
	return func(s *scope) (any, error) {
		inner := s
		for i, x := range values {
			v, err := x(s)
			if err != nil {
				return nil, err
			}
			inner = inner.bind(vars[i].Key, v)
		}
		return in(inner)
	}, nil
}
