package query

import (
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func arithmetics() map[string]function {
	return map[string]function{
		"$add":      {0, -1, func(a []any) (any, error) { return addAll(a) }},
		"$subtract": {2, 2, subtractValues},
		"$multiply": {0, -1, multiplyAll},
		"$divide":   {2, 2, divide},
		"$mod":      {2, 2, modulo},
		"$abs":      numeric("$abs", func(v any) (any, error) { return absolute(v) }),
		"$ceil":     numeric("$ceil", rounded(math.Ceil)),
		"$floor":    numeric("$floor", rounded(math.Floor)),
		"$sqrt":     numeric("$sqrt", func(v any) (any, error) { return math.Sqrt(double(v)), nil }),
		"$trunc":    {1, 2, func(a []any) (any, error) { return roundTo("$trunc", a, math.Trunc) }},
		"$round":    {1, 2, func(a []any) (any, error) { return roundTo("$round", a, math.RoundToEven) }},
		"$pow":      {2, 2, power},
	}
}

// numeric is a function of one number; it returns null for null and absent values.
func numeric(op string, of func(v any) (any, error)) function {
	return function{1, 1, func(a []any) (any, error) {
		if isNullish(a[0]) {
			return nil, nil
		}
		if !isNumber(a[0]) {
			return nil, Errorf(28765, "%s only supports numeric types, not %s", op, TypeName(a[0]))
		}
		return of(a[0])
	}}
}

func anyNullish(args []any) bool {
	for _, v := range args {
		if isNullish(v) {
			return true
		}
	}
	return false
}

func addAll(args []any) (any, error) {
	var total any = int32(0)
	date, dated := bson.DateTime(0), false
	for _, v := range args {
		switch x := v.(type) {
		case nil, missing, bson.Undefined:
			return nil, nil
		case bson.DateTime:
			if dated {
				return nil, Errorf(16612, "only one date allowed in an $add expression")
			}
			date, dated = x, true
			continue
		}
		if !isNumber(v) {
			return nil, Errorf(TypeMismatch, "$add only supports numeric or date types, not %s", TypeName(v))
		}
		s := sum{total}
		s.add(v)
		total = s.total
	}
	if dated {
		ms, _ := truncate(total)
		return date + bson.DateTime(ms), nil
	}
	return total, nil
}

func subtractValues(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	if from, is := a[0].(bson.DateTime); is {
		if to, is := a[1].(bson.DateTime); is {
			return int64(from - to), nil
		}
		if ms, ok := truncate(a[1]); ok && isNumber(a[1]) {
			return from - bson.DateTime(ms), nil
		}
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, Errorf(TypeMismatch, "can't $subtract %s from %s", TypeName(a[1]), TypeName(a[0]))
	}
	v, ok := subtract(a[0], a[1])
	if !ok {
		return double(a[0]) - double(a[1]), nil
	}
	return v, nil
}

func multiplyAll(args []any) (any, error) {
	var total any = int32(1)
	for _, v := range args {
		if isNullish(v) {
			return nil, nil
		}
		if !isNumber(v) {
			return nil, Errorf(TypeMismatch, "$multiply only supports numeric types, not %s", TypeName(v))
		}
		product, ok := multiply(total, v)
		if !ok {
			product = double(total) * double(v)
		}
		total = product
	}
	return total, nil
}

func divide(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, Errorf(TypeMismatch, "$divide only supports numeric types, not %s and %s", TypeName(a[0]), TypeName(a[1]))
	}
	if compareNumbers(a[1], int32(0)) == 0 {
		return nil, Errorf(BadValue, "can't $divide by zero")
	}
	if n, whole := WholeNumber(a[1]); whole {
		if d, is := a[0].(bson.Decimal128); is {
			return divideDecimals(d, n), nil
		}
	}
	return double(a[0]) / double(a[1]), nil
}

func modulo(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, Errorf(16611, "$mod only supports numeric types, not %s and %s", TypeName(a[0]), TypeName(a[1]))
	}
	if compareNumbers(a[1], int32(0)) == 0 {
		return nil, Errorf(16610, "can't $mod by zero")
	}
	x, xInt := integer(a[0])
	y, yInt := integer(a[1])
	if !xInt || !yInt {
		return math.Mod(double(a[0]), double(a[1])), nil
	}
	if y == -1 {
		x = 0
	}
	return narrow(x%y, a...), nil
}

// narrow returns n as int32 if all operands were int32.
func narrow(n int64, from ...any) any {
	for _, v := range from {
		if _, is := v.(int32); !is {
			return n
		}
	}
	if n != int64(int32(n)) {
		return n
	}
	return int32(n)
}

func absolute(v any) (any, error) {
	if n, is := integer(v); is {
		if n == math.MinInt64 {
			return nil, Errorf(28680, "can't take $abs of long long min")
		}
		return narrow(max(n, -n), v), nil
	}
	if d, is := v.(bson.Decimal128); is {
		if compareNumbers(d, int32(0)) < 0 {
			out, _ := subtract(int32(0), d)
			return out, nil
		}
		return d, nil
	}
	return math.Abs(double(v)), nil
}

func rounded(round func(float64) float64) func(v any) (any, error) {
	return func(v any) (any, error) {
		if _, is := integer(v); is {
			return v, nil
		}
		return round(double(v)), nil
	}
}

func roundTo(op string, a []any, round func(float64) float64) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	if !isNumber(a[0]) {
		return nil, Errorf(51081, "%s only supports numeric types, not %s", op, TypeName(a[0]))
	}
	places := int64(0)
	if len(a) > 1 {
		n, whole := WholeNumber(a[1])
		if !whole || n < -20 || n > 100 {
			return nil, Errorf(51082, "precision argument to %s must be an integral value between -20 and 100", op)
		}
		places = n
	}
	if _, is := integer(a[0]); is && places >= 0 {
		return a[0], nil
	}
	f := double(a[0])
	if places == 0 {
		return round(f), nil
	}
	if op == "$round" && places > 0 {
		// Rounding uses the digits of the number, not those of the number times a power of ten.
		out, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(places), 64), 64)
		return out, err
	}
	unit := math.Pow10(int(places))
	return round(f*unit) / unit, nil
}

func power(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	if !isNumber(a[0]) || !isNumber(a[1]) {
		return nil, Errorf(28762, "$pow's base and exponent must be numeric, not %s and %s", TypeName(a[0]), TypeName(a[1]))
	}
	f := math.Pow(double(a[0]), double(a[1]))
	_, xInt := integer(a[0])
	y, yInt := integer(a[1])
	if xInt && yInt && y >= 0 && math.Abs(f) < 1<<53 {
		return narrow(int64(f), a...), nil
	}
	return f, nil
}

// foldOperator applies an accumulator to its arguments, or to the elements of a single array argument.
func foldOperator(e bson.E, env Env) (expression, error) {
	list, is := e.Value.(bson.A)
	if !is {
		list = bson.A{e.Value}
	}
	args, err := parseList(list, env)
	if err != nil {
		return nil, err
	}
	return func(s *scope) (any, error) {
		values, err := evaluate(args, s)
		if err != nil {
			return nil, err
		}
		if len(values) == 1 {
			if a, is := values[0].(bson.A); is {
				values = a
			}
		}
		acc := accumulators()[e.Key]()
		for _, v := range values {
			acc.add(v)
		}
		return acc.result(), nil
	}, nil
}
