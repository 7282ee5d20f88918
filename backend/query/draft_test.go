package query_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
	"dossier/model"
)

// random makes documents and operations; the same seed makes the same ones.
type random struct{ *rand.Rand }

func pick[T any](r random, of ...T) T { return of[r.IntN(len(of))] }

// names are few, so that operations meet. Some of them no path can name.
var names = []string{"a", "b", "c", "zz", "0", "10", "2", "x.y", "$d"}

func (r random) value(depth int) any {
	switch n := r.IntN(7); {
	case n == 0 && depth > 0:
		return r.object(depth - 1)
	case n == 1 && depth > 0:
		list := bson.A{}
		for range r.IntN(4) {
			list = append(list, r.value(depth-1))
		}
		return list
	case n == 2:
		return int64(r.IntN(3))
	case n == 3:
		return float64(r.IntN(3))
	case n == 4:
		return nil
	default:
		return pick[any](r, "s", true, int32(7), bson.DateTime(5))
	}
}

func (r random) object(depth int) bson.D {
	d := bson.D{}
	for _, i := range r.Perm(len(names))[:r.IntN(4)] {
		d = append(d, bson.E{Key: names[i], Value: r.value(depth)})
	}
	return d
}

// field returns the path of a field of a document, or of one that is not there.
func (r random) field(doc any) model.Path {
	var p model.Path
	for {
		key := pick(r, names...)
		switch v := doc.(type) {
		case bson.D:
			if len(v) > 0 && r.IntN(8) > 0 {
				e := v[r.IntN(len(v))]
				key, doc = e.Key, e.Value
			} else {
				doc = nil
			}
		case bson.A:
			i := r.IntN(len(v) + 1)
			if key = strconv.Itoa(i); i < len(v) {
				doc = v[i]
			} else {
				doc = nil
			}
		}
		p = append(p, key)
		if _, isObject := doc.(bson.D); !isObject {
			if _, isArray := doc.(bson.A); !isArray {
				return p
			}
		}
		if r.IntN(3) == 0 {
			return p
		}
	}
}

func rawDocument(t *testing.T, d any) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parsed(t *testing.T, raw bson.Raw) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operate carries out a random operation on a draft and returns its description; empty: it was refused.
func (r random) operate(t *testing.T, d *model.Draft) string {
	t.Helper()
	before := d.Result()
	p, q := r.field(parsed(t, before)), r.field(parsed(t, before))
	var err error
	name := ""
	switch r.IntN(9) {
	case 0, 1:
		name, err = "set", d.Set(p, model.ValueOf(r.value(2)))
	case 2:
		name, err = "unset", d.Unset(p)
	case 3:
		name, err = "unset with "+q.String(), d.UnsetAll([]model.Path{p, q})
	case 4:
		to := pick(r, names...)
		name = "rename to " + to
		_, err = d.Rename(p, to)
	case 5:
		name = "duplicate"
		_, err = d.Duplicate(p)
	case 6:
		by := r.IntN(5) - 2
		name = fmt.Sprint("move by ", by)
		_, err = d.Move(p, by)
	case 7:
		at := r.IntN(3)
		name, err = fmt.Sprint("insert at ", at), d.Insert(p.Parent(), at, model.ValueOf(r.value(1)))
	case 8:
		name = "revert"
		d.Revert(p)
	}
	if err != nil {
		if string(before) != string(d.Result()) {
			t.Fatalf("%s %s was refused (%v) and changed the draft", name, p, err)
		}
		return ""
	}
	return name + " " + p.String()
}

// The update of a draft, carried out on its base, results in the draft's result, byte for byte, after any operations:
// with a service that transfers BSON, and with one that only sets and removes what a path can name.
func TestTheUpdateOfADraftResultsInItsResult(t *testing.T) {
	updates := 0
	for seed := range uint64(4000) {
		r := random{rand.New(rand.NewPCG(seed, 3))}
		base := rawDocument(t, append(bson.D{{Key: "_id", Value: 1}, {Key: "uid", Value: "u"}}, r.object(3)...))
		d := model.NewDraft(base, model.Owner{UserIDField: "uid", UserID: model.ValueOf("u"), Exact: seed%2 == 0})
		done := ""
		for range 1 + r.IntN(6) {
			if step := r.operate(t, d); step != "" {
				done += step + "; "
			}
		}
		if d.Empty() {
			continue
		}
		u, err := d.Update()
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, done, err)
		}
		updates++
		after := carryOut(t, u, base)
		if want := d.Result(); string(after) != string(want) {
			t.Fatalf("seed %d: %s on\n%s\n%s\nresults in\n%s\nwant\n%s", seed, done, bson.Raw(base), u, after, want)
		}
	}
	if updates < 2000 {
		t.Errorf("only %d updates were tested", updates)
	}
}

// carryOut returns a document after an updateOne call that must match it.
func carryOut(t *testing.T, u model.Update, doc bson.Raw) bson.Raw {
	t.Helper()
	f, err := query.ParseFilter(parsed(t, u.Filter), env())
	if err != nil {
		t.Fatalf("%s: %v", u, err)
	}
	matched, at := f.MatchAt(parsed(t, doc))
	if !matched {
		t.Fatalf("the filter does not match %s\n%s", doc, u)
	}
	var update any
	if err := u.Update.Unmarshal(&update); err != nil {
		t.Fatal(err)
	}
	change, err := query.ParseUpdate(update, nil, env())
	if err != nil {
		t.Fatalf("%s: %v", u, err)
	}
	after, err := change.Apply(parsed(t, doc), at)
	if err != nil {
		t.Fatalf("%s: %v", u, err)
	}
	return rawDocument(t, after)
}
