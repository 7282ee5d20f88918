package query_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// reference carries out operations on decoded values, as plainly as possible. Refused operations are not its business.
type reference struct{ doc any }

func (m *reference) get(p model.Path) any {
	v := m.doc
	for _, key := range p {
		switch c := v.(type) {
		case bson.D:
			v = c[slices.IndexFunc(c, func(e bson.E) bool { return e.Key == key })].Value
		case bson.A:
			i, _ := strconv.Atoi(key)
			v = c[i]
		}
	}
	return v
}

// put returns a value in which the field at a path is replaced by what change returns for it; false removes it.
func put(v any, p model.Path, change func(any) (any, bool)) any {
	key := p[0]
	inner := func(old any) (any, bool) {
		if len(p) == 1 {
			return change(old)
		}
		return put(old, p[1:], change), true
	}
	if list, ok := v.(bson.A); ok {
		i, _ := strconv.Atoi(key)
		list = slices.Clone(list)
		if i == len(list) {
			list = append(list, nil)
		}
		if i > len(list) {
			return list
		}
		now, keep := inner(list[i])
		if !keep {
			return slices.Delete(list, i, i+1)
		}
		list[i] = now
		return list
	}
	d, _ := v.(bson.D)
	d = slices.Clone(d)
	i := slices.IndexFunc(d, func(e bson.E) bool { return e.Key == key })
	if i < 0 {
		if now, keep := inner(nil); keep {
			d = append(d, bson.E{Key: key, Value: now})
		}
		return d
	}
	now, keep := inner(d[i].Value)
	if !keep {
		return slices.Delete(d, i, i+1)
	}
	d[i].Value = now
	return d
}

func (m *reference) set(p model.Path, v any) {
	m.doc = put(m.doc, p, func(any) (any, bool) { return v, true })
}

func (m *reference) unset(p model.Path) {
	if m.has(p) {
		m.doc = put(m.doc, p, func(any) (any, bool) { return nil, false })
	}
}

func (m *reference) has(p model.Path) bool {
	v := m.doc
	for _, key := range p {
		switch c := v.(type) {
		case bson.D:
			i := slices.IndexFunc(c, func(e bson.E) bool { return e.Key == key })
			if i < 0 {
				return false
			}
			v = c[i].Value
		case bson.A:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(c) {
				return false
			}
			v = c[i]
		default:
			return false
		}
	}
	return true
}

func (m *reference) changeList(p model.Path, change func(bson.A) bson.A) {
	list, _ := m.get(p).(bson.A)
	m.set(p, change(slices.Clone(list)))
}

func last(p model.Path) (model.Path, string, int) {
	i, _ := strconv.Atoi(p[len(p)-1])
	return p[:len(p)-1], p[len(p)-1], i
}

// written returns a value as text in which the order of fields does not count.
func written(v any) string {
	switch v := v.(type) {
	case bson.D:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = fmt.Sprintf("%q:%s", e.Key, written(e.Value))
		}
		slices.SortFunc(parts, cmp.Compare)
		return "{" + strings.Join(parts, ",") + "}"
	case bson.A:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = written(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return fmt.Sprintf("%T %v", v, v)
}

// step is an operation on a draft, and the same on the reference.
type step struct {
	name      string
	draft     func(*model.Draft) error
	reference func(*reference)
}

func (r random) step(doc any) step {
	p, v := r.field(doc), r.value(2)
	parent, key, index := last(p)
	switch r.IntN(6) {
	case 0:
		return step{"unset", func(d *model.Draft) error { return d.Unset(p) }, func(m *reference) { m.unset(p) }}
	case 1:
		to := pick(r, names...)
		return step{"rename to " + to, func(d *model.Draft) error { _, err := d.Rename(p, to); return err },
			func(m *reference) {
				if v := m.get(p); to != key {
					m.unset(p)
					m.set(parent.Child(to), v)
				}
			}}
	case 2:
		var copied model.Path
		return step{"duplicate", func(d *model.Draft) (err error) { copied, err = d.Duplicate(p); return err },
			func(m *reference) {
				v := m.get(p)
				if _, ok := m.get(parent).(bson.A); !ok {
					m.set(copied, v)
					return
				}
				m.changeList(parent, func(l bson.A) bson.A { return slices.Insert(l, index+1, v) })
			}}
	case 3:
		by := pick(r, -2, -1, 1, 2)
		return step{fmt.Sprint("move by ", by), func(d *model.Draft) error { _, err := d.Move(p, by); return err },
			func(m *reference) {
				m.changeList(parent, func(l bson.A) bson.A {
					v := l[index]
					l = slices.Delete(l, index, index+1)
					return slices.Insert(l, min(max(0, index+by), len(l)), v)
				})
			}}
	case 4:
		at := r.IntN(3)
		return step{fmt.Sprint("insert at ", at), func(d *model.Draft) error {
			return d.Insert(parent, at, model.ValueOf(v))
		},
			func(m *reference) { m.changeList(parent, func(l bson.A) bson.A { return slices.Insert(l, at, v) }) }}
	}
	return step{"set", func(d *model.Draft) error { return d.Set(p, model.ValueOf(v)) },
		func(m *reference) { m.set(p, v) }}
}

// Sequences of operations do to a draft what they do to plain values.
func TestOperationsOfADraftEqualAReference(t *testing.T) {
	accepted := 0
	for seed := range uint64(4000) {
		r := random{rand.New(rand.NewPCG(seed, 5))}
		fields := append(bson.D{{Key: "_id", Value: 1}, {Key: "uid", Value: "u"}}, r.object(3)...)
		base := rawDocument(t, fields)
		d := model.NewDraft(base, model.Owner{UserIDField: "uid", UserID: model.ValueOf("u"), Exact: true})
		m, done := &reference{parsed(t, base)}, ""
		for range 8 {
			s := r.step(m.doc)
			if s.draft(d) != nil {
				continue
			}
			accepted++
			s.reference(m)
			done += s.name + "; "
			if got, want := written(parsed(t, d.Result())), written(m.doc); got != want {
				t.Fatalf("seed %d: %s on %s: the draft has\n%s\nthe reference\n%s", seed, done, base, got, want)
			}
		}
	}
	if accepted < 10_000 {
		t.Errorf("only %d operations were accepted", accepted)
	}
}
