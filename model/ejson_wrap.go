package model

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// malformedKey is the wrapper that JSON writes for malformed BSON bytes. It is never read back.
const malformedKey = "$malformed"

// wrapper describes the content of an extended JSON wrapper such as {"$oid": …} and reads it.
type wrapper struct {
	expected string
	read     func(inside bson.RawValue) (bson.RawValue, bool)
}

// wrapperOf returns the wrapper for the first key of an object. The keys are those of Extended JSON v2 and of its
// predecessor.
func wrapperOf(key string) (wrapper, bool) {
	switch key {
	case "$oid":
		return wrapper{"24 hexadecimal digits in quotes", readTextOf(ObjectID)}, true
	case "$numberInt":
		return wrapper{"a whole number in quotes that fits 32 bits", readTextOf(Int)}, true
	case "$numberLong":
		return wrapper{"a whole number in quotes that fits 64 bits", readTextOf(Long)}, true
	case "$numberDouble":
		return wrapper{"a number in quotes, or NaN, Infinity, -Infinity", readTextOf(Double)}, true
	case "$numberDecimal":
		return wrapper{"a number of at most 34 digits in quotes", readTextOf(Decimal)}, true
	case "$symbol":
		return wrapper{"text in quotes", readTextOf(Symbol)}, true
	case "$code":
		return wrapper{"text in quotes", readTextOf(JavaScript)}, true
	case "$uuid":
		return wrapper{"32 hexadecimal digits in quotes", readTextOf(UUID)}, true
	case "$date":
		return wrapper{`a date in quotes such as "2026-11-22T10:00:00Z", or milliseconds as {"$numberLong":"…"}`, readDate},
			true
	case "$binary":
		return wrapper{`{"base64":"…","subType":"00"}`, readBinary}, true
	case "$regularExpression":
		return wrapper{`{"pattern":"…","options":"…"} with the flags ` + regexFlags, readRegex}, true
	case "$timestamp":
		return wrapper{`{"t":seconds,"i":ordinal}, two whole numbers from 0 to 4294967295`, readTimestamp}, true
	case "$dbPointer":
		return wrapper{`{"$ref":"…","$id":{"$oid":"…"}}`, readDBPointer}, true
	case "$undefined":
		return wrapper{"true", readUndefined}, true
	case "$minKey", "$maxKey":
		return wrapper{"1", readMinMaxKey(key)}, true
	case malformedKey:
		return wrapper{"another type: malformed BSON cannot be stored", func(bson.RawValue) (bson.RawValue,
			bool) {
			return bson.RawValue{}, false
		}}, true
	}
	return wrapper{}, false
}

// pairs are the wrappers of two keys, which some writers put in either order.
var pairs = [][2]string{{"$binary", "$type"}, {"$regex", "$options"}, {"$code", "$scope"}}

// pairOf returns the pair that the keys are.
func pairOf(keys []string) (pair [2]string, ok bool) {
	for _, p := range pairs {
		if len(keys) == 2 && (keys[0] == p[0] && keys[1] == p[1] || keys[0] == p[1] && keys[1] == p[0]) {
			return p, true
		}
	}
	return pair, false
}

// isWrapper reports whether an object with these first keys is an extended JSON wrapper.
func isWrapper(keys []string) bool {
	if len(keys) == 0 || !strings.HasPrefix(keys[0], "$") {
		return false
	}
	if _, ok := wrapperOf(keys[0]); ok {
		return true
	}
	_, ok := pairOf(keys)
	return ok
}

// unwrap returns the value of a wrapper. The error describes the expected content.
func unwrap(keys []string, doc bson.Raw) (bson.RawValue, error) {
	if pair, ok := pairOf(keys); ok {
		first, _ := Path{pair[0]}.Lookup(doc)
		second, _ := Path{pair[1]}.Lookup(doc)
		return unwrapPair(pair, first, second)
	}
	w, ok := wrapperOf(keys[0])
	if !ok {
		w, _ = ownWrapperOf(keys[0])
	}
	if len(keys) > 1 {
		return bson.RawValue{}, fmt.Errorf("%s must be the only key of its object, found %q too", keys[0], keys[1])
	}
	inside, _ := Path{keys[0]}.Lookup(doc)
	v, ok := w.read(inside)
	if !ok {
		return bson.RawValue{}, fmt.Errorf("%s: expected %s", keys[0], w.expected)
	}
	return v, nil
}

func unwrapPair(pair [2]string, first, second bson.RawValue) (bson.RawValue, error) {
	a, okA := first.StringValueOK()
	b, okB := second.StringValueOK()
	switch pair[0] {
	case "$binary":
		if v, ok := binaryOf(a, b); ok && okA && okB {
			return v, nil
		}
		return bson.RawValue{}, errors.New("$binary with $type: expected base64 and two hexadecimal digits in quotes")
	case "$regex":
		if okA && okB && !strings.ContainsRune(a+b, 0) {
			return regexValue(a, b), nil
		}
		return bson.RawValue{}, errors.New("$regex with $options: expected two texts in quotes")
	}
	if !okA || second.Type != bson.TypeEmbeddedDocument {
		return bson.RawValue{}, errors.New("$code with $scope: expected text in quotes and an object")
	}
	return codeValue(a, second), nil
}

func codeValue(code string, scope bson.RawValue) bson.RawValue {
	return ValueOf(bson.CodeWithScope{Code: bson.JavaScript(code), Scope: bson.Raw(scope.Value)})
}

// readTextOf returns the reader of a wrapper that holds the text of a value in quotes, without surrounding spaces.
func readTextOf(kind Kind) func(bson.RawValue) (bson.RawValue, bool) {
	return func(inside bson.RawValue) (bson.RawValue, bool) {
		text, ok := inside.StringValueOK()
		if !ok || kind != Symbol && kind != JavaScript && strings.TrimSpace(text) != text {
			return bson.RawValue{}, false
		}
		v, err := Parse(kind, text)
		return v, err == nil
	}
}

// readDate reads a date in quotes, or milliseconds, wrapped or (from older writers) bare.
func readDate(inside bson.RawValue) (bson.RawValue, bool) {
	if ms, ok := inside.AsInt64OK(); ok && inside.Type != bson.TypeDouble {
		return ValueOf(bson.DateTime(ms)), true
	}
	text, ok := inside.StringValueOK()
	if !ok || isInteger(text) {
		return bson.RawValue{}, false
	}
	// Some writers omit the colon of the time zone offset.
	if t, err := time.Parse("2006-01-02T15:04:05.999999999-0700", text); err == nil {
		return ValueOf(bson.DateTime(t.UnixMilli())), true
	}
	v, err := parseDate(text)
	return v, err == nil
}

func readBinary(inside bson.RawValue) (bson.RawValue, bool) {
	data, subtype, ok := exactlyTwoFields(inside, "base64", "subType")
	a, okA := data.StringValueOK()
	b, okB := subtype.StringValueOK()
	if !ok || !okA || !okB {
		return bson.RawValue{}, false
	}
	return binaryOf(a, b)
}

func binaryOf(encoded, subtype string) (bson.RawValue, bool) {
	n, err := strconv.ParseUint(subtype, 16, 8)
	if err != nil || len(subtype) > 2 {
		return bson.RawValue{}, false
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return bson.RawValue{}, false
	}
	return ValueOf(bson.Binary{Subtype: byte(n), Data: data}), true
}

func readRegex(inside bson.RawValue) (bson.RawValue, bool) {
	pattern, options, ok := exactlyTwoFields(inside, "pattern", "options")
	a, okA := pattern.StringValueOK()
	b, okB := options.StringValueOK()
	if !ok || !okA || !okB || strings.ContainsRune(a+b, 0) {
		return bson.RawValue{}, false
	}
	return regexValue(a, b), true
}

func readTimestamp(inside bson.RawValue) (bson.RawValue, bool) {
	seconds, ordinal, ok := exactlyTwoFields(inside, "t", "i")
	t, okT := wholeNumber(seconds)
	i, okI := wholeNumber(ordinal)
	if !ok || !okT || !okI || t < 0 || t > math.MaxUint32 || i < 0 || i > math.MaxUint32 {
		return bson.RawValue{}, false
	}
	return ValueOf(bson.Timestamp{T: uint32(t), I: uint32(i)}), true
}

func readDBPointer(inside bson.RawValue) (bson.RawValue, bool) {
	ref, id, ok := exactlyTwoFields(inside, "$ref", "$id")
	namespace, okRef := ref.StringValueOK()
	oid, okID := id.ObjectIDOK()
	if !ok || !okRef || !okID {
		return bson.RawValue{}, false
	}
	return ValueOf(bson.DBPointer{DB: namespace, Pointer: oid}), true
}

func readUndefined(inside bson.RawValue) (bson.RawValue, bool) {
	b, ok := inside.BooleanOK()
	return ValueOf(bson.Undefined{}), ok && b
}

func readMinMaxKey(key string) func(bson.RawValue) (bson.RawValue, bool) {
	return func(inside bson.RawValue) (bson.RawValue, bool) {
		n, ok := wholeNumber(inside)
		if key == "$minKey" {
			return ValueOf(bson.MinKey{}), ok && n == 1
		}
		return ValueOf(bson.MaxKey{}), ok && n == 1
	}
}

// exactlyTwoFields returns two fields of an object, in any order; false when it lacks one or has others.
func exactlyTwoFields(inside bson.RawValue, first, second string) (a, b bson.RawValue, ok bool) {
	if inside.Type != bson.TypeEmbeddedDocument || countFields(inside.Value) != 2 {
		return a, b, false
	}
	a, okA := childValue(inside, first)
	b, okB := childValue(inside, second)
	return a, b, okA && okB
}

// wholeNumber returns the value of an int, a long, or a double without a fraction.
func wholeNumber(v bson.RawValue) (int64, bool) {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64OK()
	case bson.TypeDouble:
		f, ok := v.DoubleOK()
		return int64(f), ok && f == math.Trunc(f) && math.Abs(f) < 1<<53
	}
	return 0, false
}
