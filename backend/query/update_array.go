package query

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// push is a parsed $push.
type push struct {
	each     bson.A
	position int64
	end      bool // no $position: append
	slice    int64
	sliced   bool
	sort     *Sort // for documents
	order    int   // for plain values: 1, -1, 0 for none
}

func buildPush(path string, operand any, _ Env) (changer, error) {
	p := push{each: bson.A{operand}, end: true}
	if d, is := operand.(bson.D); is && !isMissing(get(d, "$each")) {
		var err error
		if p, err = parsePush(d); err != nil {
			return nil, err
		}
	}
	return func(old, id any) (any, error) {
		array, is := old.(bson.A)
		if !is && !isMissing(old) {
			return nil, Errorf(BadValue, "The field '%s' must be an array but is of type %s in document {_id: %s}", path,
				TypeName(old), Format(id))
		}
		return p.into(array), nil
	}, nil
}

func parsePush(d bson.D) (push, error) {
	p := push{end: true}
	for _, e := range d {
		var whole bool
		switch e.Key {
		case "$each":
			list, is := e.Value.(bson.A)
			if !is {
				return p, Errorf(BadValue, "The argument to $each in $push must be an array but it was of type: %s",
					TypeName(e.Value))
			}
			p.each = list
		case "$position":
			if p.position, whole = WholeNumber(e.Value); !whole {
				return p, Errorf(BadValue, "The value for $position must be an integer value, not of type: %s", TypeName(e.Value))
			}
			p.end = false
		case "$slice":
			if p.slice, whole = WholeNumber(e.Value); !whole {
				return p, Errorf(BadValue, "The value for $slice must be an integer value but was given type: %s",
					TypeName(e.Value))
			}
			p.sliced = true
		case "$sort":
			if err := p.parseSort(e.Value); err != nil {
				return p, err
			}
		default:
			return p, Errorf(BadValue, "Unrecognized clause in $push: %s", e.Key)
		}
	}
	return p, nil
}

func (p *push) parseSort(operand any) error {
	if d, is := operand.(bson.D); is {
		s, err := ParseSort(d)
		p.sort = s
		return err
	}
	n, whole := WholeNumber(operand)
	if !whole || n != 1 && n != -1 {
		return Errorf(BadValue, "The $sort element value must be either 1 or -1")
	}
	p.order = int(n)
	return nil
}

func (p *push) into(old bson.A) bson.A {
	at := len(old)
	if !p.end {
		at = clampIndex(p.position, len(old))
	}
	out := slices.Concat(old[:at:at], clone(p.each).(bson.A), old[at:])
	if p.order != 0 {
		slices.SortStableFunc(out, func(a, b any) int { return p.order * Compare(a, b) })
	}
	if p.sort != nil {
		slices.SortStableFunc(out, func(a, b any) int { return p.sort.compareValues(a, b) })
	}
	if p.sliced {
		if p.slice >= 0 {
			out = out[:min(int(min(p.slice, 1<<31)), len(out))]
		} else {
			out = out[clampIndex(p.slice, len(out)):]
		}
	}
	return out
}

// clampIndex converts an index that may count from the end and limits it to the array.
func clampIndex(n int64, length int) int {
	if n < 0 {
		return int(max(0, int64(length)+n))
	}
	return int(min(n, int64(length)))
}

func buildAddToSet(path string, operand any, _ Env) (changer, error) {
	items := bson.A{operand}
	if d, is := operand.(bson.D); is && len(d) > 0 && d[0].Key == "$each" {
		list, is := d[0].Value.(bson.A)
		if !is {
			return nil, Errorf(TypeMismatch, "The argument to $each in $addToSet must be an array but it was of type %s",
				TypeName(d[0].Value))
		}
		if len(d) > 1 {
			return nil, Errorf(BadValue, "Found unexpected fields after $each in $addToSet: %s", Format(d))
		}
		items = list
	}
	return func(old, _ any) (any, error) {
		array, is := old.(bson.A)
		if !is && !isMissing(old) {
			return nil, Errorf(BadValue, "Cannot apply $addToSet to non-array field. Field named '%s' has non-array type %s",
				path, TypeName(old))
		}
		for _, item := range items {
			if !slices.ContainsFunc(array, func(v any) bool { return Equal(v, item) }) {
				array = append(array, clone(item))
			}
		}
		if array == nil {
			array = bson.A{}
		}
		return array, nil
	}, nil
}

func buildPop(path string, operand any, _ Env) (changer, error) {
	n, whole := WholeNumber(operand)
	if !isNumber(operand) {
		return nil, Errorf(FailedToParse, "Expected a number in: %s: %s", path, Format(operand))
	}
	if !whole || n != 1 && n != -1 {
		return nil, Errorf(FailedToParse, "$pop expects 1 or -1, found: %s", Format(operand))
	}
	return func(old, _ any) (any, error) {
		array, is := old.(bson.A)
		switch {
		case isMissing(old):
			return old, nil
		case !is:
			return nil, Errorf(TypeMismatch, "Path '%s' contains an element of non-array type '%s'", path, TypeName(old))
		case len(array) == 0:
			return array, nil
		case n == 1:
			return array[:len(array)-1], nil
		}
		return array[1:], nil
	}, nil
}

func buildPull(_ string, operand any, env Env) (changer, error) {
	test, err := pullTest(operand, env)
	if err != nil {
		return nil, err
	}
	return func(old, _ any) (any, error) { return removeFrom("$pull", old, test) }, nil
}

// pullTest parses the operand of $pull: operators test an element, a document queries it, a value equals it.
func pullTest(operand any, env Env) (func(v any) bool, error) {
	p := &filterParser{env: env, fields: map[string]bool{}}
	switch x := operand.(type) {
	case bson.Regex:
		re, err := compileRegex(x.Pattern, x.Options)
		if err != nil {
			return nil, err
		}
		return matchRegex(re, x), nil
	case bson.D:
		if isOperators(x) && !isLogical(x[0].Key) {
			n, err := p.operators(nil, x, false)
			return func(v any) bool { return n.match(v, nil) }, err
		}
		n, err := p.document(x, false)
		return func(v any) bool {
			d, is := v.(bson.D)
			return is && n.match(d, nil)
		}, err
	}
	return func(v any) bool { return Equal(v, operand) }, nil
}

func buildPullAll(_ string, operand any, _ Env) (changer, error) {
	list, is := operand.(bson.A)
	if !is {
		return nil, Errorf(BadValue, "$pullAll requires an array argument but was given a %s", TypeName(operand))
	}
	return func(old, _ any) (any, error) {
		return removeFrom("$pullAll", old, func(v any) bool {
			return slices.ContainsFunc(list, func(item any) bool { return Equal(v, item) })
		})
	}, nil
}

func removeFrom(op string, old any, test func(v any) bool) (any, error) {
	if isMissing(old) {
		return old, nil
	}
	array, is := old.(bson.A)
	if !is {
		return nil, Errorf(BadValue, "Cannot apply %s to a non-array value", op)
	}
	return slices.DeleteFunc(array, test), nil
}
