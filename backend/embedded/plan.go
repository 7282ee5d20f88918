package embedded

import (
	"bytes"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// plan is the access path of a query: ranges of an index, or all documents.
type plan struct {
	index   *index
	ranges  []keyRange // ascending; never empty
	reverse bool       // from the last key to the first
	sorted  bool       // documents come in the requested order
	exact   bool       // every document in the ranges matches the filter
}

// keyRange is a half-open range of keys [low, high); a nil high has no end.
type keyRange struct{ low, high []byte }

// choose picks the index that narrows a query most or provides its order; the _id index scans all documents.
func choose(c *collection, f *query.Filter, sort *query.Sort, hint *index) plan {
	if hint == nil {
		if p, ok := choosePoint(c.indexes[0], f); ok {
			return p
		}
	}
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

// choosePoint returns the plan of a filter with one value for the _id: at most one document.
func choosePoint(id *index, f *query.Filter) (p plan, ok bool) {
	for _, condition := range f.Predicates() {
		if condition.Path == "_id" && condition.Op == "$eq" && indexable(condition.Value) {
			low := query.AppendKey(nil, condition.Value, false)
			return plan{index: id, ranges: []keyRange{{low, successor(low)}}, sorted: true,
				exact: f.OnlyEqual() && len(f.Predicates()) == 1}, true
		}
	}
	return p, false
}

// isExact reports whether the filter consists of one value for each of the first equal paths, and of nothing else. In a
// multikey index an entry is an element of an array, not the array.
func (x *index) isExact(f *query.Filter, equal int) bool {
	if x.multikey || !f.OnlyEqual() || len(f.Predicates()) != equal {
		return false
	}
	for _, path := range x.paths[:equal] {
		if !slices.ContainsFunc(f.Predicates(), func(p query.Predicate) bool { return p.Path == path }) {
			return false
		}
	}
	return true
}

// covers reports whether every document that the filter can match is in the index.
func (x *index) covers(f *query.Filter) bool {
	if x.sparse && !slices.ContainsFunc(f.Predicates(), func(p query.Predicate) bool {
		return slices.Contains(x.paths,
			p.Path) && needsValue(p)
	}) {
		return false
	}
	if x.partial == nil {
		return true
	}
	if !onlyPredicates(x.only) {
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

// onlyPredicates reports whether a partial filter consists only of conditions that Predicates lists: only then can the
// planner prove that a query is narrower.
func onlyPredicates(only bson.D) bool {
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

// needsValue reports whether a condition fails on absent fields.
func needsValue(p query.Predicate) bool {
	switch p.Op {
	case "$exists", "$regex":
		return true
	case "$in":
		return !slices.ContainsFunc(p.Value.(bson.A), func(v any) bool { return v == nil })
	}
	return p.Value != nil
}

// plan returns the plan for a filter with index x, and a score: higher is better.
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
	p.exact = x.isExact(f, equal)
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

// points returns the keys of a path with only equality conditions; otherwise nil. null and arrays need a scan: null
// also matches absent fields, and an array has no single entry.
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

// bounds returns the range of a path with order or prefix conditions. Different array elements can meet different
// conditions, so a multikey index uses only one condition.
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
	return keyRange{low: successor(inverted(out.high)), high: successor(inverted(out.low))}, true
}

// boundsOf returns the ascending keys that a condition allows, within the class of its value.
func boundsOf(p query.Predicate) (keyRange, bool) {
	if p.Op == "$regex" {
		prefix := query.TextPrefix(p.Value.(string))
		return keyRange{prefix, successor(prefix)}, true
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
		r.low = successor(key)
	case "$gte":
		r.low = key
	case "$lt":
		r.high = key
	case "$lte":
		r.high = successor(key)
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

// successor returns the first key after all keys with the prefix; nil if there is none.
func successor(prefix []byte) []byte {
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

// under returns the range within the keys that start with prefix.
func (r keyRange) under(prefix []byte) keyRange {
	out := keyRange{low: append(bytes.Clone(prefix), r.low...), high: successor(prefix)}
	if r.high != nil {
		out.high = append(bytes.Clone(prefix), r.high...)
	}
	return out
}

// orders reports whether the index, with its first equal paths fixed, provides the order, and in which direction.
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
