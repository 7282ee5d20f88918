package model

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Conversion is what a value becomes in another type.
type Conversion struct {
	Kind  Kind
	Value bson.RawValue // zero: there is no conversion, see Reason
	Lost  string        // what the value loses, such as "the fraction is lost"; empty: nothing
	// why there is no conversion; empty: there is
	Reason string
}

// Convert returns what a value becomes in another type. Numbers are converted exactly, or Lost says what is lost; no
// number passes through a double that cannot hold it.
func Convert(v bson.RawValue, to Kind) Conversion {
	c := Conversion{Kind: to, Value: v}
	from := KindOf(v)
	switch {
	case from == to:
	case to == Null, to == Undefined, to == MinKey, to == MaxKey:
		c.Value, _ = parseConstant(to, "")
		if from != Null && from != Undefined && from != MinKey && from != MaxKey {
			c.Lost = "the value is lost"
		}
	case to == Array:
		c.Value = arrayOf([]bson.RawValue{v})
	case to == Object:
		c.Value = toObject(v)
	case from == Array:
		c = fromArray(v, to)
	case isNumeric(to):
		c = toNumber(v, to)
	case to == String, to == Symbol, to == JavaScript:
		c = toText(v, to)
	default:
		c = toOther(v, to)
	}
	return c
}

func isNumeric(k Kind) bool { return k == Int || k == Long || k == Double || k == Decimal }

func noConversion(to Kind, format string, args ...any) Conversion {
	return Conversion{Kind: to, Reason: fmt.Sprintf(format, args...)}
}

// toObject returns an array as an object with the indexes as names, any other value as the field "value" of an object.
func toObject(v bson.RawValue) bson.RawValue {
	if v.Type == bson.TypeArray {
		return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: v.Value}
	}
	b := newBuilder()
	b.add("value", v)
	return b.value(bson.TypeEmbeddedDocument)
}

// fromArray converts the first element of an array; text holds all of them.
func fromArray(v bson.RawValue, to Kind) Conversion {
	if to == String || to == JavaScript || to == Symbol {
		return toText(v, to)
	}
	n := countFields(v.Value)
	first, ok := childValue(v, "0")
	if !ok {
		return noConversion(to, "the array is empty")
	}
	c := Convert(first, to)
	if n > 1 && c.Reason == "" {
		verb := " are"
		if n == 2 {
			verb = " is"
		}
		c.Lost = joinLosses(countNoun(n-1, "item")+" after the first"+verb+" lost", c.Lost)
	}
	return c
}

func joinLosses(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// toText returns a value as text in the form in which it is edited.
func toText(v bson.RawValue, to Kind) Conversion {
	text := ""
	switch KindOf(v) {
	case Null, Undefined:
	case Object, Array, CodeWithScope, DBPointer:
		text = JSON(v)
	default:
		text = Text(v)
	}
	value, err := parseString(to, text)
	if err != nil {
		return noConversion(to, "the value is not valid text")
	}
	c := Conversion{Kind: to, Value: value}
	if KindOf(v) == Binary {
		c.Lost = "the subtype is only part of the text"
	}
	return c
}

// numberOf returns a value as an exact number; false: it is none, or not finite.
func numberOf(v bson.RawValue) (*big.Rat, bool) {
	switch KindOf(v) {
	case Bool:
		if v.Boolean() {
			return big.NewRat(1, 1), true
		}
		return new(big.Rat), true
	case Date:
		return new(big.Rat).SetInt64(v.DateTime()), true
	case Double:
		if f := v.Double(); math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, false
		}
		return new(big.Rat).SetFloat64(v.Double()), true
	case Int, Long, Decimal, String:
		text := strings.TrimSpace(Text(v))
		if !isDecimal(text) || len(text) > maxNumberText {
			return nil, false
		}
		if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 4 {
			return nil, false
		}
		return new(big.Rat).SetString(text)
	}
	return nil, false
}

// maxNumberText is the length of the longest text that is converted to a number, in bytes.
const maxNumberText = 1000

// isMinusZero reports whether a number, or text with one, is zero with a sign.
func isMinusZero(v bson.RawValue, n *big.Rat) bool {
	return n.Sign() == 0 && strings.HasPrefix(strings.TrimSpace(Text(v)), "-")
}

// hasLeadingZeros reports whether a text has zeros before its number, as postal codes have.
func hasLeadingZeros(v bson.RawValue) bool {
	text := withoutSign(strings.TrimSpace(Text(v)))
	return KindOf(v) == String && leadingDigits(text) > 1 && text[0] == '0'
}

// toNumber converts numbers, text, dates (milliseconds since 1970) and booleans (1 and 0).
func toNumber(v bson.RawValue, to Kind) Conversion {
	from := KindOf(v)
	n, ok := numberOf(v)
	if !ok {
		isNamed := !isDecimal(strings.TrimSpace(Text(v))) // NaN or Infinity
		if (to == Double || to == Decimal) && (from == Double || from == Decimal || from == String) && isNamed {
			if value, err := parseNumber(to, strings.TrimSpace(Text(v))); err == nil {
				return Conversion{Kind: to, Value: value}
			}
		}
		if !isNamed {
			return noConversion(to, "it is outside of the range")
		}
		return noConversion(to, "it is not a number")
	}
	c := Conversion{Kind: to}
	switch to {
	case Int, Long:
		c = toInteger(n, to)
		if isMinusZero(v, n) {
			c.Lost = "the sign of zero is lost"
		}
	case Double:
		c = toDouble(n, from)
		if isMinusZero(v, n) {
			c.Value = ValueOf(math.Copysign(0, -1))
		}
	case Decimal:
		text := Text(v)
		if from == Bool || from == Date {
			text = n.Num().String()
		}
		value, err := parseNumber(to, strings.TrimSpace(text))
		if err != nil {
			return noConversion(to, "it does not fit into 34 digits")
		}
		c.Value = value
		if m, ok := numberOf(value); from != Double && (!ok || m.Cmp(n) != 0) {
			c.Lost = "digits are lost"
		}
	}
	if c.Reason == "" && hasLeadingZeros(v) {
		c.Lost = joinLosses("leading zeros are lost", c.Lost)
	}
	return c
}

func toInteger(n *big.Rat, to Kind) Conversion {
	c := Conversion{Kind: to}
	if !n.IsInt() {
		c.Lost = "the fraction is lost"
	}
	value, err := parseNumber(to, new(big.Int).Quo(n.Num(), n.Denom()).String())
	if err != nil {
		return noConversion(to, "it is outside of the range")
	}
	c.Value = value
	return c
}

// toDouble converts to the nearest double. Digits are lost unless the text of the double is that of the number; a long
// has to fit exactly.
func toDouble(n *big.Rat, from Kind) Conversion {
	f, exact := n.Float64()
	switch {
	case math.IsInf(f, 0):
		return noConversion(Double, "it is outside of the range")
	case f == 0 && n.Sign() != 0:
		return noConversion(Double, "it is too small for a double")
	}
	c := Conversion{Kind: Double, Value: ValueOf(f)}
	shown, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'e', -1, 64))
	switch {
	case exact:
	case from == Long || shown.Cmp(n) != 0:
		c.Lost = "digits are lost"
	case from == Decimal:
		c.Lost = "the decimal fraction becomes the nearest binary one"
	}
	return c
}

// toOther converts to a type that is neither a number nor text.
func toOther(v bson.RawValue, to Kind) Conversion {
	from := KindOf(v)
	switch {
	case to == Bool && isNumeric(from):
		n, ok := numberOf(v)
		if !ok {
			return noConversion(to, "it is neither 0 nor another number")
		}
		c := Conversion{Kind: to, Value: ValueOf(n.Sign() != 0)}
		if n.Sign() != 0 && n.Cmp(big.NewRat(1, 1)) != 0 {
			c.Lost = "the number is lost"
		}
		return c
	case to == Date:
		return toDate(v)
	case to == Timestamp && from == Date:
		t := v.Time()
		if s := t.Unix(); s < 0 || s > math.MaxUint32 {
			return noConversion(to, "it is outside of the range")
		}
		c := Conversion{Kind: to, Value: ValueOf(bson.Timestamp{T: uint32(t.Unix())})}
		if t.Nanosecond() != 0 {
			c.Lost = "the milliseconds are lost"
		}
		return c
	case to == Binary && from == UUID:
		_, data := v.Binary()
		return Conversion{Kind: to, Value: ValueOf(bson.Binary{Data: data}), Lost: "the subtype of a UUID is lost"}
	case to == UUID && from == Binary:
		if subtype, data := v.Binary(); len(data) == 16 {
			return Conversion{Kind: to, Value: ValueOf(bson.Binary{Subtype: uuidSubtype, Data: data}),
				Lost: fmt.Sprintf("the subtype %d is lost", subtype)}
		}
		return noConversion(to, "a UUID has 16 bytes")
	case from == String || from == Symbol || from == JavaScript:
		value, err := Parse(to, Text(v))
		if err != nil {
			return noConversion(to, "%s", AsFault("", err).Message)
		}
		return Conversion{Kind: to, Value: value}
	}
	return noConversion(to, "there is no conversion from %s", from)
}

// toDate converts milliseconds since 1970, the time in an ObjectId or a timestamp, and text.
func toDate(v bson.RawValue) Conversion {
	switch from := KindOf(v); {
	case from == ObjectID:
		return Conversion{Kind: Date, Value: dateValue(v.ObjectID().Timestamp()), Lost: "all but the time is lost"}
	case from == Timestamp:
		seconds, ordinal := v.Timestamp()
		c := Conversion{Kind: Date, Value: dateValue(time.Unix(int64(seconds), 0))}
		if ordinal != 0 {
			c.Lost = "the ordinal is lost"
		}
		return c
	case isNumeric(from):
		milliseconds := toNumber(v, Long)
		if milliseconds.Reason != "" {
			return noConversion(Date, "%s", milliseconds.Reason)
		}
		return Conversion{Kind: Date, Value: ValueOf(bson.DateTime(milliseconds.Value.Int64())), Lost: milliseconds.Lost}
	case from == String:
		value, err := Parse(Date, Text(v))
		if err != nil {
			return noConversion(Date, "%s", AsFault("", err).Message)
		}
		return Conversion{Kind: Date, Value: value}
	}
	return noConversion(Date, "there is no conversion from %s", KindOf(v))
}

func dateValue(t time.Time) bson.RawValue { return ValueOf(bson.NewDateTimeFromTime(t)) }
