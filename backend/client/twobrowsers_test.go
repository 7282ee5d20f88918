package client_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/client"
	"dossier/model"
)

// operation is what one of two browsers does with a document that both have read.
type operation struct {
	name string
	edit func(t *testing.T, d *model.Draft, who string) *model.Draft // nil: the document is deleted
}

// shared returns the fields that every operation starts from.
func shared() bson.D {
	return bson.D{
		{Key: "color", Value: "pink"}, {Key: "n", Value: int32(1)}, {Key: "old", Value: "name"},
		{Key: "plan", Value: bson.D{{Key: "seats", Value: int32(8)}, {Key: "tier", Value: "basic"}}},
		{Key: "tags", Value: bson.A{"a", "b", "c"}}, {Key: "orders", Value: bson.A{order(1), order(2), order(3)}},
	}
}

// order returns one of the orders, which differ only in their ids.
func order(id int32) bson.D {
	return bson.D{{Key: "id", Value: id}, {Key: "status", Value: "delivered"}}
}

func operations() []operation {
	path := func(keys ...string) model.Path { return keys }
	steps := func(edits ...model.Edit) func(*testing.T, *model.Draft, string) *model.Draft {
		return func(t *testing.T, d *model.Draft, who string) *model.Draft {
			for _, e := range edits {
				err := d.Unset(e.Path)
				if !e.Unset {
					v := e.Value
					if v.IsZero() {
						v = model.ValueOf("by " + who)
					}
					err = d.Set(e.Path, v)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			return d
		}
	}
	by := func(change func(d *model.Draft) error) func(*testing.T, *model.Draft, string) *model.Draft {
		return func(t *testing.T, d *model.Draft, _ string) *model.Draft {
			if err := change(d); err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	return []operation{
		{"set", steps(model.Edit{Path: path("color")})},
		{"set inside", steps(model.Edit{Path: path("plan", "seats")})},
		{"remove", steps(model.Edit{Path: path("color"), Unset: true})},
		{"remove inside", steps(model.Edit{Path: path("plan", "seats"), Unset: true})},
		{"add", steps(model.Edit{Path: path("new")})},
		{"add inside", steps(model.Edit{Path: path("plan", "new")})},
		{"rename", by(func(d *model.Draft) error { _, err := d.Rename(path("old"), "renamed"); return err })},
		{"duplicate", by(func(d *model.Draft) error { _, err := d.Duplicate(path("plan")); return err })},
		{"change the type", steps(model.Edit{Path: path("n"), Value: model.ValueOf(int64(1))})},
		{"push", steps(model.Edit{Path: path("tags", "3")})},
		{"set an item", steps(model.Edit{Path: path("tags", "1")})},
		{"move an item", by(func(d *model.Draft) error { _, err := d.Move(path("tags", "0"), 1); return err })},
		{"insert an item", by(func(d *model.Draft) error { return d.Insert(path("tags"), 1, model.ValueOf("new")) })},
		{"remove an item", steps(model.Edit{Path: path("tags", "0"), Unset: true})},
		{"set inside an order", steps(model.Edit{Path: path("orders", "1", "status")})},
		{"add inside an order", steps(model.Edit{Path: path("orders", "1", "note")})},
		{"remove inside an order", steps(model.Edit{Path: path("orders", "1", "status"), Unset: true})},
		{"remove the order before", steps(model.Edit{Path: path("orders", "0"), Unset: true})},
		{"remove the order", steps(model.Edit{Path: path("orders", "1"), Unset: true})},
		{"insert an order", by(func(d *model.Draft) error { return d.Insert(path("orders"), 0, model.ValueOf(order(0))) })},
		{"append an order", steps(model.Edit{Path: path("orders", "3"), Value: model.ValueOf(order(4))})},
		{"shorten the orders", steps(model.Edit{Path: path("orders"), Value: model.ValueOf(bson.A{order(1)})})},
		{"set the orders to text", steps(model.Edit{Path: path("orders")})},
		{"replace the document", func(t *testing.T, d *model.Draft, who string) *model.Draft {
			doc := bson.D{{Key: "_id", Value: d.Base().Lookup("_id")}, {Key: "userId", Value: d.Base().Lookup("userId")},
				{Key: "color", Value: "replaced by " + who}, {Key: "only", Value: "by " + who}}
			raw, err := bson.Marshal(doc)
			if err == nil {
				err = d.Replace(raw)
			}
			if err != nil {
				t.Fatal(err)
			}
			return d
		}},
		{"undo", func(t *testing.T, d *model.Draft, _ string) *model.Draft {
			before := append(shared(), bson.E{Key: "gone", Value: "x"})
			before[0].Value = "red"
			raw, err := bson.Marshal(append(bson.D{{Key: "_id", Value: d.Base().Lookup("_id")},
				{Key: "userId", Value: d.Base().Lookup("userId")}}, before...))
			if err != nil {
				t.Fatal(err)
			}
			saved := model.NewDraft(raw, d.Owner())
			if err := saved.Replace(d.Base()); err != nil {
				t.Fatal(err)
			}
			undo, err := saved.Inverse(d.Base())
			if err != nil {
				t.Fatal(err)
			}
			return undo
		}},
		{"delete the document", nil},
	}
}

// TestTwoBrowsersOnOneDocument does every pair of operations, in both orders: both browsers read the document, then one
// saves, then the other. Nothing is overwritten that its user has not seen, and nothing typed is lost: what is not
// saved is reported as a conflict with both values, and saved once the user has seen it.
func TestTwoBrowsersOnOneDocument(t *testing.T) {
	r := startRoundTrip(t)
	sdk := client.New(client.Options{BaseURL: r.h.URL, AppID: r.h.AppID, Now: r.h.Clock.Now, Timeout: time.Minute})
	user, err := sdk.SignIn(t.Context(), passwordCredential("ann@example.com", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	other := roundTrip{r.h, user}
	for _, first := range operations() {
		for _, second := range operations() {
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				r.replace(t, shared())
				a, b := r.read(t, first, "first"), other.read(t, second, "second")
				a.save(t)
				b.saveAfterOther(t)
			})
		}
	}
}

// browser is one of the two: what it read, and what its user typed.
type browser struct {
	roundTrip
	check model.CheckResult
	draft *model.Draft // nil: the document is deleted
}

func (r roundTrip) read(t *testing.T, o operation, who string) browser {
	t.Helper()
	check, err := r.user.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := browser{roundTrip: r, check: check}
	if o.edit != nil {
		b.draft = o.edit(t, model.NewDraft(check.Document, check.Owner("userId", r.user.ID())), who)
	}
	return b
}

// write saves a draft, or deletes the document.
func (b browser) write(t *testing.T, d *model.Draft) model.WriteResult {
	t.Helper()
	if d == nil {
		got, err := b.user.DeleteDocument(t.Context(), b.check)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	update, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.user.Save(t.Context(), update)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (b browser) save(t *testing.T) {
	t.Helper()
	if got := b.write(t, b.draft); !got.Saved {
		t.Fatalf("the first browser: %+v", got)
	}
}

// current returns the document in the database; nil: there is none.
func (b browser) current(t *testing.T) bson.Raw {
	t.Helper()
	check, err := b.user.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(check.Document)
}

// saveAfterOther saves after the other browser did.
func (b browser) saveAfterOther(t *testing.T) {
	t.Helper()
	before := b.current(t)
	got := b.write(t, b.draft)
	after := b.current(t)
	switch {
	case b.draft == nil:
		b.expectDeletion(t, got, before, after)
	case got.Conflict:
		if !bytes.Equal(before, after) {
			t.Errorf("a conflict wrote: before %s, after %s", before, after)
		}
		b.expectConflict(t, got)
	default:
		if !got.Saved && !got.AlreadyDone {
			t.Errorf("got %+v", got)
		}
		b.expectNothingUnseen(t, before, after)
	}
}

// expectDeletion: a document is deleted only as it was read.
func (b browser) expectDeletion(t *testing.T, got model.WriteResult, before, after bson.Raw) {
	t.Helper()
	unchanged := before == nil || len(model.Diff(b.check.Document, before)) == 0
	if (after == nil) != unchanged || got.Conflict == unchanged {
		t.Errorf("unchanged %v, got %+v, after %s", unchanged, got, after)
	}
}

// expectNothingUnseen: the edited fields had the values that the user saw, or already the new ones; the others stay.
func (b browser) expectNothingUnseen(t *testing.T, before, after bson.Raw) {
	t.Helper()
	rest := before
	for _, e := range b.draft.Edits() {
		seen, _ := e.Path.Lookup(b.check.Document)
		was, _ := e.Path.Lookup(before)
		is, _ := e.Path.Lookup(after)
		if !model.Identical(seen, was) && !model.Identical(e.Value, was) {
			t.Errorf("%s was %s in the database, and its user saw %s: overwritten with %s", e.Path, was, seen, e.Value)
		}
		if !model.Identical(is, e.Value) {
			t.Errorf("%s is %s, typed was %s", e.Path, is, e.Value)
		}
		if len(e.Path) == 3 && e.Path[0] == "orders" {
			seen, _ := e.Path[:2].Child("id").Lookup(b.check.Document)
			if is, _ := e.Path[:2].Child("id").Lookup(after); !model.Identical(seen, is) {
				t.Errorf("%s was saved into order %s, its user saw order %s", e.Path, is, seen)
			}
		}
	}
	for _, change := range model.Diff(rest, after) {
		if !b.edits(change.Path) {
			t.Errorf("%s changed from %s to %s, although its user did not edit it", change.Path, change.Old, change.New)
		}
	}
}

func (b browser) edits(p model.Path) bool {
	for _, e := range b.draft.Edits() {
		if p.Within(e.Path) || e.Path.Within(p) {
			return true
		}
	}
	return false
}

// expectConflict: every edit is kept. The fields that changed are shown with both values; when the user takes their
// own, everything typed is saved, and what the other browser saved elsewhere stays.
func (b browser) expectConflict(t *testing.T, got model.WriteResult) {
	t.Helper()
	shown := b.draft.Conflicts(got.Theirs)
	for _, c := range shown {
		theirs, _ := c.Path.Lookup(got.Theirs)
		if !model.Identical(c.Theirs, theirs) || model.Identical(c.Yours, theirs) {
			t.Errorf("%s: shown %s and %s, the database has %s", c.Path, c.Yours, c.Theirs, theirs)
		}
	}
	rebased := b.draft.Rebase(got.Theirs)
	moved := slices.ContainsFunc(rebased.Edits(), func(e model.Edit) bool { // with its array item
		return !slices.ContainsFunc(b.draft.Edits(), func(x model.Edit) bool { return x.Path.Equal(e.Path) })
	})
	// the other made some
	if len(shown) == 0 && got.Theirs != nil && !moved && len(rebased.Edits()) == len(b.draft.Edits()) {
		t.Errorf("a conflict without a field; edits %v", b.draft.Edits())
	}
	if rebased.Empty() {
		return // only removals of what is gone
	}
	if again := b.write(t, rebased); !again.Saved && !again.AlreadyDone {
		t.Fatalf("after the decision: %+v", again)
	}
	after := b.current(t)
	for _, e := range rebased.Edits() { // an edit inside an item followed it
		if is, _ := e.Path.Lookup(after); !model.Identical(is, e.Value) {
			t.Errorf("%s is %s, typed was %s", e.Path, is, e.Value)
		}
	}
	for _, e := range b.draft.Edits() {
		if e.Value.IsZero() || e.Value.Type != bson.TypeString {
			continue
		}
		if typed := []byte(e.Value.StringValue()); !bytes.Contains(after, typed) {
			t.Errorf("%s: what was typed, %s, is lost", e.Path, typed)
		}
	}
	b.draft = rebased
	for _, change := range model.Diff(got.Theirs, after) {
		created := got.Theirs == nil && (change.Path[0] == "_id" || change.Path[0] == "userId")
		if !created && !b.edits(change.Path) {
			t.Errorf("%s changed from %s to %s although its user did not edit it", change.Path, change.Old, change.New)
		}
	}
}
