package model

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// regexFlags are the flags MongoDB knows, as they are typed after the closing slash.
const regexFlags = "ilmsux"

// Parse reads typed text as a value of exactly that kind, or says what does not fit (a BadInput fault with a hint such as "a whole number from -2147483648 to 2147483647").
// Around anything but text of its own (string, symbol, javascript, regex) spaces do not count.
func Parse(kind Kind, text string) (bson.RawValue, error) {
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
		return refuse(kind, text, "true or false")
	case Date:
		return parseDate(trimmed)
	case Timestamp:
		return parseTimestamp(trimmed)
	case ObjectID:
		id, err := bson.ObjectIDFromHex(trimmed)
		if err != nil {
			return refuse(kind, text, "24 hexadecimal digits")
		}
		return ValueOf(id), nil
	case UUID:
		return parseUUID(trimmed)
	case Binary:
		return parseBinary(trimmed)
	case Object, Array, CodeWithScope, DBPointer:
		return parseAsJSON(kind, text)
	case Null, Undefined, MinKey, MaxKey:
		return parseConstant(kind, trimmed)
	}
	_, err := ParseKind(string(kind))
	return bson.RawValue{}, err
}

// refuse says what was wanted of text that does not fit.
func refuse(kind Kind, text, wanted string) (bson.RawValue, error) {
	if text == "" {
		return bson.RawValue{}, InvalidInputf("", "%s wants %s", kind, wanted)
	}
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return bson.RawValue{}, InvalidInputf("", "%q is no %s: it wants %s", text, kind, wanted)
}

func parseString(kind Kind, text string) (bson.RawValue, error) {
	if !utf8.ValidString(text) {
		return refuse(kind, text, "valid UTF-8")
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
		return refuse(kind, text, "the word "+string(kind)+" or nothing")
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
			return refuse(kind, text, "a whole number from -2147483648 to 2147483647")
		}
		return ValueOf(int32(n)), nil
	case Long:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return refuse(kind, text, "a whole number from -9223372036854775808 to 9223372036854775807")
		}
		return ValueOf(n), nil
	case Decimal:
		d, err := bson.ParseDecimal128(text)
		if err != nil || len(text) > 200 {
			return refuse(kind, text, "a number of at most 34 digits such as 12.50 or 1E-7, NaN, Infinity or -Infinity")
		}
		return ValueOf(d), nil
	}
	f, err := parseDouble(text)
	if err != nil {
		return refuse(kind, text, "a number such as 12.5 or 1e-7 that a double can hold, NaN, Infinity or -Infinity")
	}
	return ValueOf(f), nil
}

// decimalNumber is a number in digits; Go would also read hexadecimal ones, underscores and words.
var decimalNumber = regexp.MustCompile(`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

var errNoDouble = errors.New("no double")

func parseDouble(text string) (float64, error) {
	switch text {
	case "NaN":
		return math.Float64frombits(0x7ff8000000000000), nil
	case "Infinity", "+Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if !decimalNumber.MatchString(text) {
		return 0, errNoDouble
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, err
	}
	if mantissa, _, _ := strings.Cut(strings.ToLower(text), "e"); f == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, errNoDouble // too small: it would become zero unseen
	}
	return f, nil
}

var (
	digits = regexp.MustCompile(`^[-+]?[0-9]+$`)
	year   = regexp.MustCompile(`^[0-9]{4}$`)
)

const dateWanted = "a day such as 2026-11-22, a moment such as 2026-11-22T10:00:00Z or 2026-11-22 11:00:00.250+01:00 (UTC where it names no zone), or milliseconds since 1970"

// dateForms are the ways to type a moment: with a T or a space, with or without seconds (and then a fraction of them), with or without a zone.
var dateForms = func() (forms []string) {
	for _, between := range []string{"T", " "} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"Z07:00", " Z07:00", "Z0700", " Z0700", ""} {
				forms = append(forms, time.DateOnly+between+clock+zone)
			}
		}
	}
	return append(forms, time.DateOnly)
}()

var zoned = regexp.MustCompile(`(Z|:[0-9.]+ ?[-+][0-9]{2}:?[0-9]{2})$`)

// LacksTimeZone reports that a date's text is a day or a moment without a zone, which Parse reads as UTC: the zone of the machine is not guessed.
func LacksTimeZone(text string) bool {
	text = strings.TrimSpace(text)
	return !digits.MatchString(text) && !zoned.MatchString(text)
}

func parseDate(text string) (bson.RawValue, error) {
	switch {
	case year.MatchString(text): // a year or milliseconds? neither is guessed
		return refuse(Date, text, dateWanted)
	case digits.MatchString(text):
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return refuse(Date, text, dateWanted)
		}
		return ValueOf(bson.DateTime(ms)), nil
	}
	for _, layout := range dateForms {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
			continue
		case t.Nanosecond()%int(time.Millisecond) != 0:
			return refuse(Date, text, "at most milliseconds, three digits after the seconds")
		}
		return ValueOf(bson.DateTime(t.UnixMilli())), nil
	}
	return refuse(Date, text, dateWanted)
}

func parseTimestamp(text string) (bson.RawValue, error) {
	seconds, ordinal, ok := strings.Cut(text, ":")
	t, err := strconv.ParseUint(seconds, 10, 32)
	i, err2 := strconv.ParseUint(ordinal, 10, 32)
	if !ok || err != nil || err2 != nil {
		return refuse(Timestamp, text, "seconds:ordinal, two whole numbers from 0 to 4294967295")
	}
	return ValueOf(bson.Timestamp{T: uint32(t), I: uint32(i)}), nil
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$`)

func parseUUID(text string) (bson.RawValue, error) {
	if !uuidForm.MatchString(text) {
		return refuse(UUID, text, "32 hexadecimal digits as in 6fa459ea-ee8a-3ca4-894e-db77e160355e")
	}
	data, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil {
		return refuse(UUID, text, "32 hexadecimal digits")
	}
	return ValueOf(bson.Binary{Subtype: uuidSubtype, Data: data}), nil
}

func parseBinary(text string) (bson.RawValue, error) {
	const wanted = "base64 such as SGVsbG8=, or a subtype of two hexadecimal digits before it as in 80:SGVsbG8="
	encoded, subtype := text, uint64(0)
	if before, after, ok := strings.Cut(text, ":"); ok {
		var err error
		if subtype, err = strconv.ParseUint(before, 16, 8); err != nil || len(before) > 2 {
			return refuse(Binary, text, wanted)
		}
		encoded = after
	}
	data, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return refuse(Binary, text, wanted)
	}
	if subtype == uuidSubtype && len(data) == 16 {
		return refuse(Binary, text, "another subtype: 16 bytes of subtype 4 are a uuid, which is a type of its own")
	}
	return ValueOf(bson.Binary{Subtype: byte(subtype), Data: data}), nil
}

func parseRegex(text string) (bson.RawValue, error) {
	const wanted = "a pattern between slashes with flags of " + regexFlags + " as in /^ab+c$/i, without the character NUL"
	if strings.HasPrefix(text, "{") {
		return parseAsJSON(Regex, text)
	}
	last := strings.LastIndexByte(text, '/')
	if last < 1 || text[0] != '/' || strings.Trim(text[last+1:], regexFlags) != "" || strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return refuse(Regex, text, wanted)
	}
	return regexValue(text[1:last], text[last+1:]), nil
}

// regexValue keeps the flags in the order given, which the driver would sort.
func regexValue(pattern, flags string) bson.RawValue {
	return bson.RawValue{Type: bson.TypeRegex, Value: []byte(pattern + "\x00" + flags + "\x00")}
}

func parseAsJSON(kind Kind, text string) (bson.RawValue, error) {
	v, err := ParseJSON(text)
	if err != nil {
		return bson.RawValue{}, err
	}
	if got := KindOf(v); got != kind {
		return bson.RawValue{}, InvalidInputf("", "this is of type %s where %s is wanted", got, kind)
	}
	return v, nil
}
