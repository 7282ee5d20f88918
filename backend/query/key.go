package query

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// AppendKey appends a binary key that sorts as Compare orders values: equal values have equal keys, and no key is a
// prefix of another. descending inverts the order.
func AppendKey(dst []byte, v any, descending bool) []byte {
	start := len(dst)
	dst = appendPayload(append(dst, class(v)), v)
	if descending {
		invert(dst[start:])
	}
	return dst
}

// KeyClass returns the first byte of the ascending keys of all values that compare by value with v.
func KeyClass(v any) byte { return class(v) }

func invert(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}

func appendPayload(dst []byte, v any) []byte {
	switch x := v.(type) {
	case int32, int64, float64, bson.Decimal128:
		return appendNumberKey(dst, v)
	case string:
		return appendKeyText(dst, x)
	case bson.Symbol:
		return appendKeyText(dst, string(x))
	case bson.D:
		for _, e := range x {
			dst = appendKeyText(append(dst, class(e.Value)), e.Key)
			dst = appendPayload(dst, e.Value)
		}
		return append(dst, 0)
	case bson.A:
		for _, e := range x {
			dst = appendPayload(append(dst, class(e)), e)
		}
		return append(dst, 0)
	case bson.Binary:
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(x.Data)))
		return append(append(dst, x.Subtype), x.Data...)
	case bson.ObjectID:
		return append(dst, x[:]...)
	case bool:
		if x {
			return append(dst, 1)
		}
		return append(dst, 0)
	case bson.DateTime:
		return binary.BigEndian.AppendUint64(dst, uint64(x)^1<<63)
	case bson.Timestamp:
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(dst, x.T), x.I)
	case bson.Regex:
		return appendKeyText(appendKeyText(dst, x.Pattern), x.Options)
	case bson.DBPointer:
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(x.DB)))
		return append(append(dst, x.DB...), x.Pointer[:]...)
	case bson.JavaScript:
		return appendKeyText(dst, string(x))
	case bson.CodeWithScope:
		return appendPayload(appendKeyText(dst, string(x.Code)), scopeOf(x))
	}
	return dst
}

// appendKeyText escapes a zero byte as 00 FF and terminates with 00 01, so a string sorts before its extensions.
func appendKeyText(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = append(dst, s[i])
		if s[i] == 0 {
			dst = append(dst, 0xFF)
		}
	}
	return append(dst, 0, 1)
}

// TextPrefix returns the common prefix of the ascending keys of all strings that start with s.
func TextPrefix(s string) []byte {
	key := appendKeyText([]byte{classString}, s)
	return key[:len(key)-2]
}

// Number ranks in a key.
const (
	rankNaN = iota + 1
	rankNegativeInf
	rankNegative
	rankZero
	rankPositive
	rankInf
)

// appendNumberKey writes a number as its exact decimal digits, the only form that int32, int64, double and Decimal128
// share without loss: rank, exponent, two digits per byte, a zero byte.
func appendNumberKey(dst []byte, v any) []byte {
	rank, digits, exp := decimalForm(v)
	dst = append(dst, rank)
	if rank != rankNegative && rank != rankPositive {
		return dst
	}
	start := len(dst)
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(exp+1<<15))
	for i := 0; i < len(digits); i += 2 {
		pair := (digits[i] - '0') * 10
		if i+1 < len(digits) {
			pair += digits[i+1] - '0'
		}
		dst = append(dst, pair+1)
	}
	dst = append(dst, 0)
	if rank == rankNegative {
		invert(dst[start:])
	}
	return dst
}

// decimalForm returns a number as 0.digits times ten to the power exp.
func decimalForm(v any) (rank byte, digits []byte, exp int) {
	switch x := v.(type) {
	case int32:
		return integerForm(int64(x))
	case int64:
		return integerForm(x)
	case float64:
		return doubleForm(x)
	case bson.Decimal128:
		switch {
		case x.IsNaN():
			return rankNaN, nil, 0
		case x.IsInf() < 0:
			return rankNegativeInf, nil, 0
		case x.IsInf() > 0:
			return rankInf, nil, 0
		}
		n, e, err := x.BigInt()
		if err != nil {
			return rankNaN, nil, 0
		}
		return bigForm(n, e)
	}
	return rankNaN, nil, 0
}

func integerForm(n int64) (byte, []byte, int) {
	if n == 0 {
		return rankZero, nil, 0
	}
	rank, u := byte(rankPositive), uint64(n)
	if n < 0 {
		rank, u = rankNegative, -u
	}
	digits := strconv.AppendUint(nil, u, 10)
	return rank, digits, len(digits)
}

func doubleForm(f float64) (byte, []byte, int) {
	switch {
	case math.IsNaN(f):
		return rankNaN, nil, 0
	case math.IsInf(f, 0):
		if f < 0 {
			return rankNegativeInf, nil, 0
		}
		return rankInf, nil, 0
	case f == math.Trunc(f) && math.Abs(f) < 1<<62:
		return integerForm(int64(f))
	}
	fraction, exp := math.Frexp(f)
	mantissa := int64(fraction * (1 << 53))
	exp -= 53
	zeros := bits.TrailingZeros64(uint64(mantissa))
	mantissa, exp = mantissa>>zeros, exp+zeros
	n := big.NewInt(mantissa)
	if exp >= 0 {
		return bigForm(n.Lsh(n, uint(exp)), 0)
	}
	power := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-exp)), nil)
	return bigForm(n.Mul(n, power), exp)
}

func bigForm(n *big.Int, exp int) (byte, []byte, int) {
	if n.Sign() == 0 {
		return rankZero, nil, 0
	}
	rank := byte(rankPositive)
	if n.Sign() < 0 {
		rank = rankNegative
	}
	digits := new(big.Int).Abs(n).Append(nil, 10)
	return rank, digits, len(digits) + exp
}
