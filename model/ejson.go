package model

import "go.mongodb.org/mongo-driver/v2/bson"

// ParseJSON reads one extended JSON value, relaxed or canonical, version 2 or its predecessor, with the wrappers that
// JSON writes. A bare whole number is
// an int when it fits, else a long; a number with a fraction or an exponent is a double. Duplicate keys and wrappers
// such as $oid with unexpected content are errors. The error is an InvalidInput fault located at "line L, column C" or
// "line L, field a.b".
func ParseJSON(text string) (bson.RawValue, error) { return readJSON(text, false) }

// ParseDocument is ParseJSON for text that must be an object.
func ParseDocument(text string) (bson.Raw, error) { return asDocument(readJSON(text, false)) }

// ReadJSON reads a service's response. Unlike ParseJSON it keeps duplicate keys, reads an invalid wrapper as an
// ordinary object and replaces bytes that are not UTF-8, so that one unusual field does not make the whole document
// unreadable.
func ReadJSON(text string) (bson.RawValue, error) { return readJSON(text, true) }

// ReadDocument is ReadJSON for text that must be an object.
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

// JSON returns a value as extended JSON on one line: relaxed where that keeps the type, else canonical, so that
// ParseJSON reads back an identical value. What extended JSON cannot represent has a wrapper of dossier, $fields or
// $bson. Control and bidi characters are written as \uXXXX.
func JSON(v bson.RawValue) string {
	return writer{exact: true}.text(v)
}

// IndentJSON is JSON on several lines, indented by two spaces per level, for editing a whole document.
func IndentJSON(v bson.RawValue) string {
	return writer{indent: true, exact: true}.text(v)
}

// CanonicalJSON returns a document as canonical extended JSON, the encoding of the client API.
func CanonicalJSON(doc bson.Raw) string {
	return CanonicalValue(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
}

// CanonicalValue is CanonicalJSON for any value, such as a function's result.
func CanonicalValue(v bson.RawValue) string {
	return writer{canonical: true}.text(v)
}
