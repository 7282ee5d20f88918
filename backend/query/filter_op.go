package query

import (
	"math"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// operators parses { $gt: 1, $lt: 5 } at a path.
func (p *filterParser) operators(path []string, d bson.D, must bool) (node, error) {
	if p.depth++; p.depth > 2*maxDepth {
		return nil, Errorf(BadValue, "exceeded maximum query tree depth of %d", maxDepth)
	}
	defer func() { p.depth-- }()
	nodes := make(allOf, 0, len(d))
	for _, e := range d {
		n, err := p.operator(path, d, e, must)
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return nodes, nil
}

func (p *filterParser) operator(path []string, all bson.D, e bson.E, must bool) (node, error) {
	switch e.Key {
	case "$eq":
		return p.equal(path, e.Value, must)
	case "$ne":
		if _, is := e.Value.(bson.Regex); is {
			return nil, Errorf(BadValue, "Can't have regex as arg to $ne.")
		}
		n, err := p.equal(path, e.Value, false)
		return notNode{n}, err
	case "$gt", "$gte", "$lt", "$lte":
		return p.order(path, e, must)
	case "$in":
		return p.in(path, e, must)
	case "$nin":
		n, err := p.in(path, e, false)
		return notNode{n}, err
	case "$not":
		return p.not(path, e.Value)
	case "$exists":
		return p.exists(path, e.Value, must), nil
	case "$type":
		set, err := typeSet(e.Value)
		if err != nil {
			return nil, err
		}
		return leaf{path: path, test: func(v any) bool { return !isMissing(v) && set[TypeName(v)] }}, nil
	case "$regex", "$options":
		return p.regexOperator(path, all, e, must)
	case "$mod":
		return parseMod(path, e.Value)
	case "$size":
		return parseSize(path, e.Value)
	case "$all":
		return p.all(path, e.Value, must)
	case "$elemMatch":
		return p.elemMatch(path, e.Value)
	case "$bitsAllSet", "$bitsAllClear", "$bitsAnySet", "$bitsAnyClear":
		return parseBits(path, e)
	case "$comment":
		return nil, nil
	case "$near", "$nearSphere", "$geoWithin", "$geoIntersects", "$geoNear", "$within":
		return nil, Errorf(BadValue, "%s is not supported by the embedded database", e.Key)
	}
	return nil, Errorf(BadValue, "unknown operator: %s", e.Key)
}

// order parses a comparison. It matches only values of the same type class; MinKey and MaxKey compare with all.
func (p *filterParser) order(path []string, e bson.E, must bool) (node, error) {
	want := e.Value
	switch want.(type) {
	case bson.Regex:
		return nil, Errorf(BadValue, "Can't have RegEx as arg to predicate over field '%s'.", strings.Join(path, "."))
	case bson.Undefined:
		return nil, Errorf(BadValue, "cannot compare to undefined")
	}
	p.note(path, e.Key, want, must)
	inclusive := e.Key == "$gte" || e.Key == "$lte"
	sign := 1
	if e.Key == "$lt" || e.Key == "$lte" {
		sign = -1
	}
	bracket := class(want)
	nan := IsNaN(want)
	return leaf{path: path, test: func(v any) bool {
		if bracket == classNull {
			return inclusive && isNullish(v)
		}
		if isMissing(v) || class(v) != bracket && bracket != classMinKey && bracket != classMaxKey {
			return false
		}
		if nan || IsNaN(v) {
			return inclusive && nan && IsNaN(v)
		}
		c := Compare(v, want)
		return c == 0 && inclusive || c*sign > 0
	}}, nil
}

// IsNaN reports whether a value is the double or decimal NaN.
func IsNaN(v any) bool {
	switch x := v.(type) {
	case float64:
		return math.IsNaN(x)
	case bson.Decimal128:
		return x.IsNaN()
	}
	return false
}

func (p *filterParser) in(path []string, e bson.E, must bool) (node, error) {
	list, is := e.Value.(bson.A)
	if !is {
		return nil, Errorf(BadValue, "%s needs an array", e.Key)
	}
	var values, regexes []func(any) bool
	keys := make(map[string]bool, len(list))
	for _, item := range list {
		switch x := item.(type) {
		case bson.Regex:
			re, err := compileRegex(x.Pattern, x.Options)
			if err != nil {
				return nil, err
			}
			regexes = append(regexes, matchRegex(re, x))
			continue
		case bson.D:
			if isOperators(x) {
				return nil, Errorf(BadValue, "cannot nest $ under %s", e.Key)
			}
		case bson.Undefined:
			return nil, Errorf(BadValue, "cannot compare to undefined")
		case nil:
			values = append(values, isNullish)
		}
		keys[string(AppendKey(nil, item, false))] = true
	}
	switch {
	case len(regexes) > 0:
	case len(list) == 1: // an equality, from which an upsert takes the value
		p.note(path, "$eq", list[0], must)
	default:
		p.note(path, "$in", list, must)
	}
	tests := append(values, regexes...)
	return leaf{path: path, test: func(v any) bool {
		if !isMissing(v) && keys[string(AppendKey(nil, v, false))] {
			return true
		}
		for _, test := range tests {
			if test(v) {
				return true
			}
		}
		return false
	}}, nil
}

func (p *filterParser) not(path []string, operand any) (node, error) {
	switch x := operand.(type) {
	case bson.Regex:
		n, err := p.regex(path, x, false)
		return notNode{n}, err
	case bson.D:
		if len(x) == 0 {
			return nil, Errorf(BadValue, "$not cannot be empty")
		}
		n, err := p.operators(path, x, false)
		return notNode{n}, err
	}
	return nil, Errorf(BadValue, "$not needs a regex or a document")
}

func (p *filterParser) exists(path []string, operand any, must bool) node {
	there := leaf{path: path, test: func(v any) bool { return !isMissing(v) }}
	if truthy(operand) {
		p.note(path, "$exists", true, must)
		return there
	}
	return notNode{there}
}

// truthy implements MongoDB's boolean conversion: all values but false, zero, null and undefined are true.
func truthy(v any) bool {
	switch x := v.(type) {
	case bool:
		return x
	case nil, missing, bson.Undefined:
		return false
	}
	return !isNumber(v) || compareNumbers(v, int32(0)) != 0
}

func (p *filterParser) regexOperator(path []string, all bson.D, e bson.E, must bool) (node, error) {
	pattern := get(all, "$regex")
	if e.Key == "$options" {
		if isMissing(pattern) {
			return nil, Errorf(BadValue, "$options needs a $regex")
		}
		return nil, nil
	}
	var r bson.Regex
	switch x := pattern.(type) {
	case string:
		r.Pattern = x
	case bson.Regex:
		r = x
	default:
		return nil, Errorf(BadValue, "$regex has to be a string")
	}
	switch o := get(all, "$options").(type) {
	case missing:
	case string:
		if r.Options != "" {
			return nil, Errorf(51075, "options set in both $regex and $options")
		}
		r.Options = o
	default:
		return nil, Errorf(BadValue, "$options has to be a string")
	}
	return p.regex(path, r, must)
}

func parseMod(path []string, operand any) (node, error) {
	a, is := operand.(bson.A)
	switch {
	case !is:
		return nil, Errorf(BadValue, "malformed mod, needs to be an array")
	case len(a) < 2:
		return nil, Errorf(BadValue, "malformed mod, not enough elements")
	case len(a) > 2:
		return nil, Errorf(BadValue, "malformed mod, too many elements")
	}
	divisor, ok := truncate(a[0])
	if !ok {
		return nil, Errorf(BadValue, "malformed mod, divisor not a number")
	}
	if divisor == 0 {
		return nil, Errorf(BadValue, "divisor cannot be 0")
	}
	remainder, ok := truncate(a[1])
	if !ok {
		return nil, Errorf(BadValue, "malformed mod, remainder not a number")
	}
	return leaf{path: path, test: func(v any) bool {
		n, ok := truncate(v)
		return ok && (divisor == -1 && remainder == 0 || divisor != -1 && n%divisor == remainder)
	}}, nil
}

// truncate drops the fraction of a number; ok is false if v is not a finite number that fits int64.
func truncate(v any) (int64, bool) {
	if n, ok := integer(v); ok {
		return n, true
	}
	f := double(v)
	if math.IsNaN(f) || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}
