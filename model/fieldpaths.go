package model

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// FieldPaths returns the paths of the fields of a document, in the notation of Path.String, in document order; array
// elements too. limit is the maximum number of paths; 0: no limit. It returns early when stop, which may be nil,
// returns true.
func FieldPaths(doc bson.Raw, limit int, stop func() bool) []string {
	l := fieldLister{limit: limit, stop: stop}
	l.walk(doc, "", false, 0)
	return l.paths
}

type fieldLister struct {
	limit int
	stop  func() bool
	paths []string
}

// stopInterval is the number of paths after which stop is called.
const stopInterval = 1000

// walk adds the fields below a prefix, which ends with a dot unless it is empty. It returns false to end.
func (l *fieldLister) walk(doc []byte, prefix string, array bool, depth int) bool {
	if depth > maxDepth {
		return true
	}
	index := 0
	for e, err := range elements(doc) {
		if err != nil {
			return true
		}
		if l.limit > 0 && len(l.paths) >= l.limit ||
			l.stop != nil && len(l.paths)%stopInterval == 0 && l.stop() {
			return false
		}
		key := ""
		if array {
			key = strconv.Itoa(index)
			index++
		} else {
			key = Path{string(e.key)}.String()
		}
		path := prefix + key
		l.paths = append(l.paths, path)
		if isContainer(e.value) && !l.walk(e.value.Value, path+".", e.value.Type == bson.TypeArray, depth+1) {
			return false
		}
	}
	return true
}
