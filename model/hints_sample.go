package model

import (
	"cmp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// minSampled is the number of values from which on a sample says something about a field.
const minSampled = 5

// The limits of frequent values: a value of at most so many bytes that so many documents share, of a field with few
// different values.
const (
	maxFrequentBytes   = 64
	maxDifferentValues = 12
	minSharedValues    = 3
)

// SampleHints returns the hints of a sample of documents: types and frequent values of each field that has five values
// or more.
func SampleHints(docs []bson.Raw) Hints {
	s := fieldSample{byPath: map[string]*sampledField{}}
	for _, doc := range docs {
		s.object(doc, nil)
	}
	hints := make(Hints, 0, len(s.order))
	for _, f := range s.order {
		if f.n >= minSampled {
			hints = append(hints, f.hint())
		}
	}
	return hints
}

type fieldSample struct {
	byPath map[string]*sampledField
	order  []*sampledField
}

// sampledField is the values of one field.
type sampledField struct {
	path   Path
	n      int
	kinds  map[Kind]int
	values map[string]*sampledValue // by type and bytes; nil: too many, or too large
}

type sampledValue struct {
	value bson.RawValue
	n     int
}

func (s *fieldSample) object(doc []byte, at Path) {
	for e, err := range elements(doc) {
		if err != nil {
			return
		}
		s.add(at.Child(string(e.key)), e.value)
	}
}

func (s *fieldSample) add(p Path, v bson.RawValue) {
	key := p.String()
	f := s.byPath[key]
	if f == nil {
		if len(s.order) >= maxHints || len(p) > maxHintDepth {
			return
		}
		f = &sampledField{path: p, kinds: map[Kind]int{}, values: map[string]*sampledValue{}}
		s.byPath[key] = f
		s.order = append(s.order, f)
	}
	f.add(v)
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		s.object(v.Value, p)
	case bson.TypeArray:
		for e, err := range elements(v.Value) {
			if err != nil {
				return
			}
			s.add(p.Child(ItemKey), e.value)
		}
	}
}

func (f *sampledField) add(v bson.RawValue) {
	f.n++
	f.kinds[KindOf(v)]++
	if f.values == nil {
		return
	}
	if isContainer(v) || len(v.Value) > maxFrequentBytes {
		f.values = nil
		return
	}
	key := valueKey(v)
	if known := f.values[key]; known != nil {
		known.n++
		return
	}
	if len(f.values) == maxDifferentValues {
		f.values = nil
		return
	}
	f.values[key] = &sampledValue{v, 1}
}

func (f *sampledField) hint() Hint {
	h := Hint{Path: f.path, Sampled: f.n}
	for k, n := range f.kinds {
		h.Types = append(h.Types, TypeShare{k, (100*n + f.n/2) / f.n})
	}
	slices.SortFunc(h.Types, func(a, b TypeShare) int {
		return cmp.Or(cmp.Compare(f.kinds[b.Kind], f.kinds[a.Kind]), cmp.Compare(a.Kind, b.Kind))
	})
	var frequent []*sampledValue
	for _, v := range f.values {
		if v.n >= minSharedValues {
			frequent = append(frequent, v)
		}
	}
	slices.SortFunc(frequent, func(a, b *sampledValue) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(valueKey(a.value), valueKey(b.value)))
	})
	for _, v := range frequent {
		h.Values = append(h.Values, v.value)
	}
	return h
}
