package model

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// NewField reports whether setting a path creates a field: no object of the document has it. A new array element is no
// new field.
func NewField(doc bson.Raw, p Path) bool {
	parent, _, missing := firstMissing(doc, p)
	return missing && parent.Type != bson.TypeArray
}

// SimilarField returns the existing field that the path of a new field may be a misspelling of; false: none.
func SimilarField(doc bson.Raw, p Path) (Path, bool) {
	parent, level, missing := firstMissing(doc, p)
	if !missing || parent.Type != bson.TypeEmbeddedDocument {
		return nil, false
	}
	fields, _ := fieldsOf(parent)
	best, bestDistance := "", -1
	for _, f := range fields.list {
		if d := editDistance(f.key, p[level]); similar(f.key, p[level], d) && (bestDistance < 0 || d < bestDistance) {
			best, bestDistance = f.key, d
		}
	}
	if bestDistance < 0 {
		return nil, false
	}
	found := slices.Clone(p)
	found[level] = best
	return found, true
}

// firstMissing returns the object or array in which the path ends, and the level of the missing key; false: the path
// exists.
func firstMissing(doc bson.Raw, p Path) (parent bson.RawValue, level int, missing bool) {
	v := objectValue(doc)
	for i, key := range p {
		child, ok := childValue(v, key)
		if !ok {
			return v, i, true
		}
		v = child
	}
	return v, len(p), false
}

// similar reports whether two different names at this distance may be the same name. Names that differ only in a
// number at the end, such as line1 and line2, are not.
func similar(a, b string, distance int) bool {
	const digits = "0123456789"
	if a != b && strings.TrimRight(a, digits) == strings.TrimRight(b, digits) {
		return false
	}
	limit := 2
	switch n := min(len([]rune(a)), len([]rune(b))); {
	case n < 4:
		limit = 0
	case n < 8:
		limit = 1
	}
	return distance <= limit
}

// editDistance returns the number of inserted, removed, replaced or exchanged characters between two names, without
// regard to letter case, underscores and hyphens.
func editDistance(a, b string) int {
	x, y := normalName(a), normalName(b)
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			replaced := row[j-1]
			if x[i-1] != y[j-1] {
				replaced++
			}
			next[j] = min(replaced, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// normalName returns the characters by which names are compared; of a long name, the first 64.
func normalName(name string) []rune {
	runes := []rune(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name)))
	return runes[:min(len(runes), 64)]
}
