package rules

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// lookup returns the values at a path as a MongoDB query sees them: an array in the path stands for its item at that
// index and for each document in it. No values: nothing is there.
func lookup(v any, path []string) []any {
	if len(path) == 0 {
		return []any{v}
	}
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if e.Key == path[0] {
				return lookup(e.Value, path[1:])
			}
		}
	case bson.A:
		return lookupIn(x, path)
	}
	return nil
}

func lookupIn(a bson.A, path []string) []any {
	var found []any
	if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(a) {
		found = append(found, lookup(a[i], path[1:])...)
	}
	for _, item := range a {
		if d, ok := item.(bson.D); ok {
			found = append(found, lookup(d, path)...)
		}
	}
	return found
}
