package model

import "go.mongodb.org/mongo-driver/v2/bson"

// Path names a field inside a document, one element a level; an array element is its decimal index.
type Path []string

// ParsePath reads a path as a person types it: levels parted by dots; `\` makes the next character plain (`\.` `\:` `\=` `\\`).
// The error names the column.
func ParsePath(text string) (Path, error) { panic("unwritten") }

// String writes the path so that ParsePath reads it back.
func (p Path) String() string { panic("unwritten") }

// Name is the path as an update names it ("address.zip"). It fails, naming the key, when a key contains a dot, starts with a dollar, is empty,
// or holds NUL: no update can name such a field (the nearest nameable ancestor must be set whole).
func (p Path) Name() (string, error) { panic("unwritten") }

// Child is the path one level further down; it never shares memory with p.
func (p Path) Child(key string) Path { panic("unwritten") }

// Parent is the path one level up; nil for a top-level field.
func (p Path) Parent() Path { panic("unwritten") }

// Equal reports whether both name the same field.
func (p Path) Equal(q Path) bool { panic("unwritten") }

// Within reports whether p is q or lies below it.
func (p Path) Within(q Path) bool { panic("unwritten") }

// Lookup finds the value in a document; it never panics on malformed BSON.
func (p Path) Lookup(doc bson.Raw) (bson.RawValue, bool) { panic("unwritten") }
