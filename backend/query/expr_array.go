package query

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func arrays() map[string]function {
	return map[string]function{
		"$size":            {1, 1, arraySize},
		"$isArray":         {1, 1, func(a []any) (any, error) { _, is := a[0].(bson.A); return is, nil }},
		"$arrayElemAt":     {2, 2, elementAt},
		"$first":           {1, 1, func(a []any) (any, error) { return elementAt([]any{a[0], int32(0)}) }},
		"$last":            {1, 1, func(a []any) (any, error) { return elementAt([]any{a[0], int32(-1)}) }},
		"$in":              {2, 2, inArray},
		"$indexOfArray":    {2, 2, indexInArray},
		"$concatArrays":    {0, -1, concatArrays},
		"$slice":           {2, 3, sliceArray},
		"$reverseArray":    {1, 1, reverseArray},
		"$range":           {2, 3, makeRange},
		"$setUnion":        {0, -1, setUnion},
		"$setIntersection": {0, -1, setIntersection},
		"$setDifference":   {2, 2, setDifference},
		"$setIsSubset":     {2, 2, setIsSubset},
		"$setEquals":       {2, 2, setEquals},
		"$anyElementTrue":  {1, 1, func(a []any) (any, error) { return elementsTrue(a[0], true) }},
		"$allElementsTrue": {1, 1, func(a []any) (any, error) { return elementsTrue(a[0], false) }},
	}
}

func arraySize(a []any) (any, error) {
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(17124, "The argument to $size must be an array, but was of type: %s", TypeName(a[0]))
	}
	return int32(len(list)), nil
}

func elementAt(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(28689, "$arrayElemAt's first argument must be an array, but is %s", TypeName(a[0]))
	}
	n, whole := WholeNumber(a[1])
	if !whole {
		return nil, Errorf(28690, "$arrayElemAt's second argument must be a numeric value, but is %s", TypeName(a[1]))
	}
	if n < 0 {
		n += int64(len(list))
	}
	if n < 0 || n >= int64(len(list)) {
		return missing{}, nil
	}
	return list[n], nil
}

func inArray(a []any) (any, error) {
	list, is := a[1].(bson.A)
	if !is {
		return nil, Errorf(40081, "$in requires an array as a second argument, found: %s", TypeName(a[1]))
	}
	return slices.ContainsFunc(list, func(v any) bool { return Equal(v, a[0]) }), nil
}

func indexInArray(a []any) (any, error) {
	if isNullish(a[0]) {
		return nil, nil
	}
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(40090, "$indexOfArray requires an array as a first argument, found: %s", TypeName(a[0]))
	}
	return int32(slices.IndexFunc(list, func(v any) bool { return Equal(v, a[1]) })), nil
}

func concatArrays(a []any) (any, error) {
	out := bson.A{}
	for _, v := range a {
		if isNullish(v) {
			return nil, nil
		}
		list, is := v.(bson.A)
		if !is {
			return nil, Errorf(28664, "$concatArrays only supports arrays, not %s", TypeName(v))
		}
		out = append(out, list...)
	}
	return out, nil
}

func sliceArray(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(28724, "First argument to $slice must be an array, but is of type: %s", TypeName(a[0]))
	}
	n, whole := WholeNumber(a[1])
	if !whole {
		return nil, Errorf(28725, "Second argument to $slice must be a numeric value, but is of type: %s", TypeName(a[1]))
	}
	if len(a) == 2 {
		if n < 0 {
			return list[clampIndex(n, len(list)):], nil
		}
		return list[:clampIndex(n, len(list))], nil
	}
	limit, whole := WholeNumber(a[2])
	if !whole || limit <= 0 {
		return nil, Errorf(28729, "Third argument to $slice must be positive: %s", Format(a[2]))
	}
	return sliceRule{n, limit}.of(list), nil
}

func reverseArray(a []any) (any, error) {
	if isNullish(a[0]) {
		return nil, nil
	}
	list, is := a[0].(bson.A)
	if !is {
		return nil, Errorf(34435, "The argument to $reverseArray must be an array, but was of type: %s", TypeName(a[0]))
	}
	out := slices.Clone(list)
	slices.Reverse(out)
	return out, nil
}

func makeRange(a []any) (any, error) {
	bounds := []int64{0, 0, 1}
	for i, v := range a {
		n, whole := WholeNumber(v)
		if !whole || n != int64(int32(n)) {
			return nil, Errorf(34443, "$range requires numeric arguments that fit 32 bits, found: %s", Format(v))
		}
		bounds[i] = n
	}
	if bounds[2] == 0 {
		return nil, Errorf(34449, "$range requires a non-zero step value")
	}
	out := bson.A{}
	for n := bounds[0]; bounds[2] > 0 && n < bounds[1] || bounds[2] < 0 && n > bounds[1]; n += bounds[2] {
		if len(out) > maxPadding {
			return nil, Errorf(5107203, "$range would make an array of more than %d elements", maxPadding)
		}
		out = append(out, int32(n))
	}
	return out, nil
}

// asSet returns the distinct elements of an array in their original order.
func asSet(op string, v any) (*collect, error) {
	list, is := v.(bson.A)
	if !is {
		return nil, Errorf(17043, "All operands of %s must be arrays. One argument is of type: %s", op, TypeName(v))
	}
	out := &collect{list: bson.A{}, set: map[string]bool{}}
	for _, e := range list {
		out.add(e)
	}
	return out, nil
}

func (a *collect) has(v any) bool { return a.set[string(AppendKey(nil, v, false))] }

func setUnion(a []any) (any, error) {
	out := &collect{list: bson.A{}, set: map[string]bool{}}
	for _, v := range a {
		if isNullish(v) {
			return nil, nil
		}
		s, err := asSet("$setUnion", v)
		if err != nil {
			return nil, err
		}
		for _, e := range s.list {
			out.add(e)
		}
	}
	return out.list, nil
}

func setIntersection(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	var out bson.A
	for i, v := range a {
		s, err := asSet("$setIntersection", v)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out = s.list
			continue
		}
		out = slices.DeleteFunc(slices.Clone(out), func(e any) bool { return !s.has(e) })
	}
	if out == nil {
		out = bson.A{}
	}
	return out, nil
}

func setDifference(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	x, err := asSet("$setDifference", a[0])
	if err != nil {
		return nil, err
	}
	y, err := asSet("$setDifference", a[1])
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(x.list, y.has), nil
}

func setIsSubset(a []any) (any, error) {
	x, err := asSet("$setIsSubset", a[0])
	if err != nil {
		return nil, err
	}
	y, err := asSet("$setIsSubset", a[1])
	if err != nil {
		return nil, err
	}
	return !slices.ContainsFunc(x.list, func(v any) bool { return !y.has(v) }), nil
}

func setEquals(a []any) (any, error) {
	one, err := setIsSubset(a)
	if err != nil || one == false {
		return one, err
	}
	return setIsSubset([]any{a[1], a[0]})
}

func elementsTrue(v any, stop bool) (any, error) {
	list, is := v.(bson.A)
	if !is {
		return nil, Errorf(17040, "the argument of $anyElementTrue and $allElementsTrue must be an array, but is %s",
			TypeName(v))
	}
	for _, e := range list {
		if truthy(e) == stop {
			return stop, nil
		}
	}
	return !stop, nil
}
