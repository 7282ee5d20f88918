package query

import (
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxPadding is the maximum number of elements by which one update may extend an array past its end.
const maxPadding = 1500000

// edit changes the value at one path of a tree, in place. change receives the current value (missing if absent) and
// returns the new one; missing removes the field. Without create, a path that does not exist is left unchanged.
type edit struct {
	create bool
	change func(old any) (any, error)
}

func (e edit) document(d bson.D, path []string) (bson.D, error) {
	v, err := e.in(d, path, "")
	if err != nil {
		return nil, err
	}
	return v.(bson.D), nil
}

// in returns v with the change applied; name is the field that holds v.
func (e edit) in(v any, path []string, name string) (any, error) {
	v = decoded(v)
	if len(path) == 0 {
		return e.change(v)
	}
	switch x := v.(type) {
	case bson.D:
		return e.inDocument(x, path)
	case bson.A:
		return e.inArray(x, path, name)
	case missing:
		if !e.create {
			return v, nil
		}
		inner, err := e.in(missing{}, path[1:], path[0])
		if err != nil || isMissing(inner) {
			return missing{}, err
		}
		return bson.D{{Key: path[0], Value: inner}}, nil
	}
	if !e.create {
		return v, nil
	}
	return nil, Errorf(PathNotViable, "Cannot create field '%s' in element {%s: %s}", path[0], name, Format(v))
}

func (e edit) inDocument(d bson.D, path []string) (any, error) {
	for i := range d {
		if d[i].Key != path[0] {
			continue
		}
		v, err := e.in(d[i].Value, path[1:], path[0])
		if err != nil {
			return nil, err
		}
		if isMissing(v) {
			return append(d[:i], d[i+1:]...), nil
		}
		d[i].Value = v
		return d, nil
	}
	v, err := e.in(missing{}, path[1:], path[0])
	if err != nil || isMissing(v) {
		return d, err
	}
	return append(d, bson.E{Key: path[0], Value: v}), nil
}

func (e edit) inArray(a bson.A, path []string, name string) (any, error) {
	n, is := arrayIndex(path[0])
	if !is {
		if !e.create {
			return a, nil
		}
		return nil, Errorf(PathNotViable, "Cannot create field '%s' in element {%s: %s}", path[0], name, Format(a))
	}
	old := any(missing{})
	if n < len(a) {
		old = a[n]
	} else if n-len(a) > maxPadding {
		return nil, Errorf(BadValue, "can't backfill more than %d elements", maxPadding)
	}
	v, err := e.in(old, path[1:], path[0])
	if err != nil {
		return nil, err
	}
	if isMissing(v) {
		if n < len(a) {
			a[n] = nil
		}
		return a, nil
	}
	for len(a) <= n {
		a = append(a, nil)
	}
	a[n] = v
	return a, nil
}

// lookup follows a path through documents by name and through arrays by index, as updates do.
func lookup(v any, path []string) any {
	for _, key := range path {
		switch x := v.(type) {
		case bson.D:
			v = get(x, key)
		case bson.A:
			n, is := arrayIndex(key)
			if !is || n >= len(x) {
				return missing{}
			}
			v = x[n]
		default:
			return missing{}
		}
	}
	return v
}

// positions expands a path with $, $[] and $[name] to concrete paths in doc. used counts uses of each array filter.
func (u *Update) positions(doc bson.D, path []string, at int) ([][]string, error) {
	out := [][]string{{}}
	for i, key := range path {
		if !strings.HasPrefix(key, "$") || i == 0 {
			for j := range out {
				out[j] = append(out[j], key)
			}
			continue
		}
		var next [][]string
		for _, prefix := range out {
			elements, err := u.elements(doc, prefix, key, at, strings.Join(path, "."))
			if err != nil {
				return nil, err
			}
			for _, n := range elements {
				next = append(next, append(append([]string{}, prefix...), strconv.Itoa(n)))
			}
		}
		out = next
	}
	return out, nil
}

// elements returns the indexes that a positional component selects in the array at prefix.
func (u *Update) elements(doc bson.D, prefix []string, key string, at int, full string) ([]int, error) {
	if key == "$" {
		if at < 0 {
			return nil, Errorf(BadValue, "The positional operator did not find the match needed from the query.")
		}
		return []int{at}, nil
	}
	v := lookup(doc, prefix)
	array, is := v.(bson.A)
	if isMissing(v) {
		return nil, Errorf(BadValue, "The path '%s' must exist in the document in order to apply array updates.",
			strings.Join(prefix, "."))
	}
	if !is {
		return nil, Errorf(BadValue, "Cannot apply array updates to non-array element %s: %s", prefix[len(prefix)-1],
			Format(v))
	}
	filter := u.filters[key[2:len(key)-1]]
	if key != "$[]" && filter == nil {
		return nil, Errorf(BadValue, "No array filter found for identifier '%s' in path '%s'", key[2:len(key)-1], full)
	}
	var out []int
	for i, e := range array {
		if key == "$[]" || filter.match(bson.D{{Key: key[2 : len(key)-1], Value: e}}, nil) {
			out = append(out, i)
		}
	}
	return out, nil
}
