package model

import "go.mongodb.org/mongo-driver/v2/bson"

// ParseJSON reads one extended JSON value (either dialect). A bare whole number is an int when it fits, else a long.
// The fault's place is "line L, column C" or "line L, field a.b".
func ParseJSON(text string) (bson.RawValue, error) { panic("unwritten") }

// ParseDocument reads an extended JSON object as ParseJSON does. Duplicate keys are refused with their place.
func ParseDocument(text string) (bson.Raw, error) { panic("unwritten") }

// JSON writes a value as extended JSON on one line that ParseJSON reads back to the same value: relaxed notation where that keeps the type, canonical where not.
func JSON(v bson.RawValue) string { panic("unwritten") }

// IndentJSON is JSON on several lines, two spaces a level, for editing a whole document.
func IndentJSON(v bson.RawValue) string { panic("unwritten") }

// CanonicalJSON writes a document in canonical extended JSON, as the client API carries it.
func CanonicalJSON(doc bson.Raw) string { panic("unwritten") }
