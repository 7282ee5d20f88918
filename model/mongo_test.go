package model

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The tests below check a draft's update against a small reading of what MongoDB does with one: it works on names with dots and decoded values,
// so it shares nothing with the code it checks.

// matches evaluates a filter of the forms that a draft makes.
func matches(t *testing.T, filter bson.D, doc bson.D) bool {
	t.Helper()
	for _, cond := range filter {
		v, ok := reach(doc, strings.Split(cond.Key, "."))
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
				holds = ok && alias(ValueOf(v)) == op.Value.(string)
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

func reach(v any, names []string) (any, bool) {
	if len(names) == 0 {
		return v, true
	}
	switch v := v.(type) {
	case bson.D:
		for _, e := range v {
			if e.Key == names[0] {
				return reach(e.Value, names[1:])
			}
		}
	case bson.A:
		if i, err := strconv.Atoi(names[0]); err == nil && i < len(v) {
			return reach(v[i], names[1:])
		}
	}
	return nil, false
}

// set does $set, or $unset with gone.
func set(t *testing.T, v any, names []string, to any, gone bool) any {
	t.Helper()
	switch v := v.(type) {
	case bson.A:
		i, err := strconv.Atoi(names[0])
		if err != nil || i >= len(v) || gone && len(names) == 1 {
			t.Fatalf("the update names %v in an array of %d", names, len(v))
		}
		if len(names) == 1 {
			v[i] = to
		} else {
			v[i] = set(t, v[i], names[1:], to, gone)
		}
		return v
	case bson.D:
		for i, e := range v {
			if e.Key != names[0] {
				continue
			}
			if len(names) > 1 {
				v[i].Value = set(t, e.Value, names[1:], to, gone)
				return v
			}
			if gone {
				return append(v[:i:i], v[i+1:]...)
			}
			v[i].Value = to
			return v
		}
		if gone {
			return v
		}
		if len(names) > 1 {
			to = set(t, bson.D{}, names[1:], to, gone)
		}
		return append(v, bson.E{Key: names[0], Value: to})
	}
	t.Fatalf("the update goes through a %T", v)
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

// carryOut does the update to a document, as updateOne would.
func carryOut(t *testing.T, u Update, doc bson.Raw) (bson.Raw, bool) {
	t.Helper()
	d := decoded(t, doc)
	if !matches(t, decoded(t, u.Filter), d) {
		return nil, false
	}
	var named []string
	var out any = d
	for _, op := range decoded(t, u.Update) {
		for _, e := range op.Value.(bson.D) {
			for _, other := range named {
				if e.Key == other || strings.HasPrefix(e.Key, other+".") || strings.HasPrefix(other, e.Key+".") {
					t.Fatalf("the update names both %s and %s, which MongoDB refuses", other, e.Key)
				}
			}
			named = append(named, e.Key)
			out = set(t, out, strings.Split(e.Key, "."), e.Value, op.Key == "$unset")
		}
	}
	return ValueOf(out).Value, true
}

// someDocument is a made-up document that belongs to the scope; its keys repeat, so that edits meet.
func (m made) someDocument() bson.Raw {
	b := newBuilder()
	b.add("_id", ValueOf(m.IntN(100)))
	b.add("userId", scope.UserID)
	for _, key := range []string{"a", "b", "c"} {
		if m.IntN(4) > 0 {
			b.add(key, m.small(3))
		}
	}
	return b.done()
}

func (m made) small(depth int) bson.RawValue {
	switch n := m.IntN(6); {
	case n == 0 && depth > 0:
		items := bson.A{}
		for range m.IntN(4) {
			items = append(items, m.small(depth-1))
		}
		return ValueOf(items)
	case n <= 2 && depth > 0:
		b := newBuilder()
		for _, key := range []string{"a", "b", "x.y", "$d", "0"} {
			if m.IntN(2) > 0 {
				b.add(key, m.small(depth-1))
			}
		}
		return b.value(bson.TypeEmbeddedDocument)
	}
	return pick(m, ValueOf(1), ValueOf(1.0), ValueOf("s"), ValueOf(nil), ValueOf(true), ValueOf(int64(1)))
}

func (m made) somePath() Path {
	p := Path{pick(m, "a", "b", "c", "new")}
	for range m.IntN(4) {
		p = p.Child(pick(m, "a", "b", "x.y", "$d", "0", "1", "2"))
	}
	return p
}

func FuzzDraft(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := newMade(seed)
		base := bson.Raw(m.someDocument())
		d := NewDraft(base, scope)
		for range 1 + m.IntN(6) {
			p, v := m.somePath(), m.small(2)
			before := d.Result()
			switch m.IntN(5) {
			case 0:
				if err := d.Unset(p); err != nil {
					t.Fatalf("unset %s in %s: %v", p, JSON(objectOf(before)), err)
				}
			case 1:
				d.Revert(p)
			default:
				if d.Set(p, v) == nil {
					if got, ok := p.Lookup(d.Result()); !ok || !Identical(got, v) {
						t.Fatalf("%s set to %s in %s is %s", p, JSON(v), JSON(objectOf(before)), JSON(got))
					}
				} else if string(before) != string(d.Result()) {
					t.Fatalf("%s was refused, yet it changed", p)
				}
			}
		}
		if m.IntN(5) == 0 {
			wanted := NewDraft(m.someDocument(), scope)
			id, _ := Path{"_id"}.Lookup(base)
			doc := apply(objectOf(wanted.Base()), []Edit{{Path: Path{"_id"}, Value: id}}, 0).Value
			if err := d.Replace(doc); err != nil {
				t.Fatal(err)
			}
			if changes := Diff(doc, d.Result()); len(changes) > 0 {
				t.Fatalf("replaced by %s it is %s", JSON(objectOf(doc)), JSON(objectOf(d.Result())))
			}
		}
		checkDraft(t, m, d)
	})
}

// checkDraft carries a draft out and undoes it.
func checkDraft(t *testing.T, m made, d *Draft) {
	t.Helper()
	if d.Empty() {
		if len(Diff(d.Base(), d.Result())) > 0 {
			t.Fatal("an empty draft changes something")
		}
		return
	}
	story := fmt.Sprintf("%s with %s", JSON(objectOf(d.Base())), edits(d))
	u, err := d.Update()
	if err != nil {
		t.Fatalf("%s: %v", story, err)
	}
	after, matched := carryOut(t, u, d.Base())
	if !matched {
		t.Fatalf("%s: the filter %s does not match", story, JSON(objectOf(u.Filter)))
	}
	if string(after) != string(d.Result()) {
		t.Fatalf("%s: MongoDB makes %s of it, the draft says %s", story, JSON(objectOf(after)), JSON(objectOf(d.Result())))
	}
	if !u.SatisfiedBy(after) {
		t.Fatalf("%s: the update does not hold in %s", story, JSON(objectOf(after)))
	}
	undo, err := d.Inverse(after)
	if err != nil {
		t.Fatalf("%s: undo: %v", story, err)
	}
	if left := Diff(d.Base(), undo.Result()); len(left) > 0 {
		t.Fatalf("%s: undone, it still differs by %s", story, differences(left))
	}
	text, err := d.MarshalText()
	var back Draft
	if err != nil || back.UnmarshalText(text) != nil || edits(&back) != edits(d) {
		t.Fatalf("%s: it came back as %s (%v)", story, edits(&back), err)
	}
	checkMeanwhile(t, m, d, u)
}

// checkMeanwhile lets somebody else change the document before the draft is carried out.
func checkMeanwhile(t *testing.T, m made, d *Draft, u Update) {
	t.Helper()
	other := NewDraft(d.Base(), scope)
	for range 3 {
		_ = other.Set(m.somePath(), m.small(1)) // some do not fit, which is no matter
	}
	theirs := other.Result()
	story := fmt.Sprintf("%s with %s, meanwhile %s", JSON(objectOf(d.Base())), edits(d), edits(other))
	matched := matches(t, decoded(t, u.Filter), decoded(t, theirs))
	if conflicts := d.Conflicts(theirs); matched && len(conflicts) > 0 {
		t.Fatalf("%s: it would be written over %v", story, conflicts)
	}
	moved := d.Rebase(theirs)
	if !moved.Empty() {
		again, err := moved.Update()
		if err != nil {
			t.Fatalf("%s: rebased: %v", story, err)
		}
		if !matches(t, decoded(t, again.Filter), decoded(t, theirs)) {
			t.Fatalf("%s: rebased, the filter %s does not match", story, JSON(objectOf(again.Filter)))
		}
	}
	for _, e := range d.Edits() {
		if !e.holds(moved.Result()) && !strings.Contains(edits(moved), e.Path[0]) {
			t.Fatalf("%s: rebased, the edit of %s is lost: %s", story, e.Path, edits(moved))
		}
	}
}

func BenchmarkDraftSet(b *testing.B) {
	doc := large()
	for b.Loop() {
		d := NewDraft(doc, scope)
		if err := d.Set(Path{"field050000", "name"}, ValueOf("x")); err != nil {
			b.Fatal(err)
		}
	}
}
