package query

import (
	"bytes"
	"cmp"
	"math"
	"math/big"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func isNumber(v any) bool { return class(v) == classNumber }

// integer returns the value of an int32 or int64.
func integer(v any) (int64, bool) {
	switch x := v.(type) {
	case int32:
		return int64(x), true
	case int64:
		return x, true
	}
	return 0, false
}

// double converts any number to float64, rounded if necessary.
func double(v any) float64 {
	switch x := v.(type) {
	case int32:
		return float64(x)
	case int64:
		return float64(x)
	case float64:
		return x
	case bson.Decimal128:
		if x.IsNaN() {
			return math.NaN()
		}
		if s := x.IsInf(); s != 0 {
			return math.Inf(s)
		}
		r, _, err := big.ParseFloat(x.String(), 10, 64, big.ToNearestEven)
		if err == nil {
			f, _ := r.Float64()
			return f
		}
	}
	return math.NaN()
}

// WholeNumber returns a number of any type as int64 if it has no fraction and fits.
func WholeNumber(v any) (int64, bool) {
	if n, ok := integer(v); ok {
		return n, true
	}
	if !isNumber(v) {
		return 0, false
	}
	f := double(v)
	if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

func compareNumbers(a, b any) int {
	x, xInt := integer(a)
	y, yInt := integer(b)
	f, xDouble := a.(float64)
	g, yDouble := b.(float64)
	switch {
	case xInt && yInt:
		return cmp.Compare(x, y)
	case xDouble && yDouble:
		return cmp.Compare(f, g)
	case xInt && yDouble:
		return compareIntDouble(x, g)
	case xDouble && yInt:
		return -compareIntDouble(y, f)
	}
	return bytes.Compare(appendNumberKey(nil, a), appendNumberKey(nil, b))
}

func compareIntDouble(n int64, f float64) int {
	switch {
	case math.IsNaN(f) || f < -(1<<63):
		return 1
	case f >= 1<<63:
		return -1
	}
	whole := math.Trunc(f)
	return cmp.Or(cmp.Compare(n, int64(whole)), cmp.Compare(0, f-whole))
}

// add implements $inc and $add: int32 widens to int64; ok is false on int64 overflow.
func add(a, b any) (sum any, ok bool) {
	return combine(a, b, operation{
		integers: func(x, y int64) (int64, bool) { s := x + y; return s, (s > x) == (y > 0) },
		doubles:  func(x, y float64) float64 { return x + y },
		decimals: addDecimals,
	})
}

// subtract is add with the second operand negated.
func subtract(a, b any) (any, bool) {
	return combine(a, b, operation{
		integers: func(x, y int64) (int64, bool) { s := x - y; return s, (s < x) == (y > 0) },
		doubles:  func(x, y float64) float64 { return x - y },
		decimals: func(x, y decimal) decimal { y.n = new(big.Int).Neg(y.n); return addDecimals(x, y) },
	})
}

// multiply returns the product with the result types of add.
func multiply(a, b any) (any, bool) {
	return combine(a, b, operation{
		integers: func(x, y int64) (int64, bool) {
			p := x * y
			return p, x == 0 || (p/x == y && !(x == -1 && y == math.MinInt64))
		},
		doubles:  func(x, y float64) float64 { return x * y },
		decimals: func(x, y decimal) decimal { return decimal{new(big.Int).Mul(x.n, y.n), x.exp + y.exp} },
	})
}

type operation struct {
	integers func(x, y int64) (int64, bool)
	doubles  func(x, y float64) float64
	decimals func(x, y decimal) decimal
}

func combine(a, b any, op operation) (any, bool) {
	_, da := a.(bson.Decimal128)
	_, db := b.(bson.Decimal128)
	if da || db {
		return combineDecimals(a, b, op), true
	}
	x, xInt := integer(a)
	y, yInt := integer(b)
	if !xInt || !yInt {
		return op.doubles(double(a), double(b)), true
	}
	n, ok := op.integers(x, y)
	_, a64 := a.(int64)
	_, b64 := b.(int64)
	if !a64 && !b64 && n == int64(int32(n)) {
		return int32(n), ok
	}
	return n, ok
}

// combineDecimals falls back to doubles for NaN and the infinities.
func combineDecimals(a, b any, op operation) any {
	x, okX := toDecimal(a)
	y, okY := toDecimal(b)
	if okX && okY {
		return op.decimals(x, y).round()
	}
	f := op.doubles(double(a), double(b))
	s := "NaN"
	if math.IsInf(f, 1) {
		s = "Infinity"
	} else if math.IsInf(f, -1) {
		s = "-Infinity"
	}
	d, err := bson.ParseDecimal128(s)
	if err != nil {
		return f
	}
	return d
}

// decimal is n times ten to the power exp.
type decimal struct {
	n   *big.Int
	exp int
}

func toDecimal(v any) (decimal, bool) {
	switch x := v.(type) {
	case int32:
		return decimal{big.NewInt(int64(x)), 0}, true
	case int64:
		return decimal{big.NewInt(x), 0}, true
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return decimal{}, false
		}
		// MongoDB converts a double with 15 significant digits.
		d, err := bson.ParseDecimal128(formatDouble(x, 15))
		if err != nil {
			return decimal{}, false
		}
		return toDecimal(d)
	case bson.Decimal128:
		if n, exp, err := x.BigInt(); err == nil {
			return decimal{n, exp}, true
		}
	}
	return decimal{}, false
}

func addDecimals(x, y decimal) decimal {
	if x.exp < y.exp {
		x, y = y, x
	}
	shift := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(x.exp-y.exp)), nil)
	return decimal{shift.Mul(shift, x.n).Add(shift, y.n), y.exp}
}

// round rounds to the 34 digits of a Decimal128, half to even.
func (d decimal) round() any {
	n, exp := new(big.Int).Set(d.n), d.exp
	if over := len(new(big.Int).Abs(n).String()) - 34; over > 0 {
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(over)), nil)
		rest := new(big.Int)
		n.QuoRem(n, unit, rest)
		half := rest.Abs(rest).Lsh(rest, 1).Cmp(unit)
		if half > 0 || half == 0 && n.Bit(0) == 1 {
			n.Add(n, big.NewInt(int64(d.n.Sign())))
		}
		exp += over
	}
	if out, ok := bson.ParseDecimal128FromBigInt(n, exp); ok {
		return out
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f * math.Pow10(exp)
}

// divideDecimals returns a quotient with the 34 digits of a Decimal128.
func divideDecimals(a any, n int64) any {
	x, ok := toDecimal(a)
	if !ok || n == 0 {
		return a
	}
	const extra = 40
	shift := new(big.Int).Exp(big.NewInt(10), big.NewInt(extra), nil)
	q := decimal{shift.Mul(shift, x.n).Quo(shift, big.NewInt(n)), x.exp - extra}
	for rest := new(big.Int); q.exp < x.exp; q.exp++ {
		less, _ := new(big.Int).QuoRem(q.n, big.NewInt(10), rest)
		if rest.Sign() != 0 {
			break
		}
		q.n = less
	}
	return q.round()
}
