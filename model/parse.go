package model

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// regexFlags are the regular expression options of MongoDB, written after the closing slash.
const regexFlags = "ilmsux"

// Parse reads user input as a value of exactly the given kind. The error is an InvalidInput fault that names the
// expected form, such as "a whole number from -2147483648 to 2147483647". Surrounding spaces are ignored, except for
// the kinds that hold text: string, symbol, javascript and regex.
func Parse(kind Kind, text string) (bson.RawValue, error) {
	return ParseOver(kind, text, bson.RawValue{})
}

// ParseOver is Parse for text that replaces a value: the numbers of an object or array keep their types, see
// ParseJSONOver.
func ParseOver(kind Kind, text string, old bson.RawValue) (bson.RawValue, error) {
	trimmed := strings.TrimSpace(text)
	switch kind {
	case String, Symbol, JavaScript:
		return parseString(kind, text)
	case Regex:
		return parseRegex(text)
	case Int, Long, Double, Decimal:
		return parseNumber(kind, trimmed)
	case Bool:
		switch trimmed {
		case "true", "false":
			return ValueOf(trimmed == "true"), nil
		}
		return parseError(kind, text, "true or false")
	case Date:
		return parseDate(trimmed)
	case Timestamp:
		return parseTimestamp(trimmed)
	case ObjectID:
		id, err := bson.ObjectIDFromHex(trimmed)
		if err != nil {
			return parseError(kind, text, "24 hexadecimal digits")
		}
		return ValueOf(id), nil
	case UUID:
		return parseUUID(trimmed)
	case Binary:
		return parseBinary(trimmed)
	case Object, Array, CodeWithScope, DBPointer:
		return parseAsJSON(kind, text, old)
	case Null, Undefined, MinKey, MaxKey:
		return parseConstant(kind, trimmed)
	}
	_, err := ParseKind(string(kind))
	return bson.RawValue{}, err
}

// parseError returns the fault for text that is not a value of the kind.
func parseError(kind Kind, text, expected string) (bson.RawValue, error) {
	if text == "" {
		return bson.RawValue{}, InvalidInputf("", "type %s: expected %s", kind, expected)
	}
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return bson.RawValue{}, InvalidInputf("", "%q is not a valid %s: expected %s", text, kind, expected)
}

func parseString(kind Kind, text string) (bson.RawValue, error) {
	if !utf8.ValidString(text) {
		return parseError(kind, text, "valid UTF-8")
	}
	switch kind {
	case Symbol:
		return ValueOf(bson.Symbol(text)), nil
	case JavaScript:
		return ValueOf(bson.JavaScript(text)), nil
	}
	return ValueOf(text), nil
}

func parseConstant(kind Kind, text string) (bson.RawValue, error) {
	if text != "" && text != string(kind) {
		return parseError(kind, text, "the word "+string(kind)+" or no text")
	}
	switch kind {
	case Undefined:
		return ValueOf(bson.Undefined{}), nil
	case MinKey:
		return ValueOf(bson.MinKey{}), nil
	case MaxKey:
		return ValueOf(bson.MaxKey{}), nil
	}
	return ValueOf(nil), nil
}

func parseNumber(kind Kind, text string) (bson.RawValue, error) {
	switch kind {
	case Int:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return parseError(kind, text, "a whole number from -2147483648 to 2147483647")
		}
		return ValueOf(int32(n)), nil
	case Long:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return parseError(kind, text, "a whole number from -9223372036854775808 to 9223372036854775807")
		}
		return ValueOf(n), nil
	case Decimal:
		d, err := bson.ParseDecimal128(text)
		if err != nil || len(text) > 200 {
			return parseError(kind, text, "a number of at most 34 digits such as 12.50 or 1E-7, NaN, Infinity or -Infinity")
		}
		return ValueOf(d), nil
	}
	f, err := parseDouble(text)
	if err != nil {
		return parseError(kind, text, "a number such as 12.5 or 1e-7 that a double can hold, NaN, Infinity or -Infinity")
	}
	return ValueOf(f), nil
}

// isDecimal reports whether a text is a decimal number with an optional sign, point and exponent. It excludes what
// strconv.ParseFloat accepts too: hexadecimal numbers, underscores and names such as inf.
func isDecimal(text string) bool {
	text = withoutSign(text)
	whole := leadingDigits(text)
	rest, fraction := text[whole:], 0
	if strings.HasPrefix(rest, ".") {
		fraction = leadingDigits(rest[1:])
		rest = rest[1+fraction:]
	}
	switch {
	case whole+fraction == 0:
		return false
	case rest == "":
		return true
	}
	return (rest[0] == 'e' || rest[0] == 'E') && isInteger(rest[1:])
}

// isInteger reports whether a text is digits with an optional sign.
func isInteger(text string) bool {
	text = withoutSign(text)
	return text != "" && leadingDigits(text) == len(text)
}

func withoutSign(text string) string {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[1:]
	}
	return text
}

// leadingDigits returns the number of decimal digits at the start of a text.
func leadingDigits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

var errNotDouble = errors.New("not a double")

func parseDouble(text string) (float64, error) {
	switch text {
	case "NaN":
		return math.Float64frombits(0x7ff8000000000000), nil
	case "Infinity", "+Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if !isDecimal(text) {
		return 0, errNotDouble
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, err
	}
	if mantissa, _, _ := strings.Cut(strings.ToLower(text), "e"); f == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, errNotDouble // underflow: it would silently become zero
	}
	return f, nil
}

const dateExpected = "a date such as 2026-11-22, a time such as 2026-11-22T10:00:00Z " +
	"or 2026-11-22 11:00:00.250+01:00 (UTC without an offset), or milliseconds since 1970"

// dateLayouts are the accepted layouts: date and time separated by T or a space, with or without seconds (which may
// have a fraction), with or without a time zone offset; or a date alone.
var dateLayouts = sync.OnceValue(func() (forms []string) {
	for _, separator := range []string{"T", " "} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"Z07:00", " Z07:00", "Z0700", " Z0700", ""} {
				forms = append(forms, time.DateOnly+separator+clock+zone)
			}
		}
	}
	return append(forms, time.DateOnly)
})

var zonePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(Z|:[0-9.]+ ?[-+][0-9]{2}:?[0-9]{2})$`)
})

// LacksTimeZone reports whether the text of a date has no time zone offset. Parse reads it as UTC, never as the local
// time zone.
func LacksTimeZone(text string) bool {
	text = strings.TrimSpace(text)
	return !isInteger(text) && !zonePattern().MatchString(text)
}

func parseDate(text string) (bson.RawValue, error) {
	switch {
	case len(text) == 4 && leadingDigits(text) == 4: // ambiguous: a year or milliseconds
		return parseError(Date, text, dateExpected)
	case isInteger(text):
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return parseError(Date, text, dateExpected)
		}
		return ValueOf(bson.DateTime(ms)), nil
	}
	for _, layout := range dateLayouts() {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
			continue
		case t.Nanosecond()%int(time.Millisecond) != 0:
			return parseError(Date, text, "at most three digits after the seconds (milliseconds)")
		}
		return ValueOf(bson.DateTime(t.UnixMilli())), nil
	}
	return parseError(Date, text, dateExpected)
}

func parseTimestamp(text string) (bson.RawValue, error) {
	seconds, ordinal, ok := strings.Cut(text, ":")
	t, err := strconv.ParseUint(seconds, 10, 32)
	i, err2 := strconv.ParseUint(ordinal, 10, 32)
	if !ok || err != nil || err2 != nil {
		return parseError(Timestamp, text, "seconds:ordinal, two whole numbers from 0 to 4294967295")
	}
	return ValueOf(bson.Timestamp{T: uint32(t), I: uint32(i)}), nil
}

var uuidPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)
})

func parseUUID(text string) (bson.RawValue, error) {
	if !uuidPattern().MatchString(text) {
		return parseError(UUID, text, "32 hexadecimal digits as in 6fa459ea-ee8a-3ca4-894e-db77e160355e")
	}
	data, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil {
		return parseError(UUID, text, "32 hexadecimal digits")
	}
	return ValueOf(bson.Binary{Subtype: uuidSubtype, Data: data}), nil
}

func parseBinary(text string) (bson.RawValue, error) {
	const expected = "base64 such as SGVsbG8=, optionally after a subtype of two hexadecimal digits as in 80:SGVsbG8="
	encoded, subtype := text, uint64(0)
	if before, after, ok := strings.Cut(text, ":"); ok {
		var err error
		if subtype, err = strconv.ParseUint(before, 16, 8); err != nil || len(before) > 2 {
			return parseError(Binary, text, expected)
		}
		encoded = after
	}
	data, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return parseError(Binary, text, expected)
	}
	if subtype == uuidSubtype && len(data) == 16 {
		return parseError(Binary, text, "another subtype: 16 bytes of subtype 4 are of type uuid")
	}
	return ValueOf(bson.Binary{Subtype: byte(subtype), Data: data}), nil
}

func parseRegex(text string) (bson.RawValue, error) {
	const expected = "a pattern between slashes and options out of " + regexFlags +
		", such as /^ab+c$/i, without the character NUL"
	if strings.HasPrefix(text, "{") {
		return parseAsJSON(Regex, text, bson.RawValue{})
	}
	last := strings.LastIndexByte(text, '/')
	if last < 1 || text[0] != '/' || strings.Trim(text[last+1:], regexFlags) != "" || strings.ContainsRune(text, 0) ||
		!utf8.ValidString(text) {
		return parseError(Regex, text, expected)
	}
	return regexValue(text[1:last], text[last+1:]), nil
}

// regexValue keeps the options in the given order; the driver would sort them.
func regexValue(pattern, flags string) bson.RawValue {
	return bson.RawValue{Type: bson.TypeRegex, Value: []byte(pattern + "\x00" + flags + "\x00")}
}

func parseAsJSON(kind Kind, text string, old bson.RawValue) (bson.RawValue, error) {
	v, err := ParseJSONOver(text, old)
	if err != nil {
		return bson.RawValue{}, err
	}
	if got := KindOf(v); got != kind {
		return bson.RawValue{}, InvalidInputf("", "expected type %s, got type %s", kind, got)
	}
	return v, nil
}
