package model

import "go.mongodb.org/mongo-driver/v2/bson"

// ParseJSON reads one extended JSON value (either dialect). A bare whole number is an int when it fits, else a long; one with a fraction or exponent is a double.
// Duplicate keys, and wrappers such as $oid with something else inside than they want, are refused.
// The fault's place is "line L, column C" or "line L, field a.b".
func ParseJSON(text string) (bson.RawValue, error) { return readJSON(text, false) }

// ParseDocument reads an extended JSON object as ParseJSON does. Duplicate keys are refused with their place.
func ParseDocument(text string) (bson.Raw, error) { return asDocument(readJSON(text, false)) }

// ReadJSON reads what a service sent: as ParseJSON, but duplicate keys are kept and an object that only looks like a wrapper is an object,
// so that one odd field does not hide a whole document.
func ReadJSON(text string) (bson.RawValue, error) { return readJSON(text, true) }

// ReadDocument reads an object as ReadJSON does.
func ReadDocument(text string) (bson.Raw, error) { return asDocument(readJSON(text, true)) }

func asDocument(v bson.RawValue, err error) (bson.Raw, error) {
	if err != nil {
		return nil, err
	}
	if v.Type != bson.TypeEmbeddedDocument {
		f := InvalidInputf("line 1, column 1", "expected an object { … }, got type %s", KindOf(v))
		f.Line, f.Column = 1, 1
		return nil, f
	}
	return bson.Raw(v.Value), nil
}

// JSON writes a value as extended JSON on one line that ParseJSON reads back to the same value: relaxed notation where that keeps the type, canonical where not.
// What no JSON can carry is listed by Uncarriable. Control and bidi characters are written as \uXXXX.
func JSON(v bson.RawValue) string {
	w := writer{}
	w.value(v, 0)
	return string(w.out)
}

// IndentJSON is JSON on several lines, two spaces a level, for editing a whole document.
func IndentJSON(v bson.RawValue) string {
	w := writer{indent: true}
	w.value(v, 0)
	return string(w.out)
}

// CanonicalJSON writes a document in canonical extended JSON, as the client API carries it.
func CanonicalJSON(doc bson.Raw) string {
	return CanonicalValue(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
}

// CanonicalValue is CanonicalJSON for any value, such as a function's result.
func CanonicalValue(v bson.RawValue) string {
	w := writer{canonical: true}
	w.value(v, 0)
	return string(w.out)
}
