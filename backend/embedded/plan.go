package embedded

import (
	"bytes"
	"slices"
	"strings"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// plan is how the documents of a query are reached: through ranges of an index, or all of them.
type plan struct {
	index   *index
	ranges  []keyRange // in ascending order; never empty
	reverse bool       // from the last key to the first
	sorted  bool       // documents come in the order that was asked for
}

// keyRange is the keys from low up to, not including, high; a nil high has no end.
type keyRange struct{ low, high []byte }

// choose picks the index that narrows a query most, or serves its order; the _id index is the way to all documents.
func choose(c *collection, f *query.Filter, sort *query.Sort, hint *index) plan {
	best := plan{index: c.indexes[0], ranges: []keyRange{{}}}
	bestScore := 0
	for _, x := range c.indexes {
		if hint != nil && hint != x {
			continue
		}
		if !x.covers(f) && hint != x {
			continue
		}
		p, score := x.plan(f, sort)
		if score > bestScore || hint == x {
			best, bestScore = p, score
		}
	}
	return best
}

// covers tells whether every document the filter can match is in the index.
func (x *index) covers(f *query.Filter) bool {
	if x.sparse && !slices.ContainsFunc(f.Predicates(), func(p query.Predicate) bool { return slices.Contains(x.paths, p.Path) && needsValue(p) }) {
		return false
	}
	if x.partial == nil {
		return true
	}
	if !plain(x.only) {
		return false
	}
	for _, w := range x.partial.Predicates() {
		implied := func(p query.Predicate) bool {
			if p.Path != w.Path {
				return false
			}
			return w.Op == "$exists" && needsValue(p) || p.Op == w.Op && query.Equal(p.Value, w.Value)
		}
		if !slices.ContainsFunc(f.Predicates(), implied) {
			return false
		}
	}
	return true
}

// plain tells whether a partial filter is made of nothing but conditions that Predicates lists: only of such a filter
// can it be known that a query asks for no more.
func plain(only bson.D) bool {
	for _, e := range only {
		ops, is := e.Value.(bson.D)
		if strings.HasPrefix(e.Key, "$") {
			return false
		}
		if !is {
			continue
		}
		for _, op := range ops {
			switch op.Key {
			case "$eq", "$gt", "$gte", "$lt", "$lte":
			case "$exists":
				if op.Value != true {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}

// needsValue tells whether a condition fails on absent fields.
func needsValue(p query.Predicate) bool {
	switch p.Op {
	case "$exists", "$regex":
		return true
	case "$in":
		return !slices.ContainsFunc(p.Value.(bson.A), func(v any) bool { return v == nil })
	}
	return p.Value != nil
}

// plan reaches a filter's documents through x. The score grows with what the index does.
func (x *index) plan(f *query.Filter, sort *query.Sort) (plan, int) {
	prefixes, score, equal := [][]byte{nil}, 0, 0
	p := plan{index: x}
	for i, path := range x.paths {
		points := x.points(f, path, i)
		if points == nil || len(points)*len(prefixes) > 1000 {
			break
		}
		prefixes = multiply(prefixes, points)
		equal++
		score += 10
	}
	if equal < len(x.paths) {
		if r, ok := x.bounds(f, x.paths[equal], equal); ok {
			score += 5
			for _, prefix := range prefixes {
				p.ranges = append(p.ranges, r.under(prefix))
			}
		}
	} else if x.unique {
		score += 3
	}
	if p.ranges == nil {
		for _, prefix := range prefixes {
			p.ranges = append(p.ranges, keyRange{}.under(prefix))
		}
	}
	slices.SortFunc(p.ranges, func(a, b keyRange) int { return bytes.Compare(a.low, b.low) })
	p.ranges = slices.CompactFunc(p.ranges, func(a, b keyRange) bool { return bytes.Equal(a.low, b.low) })
	if sort != nil && len(sort.Keys()) > 0 && len(prefixes) == 1 && !x.multikey {
		if reverse, ok := x.orders(sort, equal); ok {
			p.sorted, p.reverse = true, reverse
			score += 4
		}
	}
	return p, score
}

func multiply(prefixes, points [][]byte) [][]byte {
	out := make([][]byte, 0, len(prefixes)*len(points))
	for _, prefix := range prefixes {
		for _, point := range points {
			out = append(out, append(bytes.Clone(prefix), point...))
		}
	}
	return out
}

// points gives the keys of a path that is compared with values only; nil where it is not. null and arrays are left to
// the scan: null is also what is absent, and an array has no entry of its own.
func (x *index) points(f *query.Filter, path string, i int) [][]byte {
	for _, p := range f.Predicates() {
		if p.Path != path {
			continue
		}
		values := bson.A{p.Value}
		if p.Op == "$in" {
			values = p.Value.(bson.A)
		} else if p.Op != "$eq" {
			continue
		}
		points := make([][]byte, 0, len(values))
		for _, v := range values {
			if !indexable(v) {
				points = nil
				break
			}
			points = append(points, query.AppendKey(nil, v, x.down[i]))
		}
		if len(points) > 0 {
			return points
		}
	}
	return nil
}

func indexable(v any) bool {
	switch v.(type) {
	case nil, bson.A, bson.Undefined, bson.Regex:
		return false
	}
	return true
}

// bounds gives the range of a path that is compared by order or by prefix. Of an array different elements can meet
// different conditions, so a multikey index uses one of them.
func (x *index) bounds(f *query.Filter, path string, i int) (keyRange, bool) {
	var out keyRange
	found := false
	for _, p := range f.Predicates() {
		r, ok := boundsOf(p)
		if p.Path != path || !ok || found && x.multikey {
			continue
		}
		if !found || bytes.Compare(r.low, out.low) > 0 {
			out.low = r.low
		}
		if !found || bytes.Compare(r.high, out.high) < 0 {
			out.high = r.high
		}
		found = true
	}
	if !found || !x.down[i] {
		return out, found
	}
	return keyRange{low: after(inverted(out.high)), high: after(inverted(out.low))}, true
}

// boundsOf gives the ascending keys a condition allows: those of its value's class.
func boundsOf(p query.Predicate) (keyRange, bool) {
	if p.Op == "$regex" {
		prefix := query.TextPrefix(p.Value.(string))
		return keyRange{prefix, after(prefix)}, true
	}
	switch v := p.Value.(type) {
	case nil, bson.A, bson.Undefined, bson.Regex, bson.MinKey, bson.MaxKey:
		return keyRange{}, false
	case float64:
		if v != v {
			return keyRange{}, false
		}
	case bson.Decimal128:
		if v.IsNaN() {
			return keyRange{}, false
		}
	}
	class := query.KeyClass(p.Value)
	r := keyRange{low: []byte{class}, high: []byte{class + 1}}
	key := query.AppendKey(nil, p.Value, false)
	switch p.Op {
	case "$gt":
		r.low = after(key)
	case "$gte":
		r.low = key
	case "$lt":
		r.high = key
	case "$lte":
		r.high = after(key)
	default:
		return keyRange{}, false
	}
	return r, true
}

func inverted(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = ^b[i]
	}
	return out
}

// after is the first key beyond all that start with prefix; nil where there is none.
func after(prefix []byte) []byte {
	out := bytes.Clone(prefix)
	for len(out) > 0 {
		if out[len(out)-1] != 0xFF {
			out[len(out)-1]++
			return out
		}
		out = out[:len(out)-1]
	}
	return nil
}

// under is the range within the keys that start with prefix.
func (r keyRange) under(prefix []byte) keyRange {
	out := keyRange{low: append(bytes.Clone(prefix), r.low...), high: after(prefix)}
	if r.high != nil {
		out.high = append(bytes.Clone(prefix), r.high...)
	}
	return out
}

// orders tells whether the index, its first equal paths fixed, gives the order asked for, and in which direction.
func (x *index) orders(sort *query.Sort, equal int) (reverse, ok bool) {
	at, direction := 0, 0
	for _, key := range sort.Keys() {
		for at < equal && at < len(x.paths) && x.paths[at] != key.Path {
			at++
		}
		if at == len(x.paths) || x.paths[at] != key.Path {
			if slices.Contains(x.paths[:equal], key.Path) {
				continue
			}
			return false, false
		}
		if at >= equal {
			d := 1
			if x.down[at] != key.Descending {
				d = -1
			}
			if direction != 0 && direction != d {
				return false, false
			}
			direction = d
		}
		at++
	}
	return direction < 0, true
}
