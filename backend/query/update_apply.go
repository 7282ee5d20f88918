package query

import (
	"bytes"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Apply returns the updated document; doc is unchanged. at is the index for the positional $ (Filter.MatchAt). A change
// of _id returns an error with code 66.
func (u *Update) Apply(doc bson.D, at int) (bson.D, error) {
	after, err := u.apply(doc, at, false)
	if err != nil {
		return nil, err
	}
	id, newID := get(doc, "_id"), get(after, "_id")
	if isMissing(id) || !isMissing(newID) && Identical(id, newID) {
		return after, nil
	}
	if u.replaces {
		return nil, Errorf(ImmutableField, "After applying the update, the (immutable) field '_id' was found to have been "+
			"altered to _id: %s", Format(newID))
	}
	return nil, Errorf(ImmutableField, "Performing an update on the path '_id' would modify the immutable field '_id'")
}

// Insert returns the document that an upsert inserts: the filter's equalities with the update applied, including
// $setOnInsert. _id, if present, is the first field.
func (u *Update) Insert(f *Filter) (bson.D, error) {
	seed, err := f.seed(u.replaces)
	if err != nil {
		return nil, err
	}
	after, err := u.apply(seed, -1, true)
	if err != nil {
		return nil, err
	}
	if id := get(seed, "_id"); !isMissing(id) && !Identical(id, get(after, "_id")) {
		return nil, Errorf(ImmutableField, "Performing an update on the path '_id' would modify the immutable field '_id'")
	}
	return idFirst(after), nil
}

// Identical compares the stored bytes: 1 and 1.0 differ.
func Identical(a, b any) bool {
	x, errX := rawValue(a)
	y, errY := rawValue(b)
	return errX == nil && errY == nil && x.Type == y.Type && bytes.Equal(x.Value, y.Value)
}

func rawValue(v any) (bson.RawValue, error) {
	if r, is := v.(bson.RawValue); is { // possibly large: not copied
		return r, nil
	}
	b, kind, err := appendValue(nil, v)
	return bson.RawValue{Type: kind, Value: b}, err
}

func idFirst(d bson.D) bson.D {
	for i := range d {
		if d[i].Key == "_id" && i > 0 {
			e := d[i]
			copy(d[1:i+1], d[:i])
			d[0] = e
			break
		}
	}
	return d
}

// seed builds the document that the filter's equalities describe; for a replacement only _id is used.
func (f *Filter) seed(idOnly bool) (bson.D, error) {
	out := bson.D{}
	var taken []string
	for _, p := range f.predicates {
		if p.Op != "$eq" || idOnly && p.Path != "_id" {
			continue
		}
		for _, other := range taken {
			if other == p.Path || strings.HasPrefix(p.Path, other+".") || strings.HasPrefix(other, p.Path+".") {
				return nil, Errorf(NotSingleValueField, "cannot infer query fields to set, path '%s' is matched twice", p.Path)
			}
		}
		taken = append(taken, p.Path)
		if strings.HasPrefix(p.Path, "_id.") {
			return nil, Errorf(ImmutableField, "cannot infer query fields to set, path '_id' would be set by its part '%s'",
				p.Path)
		}
		value := clone(p.Value)
		var err error
		put := edit{create: true, change: func(any) (any, error) { return value, nil }}
		if out, err = put.document(out, strings.Split(p.Path, ".")); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (u *Update) apply(doc bson.D, at int, inserting bool) (bson.D, error) {
	switch {
	case u.replaces:
		return u.replace(doc), nil
	case u.pipeline != nil:
		after, err := u.pipeline.transform(cloneDocument(doc))
		if id := get(doc, "_id"); err == nil && !isMissing(id) && isMissing(get(after, "_id")) {
			after = append(bson.D{{Key: "_id", Value: id}}, after...)
		}
		return after, err
	}
	after := cloneDocument(doc)
	id := get(doc, "_id")
	for _, m := range u.modifiers {
		if m.onInsert && !inserting {
			continue
		}
		var err error
		if after, err = u.modify(after, m, at, id); err != nil {
			return nil, err
		}
	}
	return after, nil
}

func (u *Update) replace(doc bson.D) bson.D {
	after := cloneDocument(u.replacement)
	if id := get(doc, "_id"); !isMissing(id) && isMissing(get(after, "_id")) {
		after = append(bson.D{{Key: "_id", Value: id}}, after...)
	}
	return idFirst(after)
}

func (u *Update) modify(doc bson.D, m modifier, at int, id any) (bson.D, error) {
	if m.rename != nil {
		return rename(doc, m, id)
	}
	paths, err := u.positions(doc, m.path, at)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		e := edit{create: m.create, change: func(old any) (any, error) { return m.change(old, id) }}
		if doc, err = e.document(doc, path); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func rename(doc bson.D, m modifier, id any) (bson.D, error) {
	for _, path := range [][]string{m.rename, m.path} {
		for n := 1; n < len(path); n++ {
			if _, is := lookup(doc, path[:n]).(bson.A); is {
				return nil, Errorf(BadValue, "The source and destination field of $rename cannot be an array element, '%s' in "+
					"doc with _id: %s has an array field called '%s'", strings.Join(path, "."), Format(id), path[n-1])
			}
		}
	}
	value := lookup(doc, m.rename)
	if isMissing(value) {
		return doc, nil
	}
	doc, err := edit{change: func(any) (any, error) { return missing{}, nil }}.document(doc, m.rename)
	if err != nil {
		return nil, err
	}
	return edit{create: true, change: func(any) (any, error) { return value, nil }}.document(doc, m.path)
}
