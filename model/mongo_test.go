package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The tests below check a draft's update against a small model of MongoDB's updateOne. It works on dot notation and
// decoded values, so it shares no code with the package.

// matches evaluates a filter of the forms that Draft.Update creates.
func matches(t *testing.T, filter bson.D, doc bson.D) bool {
	t.Helper()
	for _, cond := range filter {
		v, ok := lookup(doc, strings.Split(cond.Key, "."))
		ops, isGuard := cond.Value.(bson.D)
		if !isGuard || len(ops) == 0 || !strings.HasPrefix(ops[0].Key, "$") {
			if !ok || !equal(v, cond.Value) {
				return false
			}
			continue
		}
		for _, op := range ops {
			holds := false
			switch op.Key {
			case "$exists":
				holds = ok == op.Value.(bool)
			case "$eq":
				holds = ok && equal(v, op.Value)
			case "$type":
				holds = ok && typeAlias(ValueOf(v)) == op.Value.(string)
			case "$not":
				_, array := v.(bson.A)
				holds = !array
			default:
				t.Fatalf("the filter has %s", op.Key)
			}
			if !holds {
				return false
			}
		}
	}
	return true
}

func equal(a, b any) bool { return Identical(ValueOf(a), ValueOf(b)) }

func lookup(v any, names []string) (any, bool) {
	if len(names) == 0 {
		return v, true
	}
	switch v := v.(type) {
	case bson.D:
		for _, e := range v {
			if e.Key == names[0] {
				return lookup(e.Value, names[1:])
			}
		}
	case bson.A:
		if i, err := strconv.Atoi(names[0]); err == nil && i < len(v) {
			return lookup(v[i], names[1:])
		}
	}
	return nil, false
}

// applyOperator applies $set to a field, or $unset with unset.
func applyOperator(t *testing.T, v any, names []string, to any, unset bool) any {
	t.Helper()
	switch v := v.(type) {
	case bson.A:
		i, err := strconv.Atoi(names[0])
		if err != nil || i >= len(v) || unset && len(names) == 1 {
			t.Fatalf("the update addresses %v in an array of %d elements", names, len(v))
		}
		if len(names) == 1 {
			v[i] = to
		} else {
			v[i] = applyOperator(t, v[i], names[1:], to, unset)
		}
		return v
	case bson.D:
		for i, e := range v {
			if e.Key != names[0] {
				continue
			}
			if len(names) > 1 {
				v[i].Value = applyOperator(t, e.Value, names[1:], to, unset)
				return v
			}
			if unset {
				return append(v[:i:i], v[i+1:]...)
			}
			v[i].Value = to
			return v
		}
		if unset {
			return v
		}
		if len(names) > 1 {
			to = applyOperator(t, bson.D{}, names[1:], to, unset)
		}
		return append(v, bson.E{Key: names[0], Value: to})
	}
	t.Fatalf("the update addresses a field below a %T", v)
	return nil
}

func decoded(t *testing.T, doc bson.Raw) bson.D {
	t.Helper()
	var d bson.D
	if err := bson.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// updateOne applies the update to a document; false when the filter does not match.
func updateOne(t *testing.T, u Update, doc bson.Raw) (bson.Raw, bool) {
	t.Helper()
	d := decoded(t, doc)
	if !matches(t, decoded(t, u.Filter), d) {
		return nil, false
	}
	type change struct {
		bson.E
		unset bool
	}
	var changes []change
	for _, op := range decoded(t, u.Update.Value) {
		for _, e := range op.Value.(bson.D) {
			for _, other := range changes {
				if e.Key == other.Key || strings.HasPrefix(e.Key, other.Key+".") || strings.HasPrefix(other.Key, e.Key+".") {
					t.Fatalf("the update addresses both %s and %s, which MongoDB refuses", other.Key, e.Key)
				}
			}
			changes = append(changes, change{e, op.Key == "$unset"})
		}
	}
	// since version 5, in the order of their names, numbers in the order of their values
	slices.SortFunc(changes, func(a, b change) int {
		return slices.CompareFunc(strings.Split(a.Key, "."), strings.Split(b.Key, "."), compareFieldNames)
	})
	var out any = d
	for _, c := range changes {
		out = applyOperator(t, out, strings.Split(c.Key, "."), c.Value, c.unset)
	}
	return ValueOf(out).Value, true
}

func compareFieldNames(a, b string) int {
	n, err := strconv.Atoi(a)
	m, otherErr := strconv.Atoi(b)
	if err == nil && otherErr == nil {
		return cmp.Compare(n, m)
	}
	return cmp.Compare(a, b)
}

// document returns a document of testOwner. It uses few keys, so that edits overlap.
func (g generator) document() bson.Raw {
	b := newBuilder()
	b.add("_id", ValueOf(g.IntN(100)))
	b.add("userId", testOwner.UserID)
	for _, key := range []string{"a", "b", "c"} {
		if g.IntN(4) > 0 {
			b.add(key, g.smallValue(3))
		}
	}
	return b.done()
}

func (g generator) smallValue(depth int) bson.RawValue {
	switch n := g.IntN(6); {
	case n == 0 && depth > 0:
		items := bson.A{}
		for range g.IntN(4) {
			items = append(items, g.smallValue(depth-1))
		}
		return ValueOf(items)
	case n <= 2 && depth > 0:
		b := newBuilder()
		for _, key := range []string{"a", "b", "x.y", "$d", "0"} {
			if g.IntN(2) > 0 {
				b.add(key, g.smallValue(depth-1))
			}
		}
		return b.value(bson.TypeEmbeddedDocument)
	}
	return oneOf(g, ValueOf(1), ValueOf(1.0), ValueOf("s"), ValueOf(nil), ValueOf(true), ValueOf(int64(1)))
}

func (g generator) path() Path {
	p := Path{oneOf(g, "a", "b", "c", "new")}
	for range g.IntN(4) {
		p = p.Child(oneOf(g, "a", "b", "x.y", "$d", "0", "1", "2"))
	}
	return p
}

func FuzzDraft(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := newGenerator(seed)
		base := bson.Raw(g.document())
		d := NewDraft(base, testOwner)
		for range 1 + g.IntN(6) {
			p, v := g.path(), g.smallValue(2)
			before := d.Result()
			switch g.IntN(5) {
			case 0:
				if err := d.Unset(p); err != nil {
					t.Fatalf("unset %s in %s: %v", p, JSON(objectValue(before)), err)
				}
			case 1:
				d.Revert(p)
			default:
				if d.Set(p, v) == nil {
					if got, ok := p.Lookup(d.Result()); !ok || !Identical(got, v) {
						t.Fatalf("after Set(%s, %s) in %s the value is %s", p, JSON(v), JSON(objectValue(before)), JSON(got))
					}
				} else if string(before) != string(d.Result()) {
					t.Fatalf("Set(%s) failed but changed the draft", p)
				}
			}
		}
		if g.IntN(5) == 0 {
			replacement := NewDraft(g.document(), testOwner)
			id, _ := Path{"_id"}.Lookup(base)
			doc := applyEdits(objectValue(replacement.Base()), []Edit{{Path: Path{"_id"}, Value: id}}, 0).Value
			if err := d.Replace(doc); err != nil {
				t.Fatal(err)
			}
			if changes := Diff(doc, d.Result()); len(changes) > 0 {
				t.Fatalf("replaced by %s, the result is %s", JSON(objectValue(doc)), JSON(objectValue(d.Result())))
			}
		}
		checkDraft(t, g, d)
	})
}

// checkDraft applies the update of a draft, undoes it and encodes the draft.
func checkDraft(t *testing.T, g generator, d *Draft) {
	t.Helper()
	if d.Empty() {
		if len(Diff(d.Base(), d.Result())) > 0 {
			t.Fatal("a draft without edits changes the document")
		}
		return
	}
	description := fmt.Sprintf("%s with %s", JSON(objectValue(d.Base())), describeEdits(d))
	u, err := d.Update()
	if err != nil {
		t.Fatalf("%s: %v", description, err)
	}
	after, matched := updateOne(t, u, d.Base())
	if !matched {
		t.Fatalf("%s: the filter %s does not match", description, JSON(objectValue(u.Filter)))
	}
	if string(after) != string(d.Result()) {
		t.Fatalf("%s: the update results in %s, Result() is %s", description, JSON(objectValue(after)),
			JSON(objectValue(d.Result())))
	}
	if !u.SatisfiedBy(after) {
		t.Fatalf("%s: the update is not satisfied by %s", description, JSON(objectValue(after)))
	}
	undo, err := d.Inverse(after)
	if err != nil {
		t.Fatalf("%s: undo: %v", description, err)
	}
	if left := Diff(d.Base(), undo.Result()); len(left) > 0 {
		t.Fatalf("%s: the undone document differs: %s", description, describeChanges(left))
	}
	text, err := d.MarshalText()
	var decodedDraft Draft
	if err != nil || decodedDraft.UnmarshalText(text) != nil || describeEdits(&decodedDraft) != describeEdits(d) {
		t.Fatalf("%s: decoded as %s (%v)", description, describeEdits(&decodedDraft), err)
	}
	checkConcurrentEdit(t, g, d, u)
}

// checkConcurrentEdit changes the document before the draft's update is applied.
func checkConcurrentEdit(t *testing.T, g generator, d *Draft, u Update) {
	t.Helper()
	other := NewDraft(d.Base(), testOwner)
	for range 3 {
		_ = other.Set(g.path(), g.smallValue(1)) // invalid paths are skipped
	}
	theirs := other.Result()
	description := fmt.Sprintf("%s with %s, concurrently %s", JSON(objectValue(d.Base())), describeEdits(d),
		describeEdits(other))
	matched := matches(t, decoded(t, u.Filter), decoded(t, theirs))
	conflicts := slices.DeleteFunc(d.Conflicts(theirs), func(c Conflict) bool {
		return slices.ContainsFunc(d.Edits(), func(e Edit) bool { // the database refuses to set a field in a scalar
			_, existed := e.Path.Lookup(d.Base())
			return !existed && len(e.Path) > len(c.Path) && e.Path.Within(c.Path)
		})
	})
	if matched && len(conflicts) > 0 {
		t.Fatalf("%s: the filter matches despite the conflicts %v", description, conflicts)
	}
	rebased := d.Rebase(theirs)
	if !rebased.Empty() {
		again, err := rebased.Update()
		if err != nil {
			t.Fatalf("%s: rebased: %v", description, err)
		}
		if !matches(t, decoded(t, again.Filter), decoded(t, theirs)) {
			t.Fatalf("%s: rebased, the filter %s does not match", description, JSON(objectValue(again.Filter)))
		}
	}
	for _, e := range d.Edits() {
		if !e.satisfiedBy(rebased.Result()) && !strings.Contains(describeEdits(rebased), e.Path[0]) {
			t.Fatalf("%s: rebased, the edit of %s is lost: %s", description, e.Path, describeEdits(rebased))
		}
	}
}

func BenchmarkDraftSet(b *testing.B) {
	doc := largeDocument()
	for b.Loop() {
		d := NewDraft(doc, testOwner)
		if err := d.Set(Path{"field050000", "name"}, ValueOf("x")); err != nil {
			b.Fatal(err)
		}
	}
}
