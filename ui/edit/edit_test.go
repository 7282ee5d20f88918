package edit_test

import (
	"context"
	"errors"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/state"
)

func TestEditReviewSave(t *testing.T) {
	d := newHarness(t, field("favoriteColor", "pink")).field("favoriteColor")
	d.see("favoriteColor", "pink", "string")
	d.clear().typeText("teal").press("ctrl+s")
	d.see("guarded by: id, old value, type", "updateOne(").dontSee(`"$set"`).press("space")
	d.see(`"pink" → "teal"`, "updateOne(", `"$set"`, `"teal"`, `"$eq": "pink"`,
		"for demo@example.com, in app.custom_user_data")
	d.press("enter").holds("favoriteColor", "teal")
	if !d.closed {
		t.Error("the editor stays open")
	}
	saved, ok := sentMessage[nav.Saved](d)
	if !ok || !saved.Outcome.Saved || len(saved.Draft.Changes()) != 1 {
		t.Errorf("the root received %+v", d.sent)
	}
	if d.drafts.hasDraft() {
		t.Error("the draft is still stored after the save")
	}
}

func TestEveryKindKeepsItsType(t *testing.T) {
	decimal, err := bson.ParseDecimal128("12.50")
	must(err)
	decimal2, err := bson.ParseDecimal128("99.990")
	must(err)
	day := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	cases := []struct {
		kind     model.Kind
		old, new any
		typed    string
	}{
		{model.String, "pink", "ti\u202eger", "ti\u202eger"},
		{model.Int, int32(1), int32(-7), "-7"},
		{model.Long, int64(1), int64(math.MaxInt64), "9223372036854775807"},
		{model.Double, 1.5, 2.0, "2"},
		{model.Decimal, decimal, decimal2, "99.990"},
		{model.Date, bson.NewDateTimeFromTime(day), bson.NewDateTimeFromTime(day.Add(time.Hour)),
			"2026-11-22T12:00:00+01:00"},
		{model.ObjectID, bson.ObjectID{1}, bson.ObjectID{0xab}, "ab0000000000000000000000"},
		{model.UUID, bson.Binary{Subtype: 4, Data: make([]byte, 16)}, bson.Binary{Subtype: 4,
			Data: slices.Repeat([]byte{0x11}, 16)}, "11111111-1111-1111-1111-111111111111"},
		{model.Binary, bson.Binary{Data: []byte("a")}, bson.Binary{Subtype: 0x80, Data: []byte("Hello")}, "80:SGVsbG8="},
		{model.Regex, bson.Regex{Pattern: "a"}, bson.Regex{Pattern: "^b+$", Options: "i"}, "/^b+$/i"},
		{model.Timestamp, bson.Timestamp{T: 1, I: 2}, bson.Timestamp{T: 3, I: 4}, "3:4"},
		{model.JavaScript, bson.JavaScript("a"), bson.JavaScript("b()"), "b()"},
		{model.Symbol, bson.Symbol("a"), bson.Symbol("b"), "b"},
	}
	for _, c := range cases {
		t.Run(string(c.kind), func(t *testing.T) {
			d := newHarness(t, field("f", c.old), field("g", int64(1))).field("f")
			d.see("type " + string(c.kind))
			d.clear().typeText(c.typed).press("ctrl+s", "enter").holds("f", c.new).holds("g", int64(1))
		})
	}
}

func TestBoolIsChosen(t *testing.T) {
	d := newHarness(t, field("on", true)).field("on").see("(•) true")
	if d.e.CapturesKeys() {
		t.Error("a choice takes keys as text")
	}
	d.press("space").see("(•) false").press("t").see("(•) true").press("n").see("(•) false").press("y",
		"f").press("ctrl+s", "enter").holds("on", false)
}

func TestRetypeIsExplicit(t *testing.T) {
	d := newHarness(t, field("n", int32(42))).field("n").press("ctrl+t").see("string", "any text")
	for d.press("up"); !strings.Contains(d.frame(), "›  string"); d.press("up") {
		if strings.Contains(d.frame(), "› string") {
			break
		}
	}
	d.press("enter").see("changes the type, was int", "42").press("ctrl+s").see("type changes from int to string")
	d.press("enter").holds("n", "42")
}

func TestRetypeToNull(t *testing.T) {
	d := newHarness(t, field("n", int32(42))).field("n").press("ctrl+t", "home")
	for range slices.Index(model.Kinds(), model.Null) {
		d.press("down")
	}
	d.press("enter").see("there is nothing to type; ctrl+t changes the type").press("ctrl+s", "enter").holds("n",
		bson.Null{})
}

func TestInvalidInputIsShownBelowTheField(t *testing.T) {
	cases := []struct {
		old   any
		typed string
		fault string
	}{
		{int32(1), "12x", "-2147483648 to 2147483647"},
		{int32(1), "99999999999", "-2147483648 to 2147483647"},
		{int64(1), "1.5", "9223372036854775807"},
		{1.5, "one", "a number such as"},
		{bson.DateTime(0), "someday", "a date such as"},
		{bson.ObjectID{1}, "xyz", "24 hexadecimal digits"},
		{bson.Regex{Pattern: "a"}, "a", "between slashes"},
		{bson.Binary{Data: []byte("a")}, "!", "base64"},
		{bson.Timestamp{T: 1}, "1", "seconds:ordinal"},
	}
	for _, c := range cases {
		d := newHarness(t, field("f", c.old)).field("f").clear().typeText(c.typed).see(c.fault)
		d.press("enter").see("is not valid yet")
		if d.e.Scope() != keys.Field || len(d.user.saves) > 0 {
			t.Errorf("%q leads to scope %s", c.typed, d.e.Scope())
		}
	}
}

func TestDateIsExplained(t *testing.T) {
	d := newHarness(t, field("d", bson.NewDateTimeFromTime(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)))).field("d")
	d.see("= Sun 22 Nov 2026 11:00:00 CET, 2 days ago")
	d.clear().typeText("2026-11-26 01:00 +01:00").dontSee("no zone")
	d.clear().typeText("2026-11-26 00:00").see("UTC, as no zone is named")
	d.clear().typeText("2026-11-26").see("= Thu 26 Nov 2026 01:00:00 CET, in 15 hours")
}

// A date relative to now is shown as what it becomes, and fixed when it is accepted.
func TestARelativeDate(t *testing.T) {
	d := newHarness(t, field("due", bson.NewDateTimeFromTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))))
	d.field("due").clear().typeText("tomorrow 9:00").see("Thu 26 Nov 2026 09:00:00 CET", "2026-11-26T08:00:00.000Z")
	d.clear().typeText("now").see("Wed 25 Nov 2026 10:00:00 CET")
	d.now = d.now.Add(time.Minute)
	d.send(state.Tick{Now: d.now}).see("10:01:00").accept().see("2026-11-25T09:01:00.000Z")
	d.press("enter").holds("due", bson.NewDateTimeFromTime(d.now))
}

func TestDatabaseValueIsShown(t *testing.T) {
	d := newHarness(t, field("favoriteColor", "pink"), field("n", int32(1)))
	d.user.doc = document(field("favoriteColor", "teal"), field("n", int32(1)))
	d.field("favoriteColor").see(`the database has "teal"; the app's copy shows "pink"`)
	d.field("n").dontSee("the database has")
	d.user.doc = document()
	d.field("favoriteColor").see(`the database has (absent); the app's copy shows "pink"`)
	d.press("ctrl+s").see(`+ favoriteColor (absent) → "pink"`).press("enter").holds("favoriteColor", "pink")
}

func TestReadOnlyFieldsExplainWhy(t *testing.T) {
	odd, err := bson.Marshal(bson.D{{Key: "$oid", Value: "5f1f216e82df4a7979f9da93"}})
	must(err)
	d := newHarness(t, field("a.b", 1), field("odd", bson.Raw(odd)),
		field("deep", bson.D{{Key: "x", Value: bson.Raw(odd)}}))
	for path, why := range map[string]string{
		"_id": "_id", "userId": "userId", `a\.b`: "dot", "odd": "cannot represent", "deep": "cannot represent",
		"deep.x": "cannot represent",
	} {
		d.field(path).see(why)
		if d.e.CapturesKeys() || d.e.Scope() != keys.Refusal {
			t.Errorf("%s can be edited", path)
		}
		d.press("esc")
	}
	d.whole().see("cannot represent")
}

func TestAddAField(t *testing.T) {
	d := newHarness(t, field("address", bson.D{{Key: "city", Value: "Wien"}}), field("tags", bson.A{"a"}))
	d.add("").press("enter").see("a field needs a name")
	d.typeText("address").press("ctrl+s").see("a field with this name already exists")
	d.clear().typeText("nick").press("tab").typeText("Eddie").press("ctrl+s").
		see("+ nick (absent) → \"Eddie\"").press("enter").holds("nick", "Eddie")
	d.add("address").typeText("zip").press("enter").typeText("1010").see("ctrl+t changes the type to int").press("ctrl+s",
		"enter").holds("address.zip", "1010")
	d.add("tags").typeText("b").press("ctrl+s", "enter").holds("tags.1", "b")
	d.add("").typeText("userId").see("a field with this name already exists").press("ctrl+x")
	d.add("").typeText("$x").see("dollar").press("ctrl+x")
	d.add("address").typeText("$x").press("enter").typeText("1").press("ctrl+s").see("address").press("enter")
	if v, ok := (model.Path{"address", "$x"}).Lookup(d.user.doc); !ok || v.StringValue() != "1" {
		t.Errorf("a nested name that no update path can express is lost: %s", d.user.doc)
	}
}

// The review warns of a value that the app's copy does not show, and that the save replaces.
func TestReviewWarnsOfANewerValue(t *testing.T) {
	d := newHarness(t, field("color", "amber"), field("n", 1))
	d.state.Session.Snapshot.CustomData = document(field("color", "teal"), field("n", 1))
	d.state.Staleness.ChangedAt = d.now.Add(-time.Minute)
	d.state.Today, d.state.Zone = d.now, d.now.Location()
	d.field("color").clear().typeText("red").press("ctrl+s")
	d.see(`the app's copy shows "teal"; the database has "amber" since 09:59:00, which this replaces`).press("enter")
	d.field("n").clear().typeText("2").press("ctrl+s").dontSee("the app's copy")
}

func TestAddToNoDocument(t *testing.T) {
	d := newHarness(t)
	d.user.doc = nil
	d.state.Session.Snapshot.CustomData = nil
	d.add("").typeText("a").press("enter").typeText("x").press("ctrl+s")
	d.see("no document yet", "guarded by: no document of this user exists").press("space").see("$setOnInsert")
}

func TestReviewNamesTheCommandOfTheService(t *testing.T) {
	const guarded = "The service checks its rules and applies this updateOne with the same guards."
	const inserts = "The service checks the rules and inserts the resulting document."
	d := newHarness(t, field("a", "x")).field("a").typeText("y").press("ctrl+s")
	d.see("updateOne(", guarded).dontSee(inserts).press("D", "d")
	d.user.doc = nil
	d.add("").typeText("b").press("enter").typeText("x").press("ctrl+s", "space").see("upsert", inserts).dontSee(guarded)
}

func TestRemoveOpensTheReview(t *testing.T) {
	d := newHarness(t, field("a", 1), field("list", bson.A{"x", "y"})).remove("a")
	d.see("− a", "(absent)").press("space").see("$unset")
	d.press("enter").holds("a", nil)
	d.remove("list.0").press("enter").holds("list", bson.A{"y"})
	d.remove("_id")
	if notice, ok := sentMessage[nav.Notify](d); ok {
		t.Errorf("the review says %q", notice.Text.Text)
	}
	if len(d.user.saves) != 2 {
		t.Errorf("%d saves", len(d.user.saves))
	}
}

func TestARemovalIsKeptInTheDraft(t *testing.T) {
	d := newHarness(t, field("a", "1")).remove("a").press("esc")
	if !d.closed || !d.drafts.hasDraft() {
		t.Error("a removal that was not saved is lost")
	}
	d.user.fault = func(save bool) error {
		if save {
			return context.DeadlineExceeded
		}
		return nil
	}
	d.open(edit.Review).press("enter").see("no answer in time").press("esc")
	d.user.fault = nil
	d.open(edit.Review).see("− a").press("D").see("Discard the whole draft?", "a removed").press("esc").see("− a").
		press("D", "d")
	if !d.closed || d.drafts.hasDraft() {
		t.Error("the kept draft was not discarded")
	}
}

func TestSeveralEditsInOneSave(t *testing.T) {
	d := newHarness(t, field("a", int32(1)), field("b", "x")).field("a").clear().typeText("2").press("ctrl+s")
	d.press("a").typeText("c").press("enter").typeText("new").press("ctrl+s").see("a", "1 → 2", "+ c")
	d.press("home", "e").see("type int").clear().typeText("3").press("ctrl+s").see("1 → 3", "+ c")
	d.press("enter").holds("a", int32(3)).holds("c", "new").holds("b", "x")
	if len(d.user.saves) != 1 {
		t.Errorf("%d saves", len(d.user.saves))
	}
}

func TestRevertOneChange(t *testing.T) {
	d := newHarness(t, field("a", int32(1))).field("a").clear().typeText("2").press("ctrl+s",
		"a").typeText("c").press("enter").typeText("new").press("ctrl+s")
	d.press("home", "d").dontSee("1 → 2").see("+ c").press("enter").holds("a", int32(1)).holds("c", "new")
	d.field("a").clear().typeText("5").press("ctrl+s", "d")
	if !d.closed || d.drafts.hasDraft() {
		t.Error("reverting the only change leaves a draft")
	}
}

func TestNothingChanged(t *testing.T) {
	d := newHarness(t, field("a", "x")).field("a").press("ctrl+s").see("nothing was changed")
	d.typeText("y").press("backspace", "ctrl+s").see("nothing was changed")
	if d.drafts.hasDraft() {
		t.Error("a change back to the initial value is stored")
	}
	d.press("esc")
	if !d.closed {
		t.Error("Esc asks although there is no input")
	}
}

// Esc leaves the value as it was. What was typed is in the draft's history only, and becomes an edit only when the user
// accepts it.
func TestEscRestoresTheValue(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("b", "x")).field("a").typeText("y")
	if d.e.HasUnsaved() {
		t.Error("typed text is kept, but reported as unsaved")
	}
	d.press("esc")
	notice, ok := sentMessage[nav.Notify](d)
	if !d.closed || d.drafts.hasDraft() || !ok || notice.Text.Text != "not changed; z brings your text back" {
		t.Fatalf("Esc does not close and restore the value: %v", d.sent)
	}
	d.field("b").typeText("z").press("ctrl+s").dontSee("xy").press("enter").holds("a", "x").holds("b", "xz")
	d.field("a").dontSee("xy")
}

func TestDiscardTheDraft(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("b", "x")).field("a").typeText("y").press("ctrl+x")
	if !d.closed || d.drafts.hasDraft() {
		t.Fatal("ctrl+x does not discard")
	}
	d.field("a").typeText("z").field("a").see("xz").press("ctrl+x")
	if !d.closed || d.drafts.hasDraft() {
		t.Error("the kept draft was not discarded, or discarding it went on")
	}
	d.field("a").typeText("z").press("enter").open(edit.Review).see(`"x" → "xz"`).press("D", "d")
	if !d.closed || d.drafts.hasDraft() {
		t.Error("the reviewed draft was not discarded, or discarding it went on")
	}
	if d.open(edit.Review); d.e.Scope() != keys.Refusal {
		t.Errorf("the review of no draft has the scope %s", d.e.Scope())
	}
}

func TestDraftSurvivesAKill(t *testing.T) {
	// no Esc: the process ends
	d := newHarness(t, field("a", "x"), field("b", "x")).field("a").typeText("y").press("ctrl+s")
	d.field("b").typeText("z").press("ctrl+s").see(`"x" → "xy"`, `"x" → "xz"`)
	d.press("enter").holds("a", "xy").holds("b", "xz")
}

// A kept draft asks nothing and blocks nothing: other fields are edited, added and removed beside it, in one draft.
func TestAKeptDraftBlocksNothing(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("b", "x"), field("c", "x"), field("n", int32(1)), field("list", bson.A{"a"}))
	d.field("a").typeText("y").press("enter")
	d.field("b").typeText("z").press("enter")
	d.add("").typeText("new").press("enter").typeText("v").press("enter")
	d.add("list").typeText("b").press("enter")
	d.whole().see(`"a": "xy"`, `"b": "xz"`, `"new": "v"`).press("esc")
	if !d.closed {
		t.Fatal("a text that was not edited asks before it closes")
	}
	d.remove("c").see(`"x" → "xy"`, `"x" → "xz"`, "+ new", "− c").press("enter")
	d.holds("a", "xy").holds("b", "xz").holds("c", nil).holds("new", "v").holds("list.1", "b")
	if d.drafts.hasDraft() {
		t.Error("the draft is still stored after the save")
	}
}

// Input that is not valid stays beside the draft of other fields, through a save, until its field is edited again.
func TestInputThatIsNotValidIsKeptAside(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("n", int32(1)), field("m", int32(1)))
	d.field("n").clear().typeText("77x")
	d.field("m").clear().typeText("88x")
	d.whole().typeText("{oops").press("esc")
	d.field("a").typeText("y").press("ctrl+s").see(`"x" → "xy"`, `Kept for later, not in this save: n: "77x"`)
	d.press("enter").holds("a", "xy").holds("n", int32(1))
	if !d.drafts.hasDraft() {
		t.Fatal("a save lost the input of other fields")
	}
	d.field("m").see("88x", "kept draft of this field").press("backspace", "ctrl+s", "enter").holds("m", int32(88))
	d.open(edit.Review).see("{oops").press("esc")
	d.field("n").see("77x").press("backspace", "ctrl+s", "enter").holds("n", int32(77))
	d.whole().see("{oops").press("ctrl+x")
	if d.drafts.hasDraft() {
		t.Error("input is still stored")
	}
}

func TestInputIsRestoredExactly(t *testing.T) {
	d := newHarness(t, field("n", int32(1)), field("o", bson.D{{Key: "a", Value: "x"}}), field("list", bson.A{"a"}))
	d.field("n").clear().typeText("77x")
	d.field("n").see("field n", "77x", "-2147483648").dontSee("unsaved change")
	d.press("backspace").see("77").press("ctrl+s").see("1 → 77").press("D", "d")

	d.add("o").typeText("zi").press("tab").typeText("1x").press("ctrl+t").press("down", "enter")
	d.add("o").see("name zi", "1x").press("backspace", "ctrl+s").see("+ o.zi").press("D", "d")

	d.add("list").typeText("b")
	d.user.doc = document(field("n", int32(1)), field("list", bson.A{"a", "theirs"}))
	d.open(edit.Review).see("list").press("ctrl+s", "enter").holds("list.1", "theirs").holds("list.2", "b")
}

func TestIntermediateInputIsNoChange(t *testing.T) {
	d := newHarness(t, field("n", int32(1)), field("b", "x")).remove("n")
	d.press("a").typeText("c").press("enter").typeText("new").press("ctrl+s") // a removal and a new field in one review
	d.field("n").clear().typeText("77x")                                      // beside the removal of the field
	d.open(edit.Review).see("− n", "+ c", `not in this save: n: "77x"`).dontSee("→ 77").press("esc")
	d.field("n").see("77x")
}

func TestAppliedDraftIsDiscarded(t *testing.T) {
	d := newHarness(t, field("a", "x")).field("a").typeText("y").press("enter")
	d.user.doc = document(field("a", "xy"))
	d.field("a").dontSee("kept").see("xy")
	if d.drafts.hasDraft() {
		t.Error("it is still stored")
	}
}

func TestStoredDraftWithConflict(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("b", "x")).field("a").typeText("y").press("ctrl+s")
	d.user.doc = document(field("a", "theirs"), field("b", "x"))
	d.field("a").see("base", `"x"`, `"xy"`, `"theirs"`)
	d.press("e").typeText("z").press("enter").see("third", `"xyz"`).press("enter").see(`"theirs" → "xyz"`)
}

// A conflict of the kept draft does not block other fields; it is shown when the draft is saved.
func TestAConflictOfAKeptDraftWaitsForTheSave(t *testing.T) {
	d := newHarness(t, field("a", "x"), field("b", "x")).field("a").typeText("y").press("enter")
	d.user.doc = document(field("a", "theirs"), field("b", "x"))
	d.user.guards = true
	d.field("b").see("value").typeText("z")
	if notice, ok := sentMessage[nav.Notify](d); !ok || !strings.Contains(notice.Text.Text,
		"the database has another value for a") {
		t.Errorf("sent %v", d.sent)
	}
	d.press("ctrl+s", "enter").see("base", `"x"`, `"xy"`, `"theirs"`).holds("a", "theirs").holds("b", "x")
	d.press("t", "enter").see(`"x" → "xz"`).press("enter").holds("a", "theirs").holds("b", "xz")
}

func TestConflict(t *testing.T) {
	start := func() *harness {
		d := newHarness(t, field("a", "1"), field("b", "1"),
			field("c", "1")).field("a").clear().typeText("mine").press("ctrl+s",
			"a").typeText("n").press("enter").typeText("x").press("ctrl+s")
		d.user.concurrent = func(bson.Raw) bson.Raw {
			return document(field("a", "theirs"), field("b", "2"),
				field("c", "1"))
		}
		return d.press("enter").see("base", "yours", "theirs", `"1"`, `"mine"`, `"theirs"`)
	}
	t.Run("yours", func(t *testing.T) {
		d := start().press("enter").see("Choose a value for a first").press("y", "enter", "space").see(`"theirs" → "mine"`,
			`"$eq": "theirs"`)
		d.press("enter").holds("a", "mine").holds("n", "x").holds("b", "2")
	})
	t.Run("theirs", func(t *testing.T) {
		d := start().press("t", "enter").dontSee("mine").see("+ n").press("enter").holds("a", "theirs").holds("n", "x")
		if len(d.user.saves) != 2 {
			t.Errorf("%d saves", len(d.user.saves))
		}
	})
	t.Run("a third", func(t *testing.T) {
		d := start().press("e").clear().typeText("both").press("enter").see("third", `"both"`).press("enter", "enter")
		d.holds("a", "both").holds("n", "x").holds("b", "2")
	})
	t.Run("merged", func(t *testing.T) {
		d := start().see("merged: changed on one side only", "b ", `"2"`, "n ", `"x"`)
		d.press("y", "enter").dontSee(`"2"`).press("enter").holds("b", "2").holds("n", "x")
	})
	t.Run("narrow", func(t *testing.T) {
		d := start()
		d.screen.X, d.screen.Y = 40, 12
		d.send(tea.WindowSizeMsg{Width: 40, Height: 12}).see("base", "yours", "theirs")
	})
	t.Run("stores the original draft until the conflict is resolved", func(t *testing.T) {
		d := start().press("esc")
		d.field("a").see("base", `"mine"`, `"theirs"`)
	})
}

// Nothing is chosen where both sides changed a field; Enter names every field without a choice.
func TestEveryConflictIsDecidedByTheUser(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b", "1"), field("c", "1"))
	for _, name := range []string{"a", "b", "c"} {
		d.field(name).typeText("mine").press("enter")
	}
	d.user.doc = document(field("a", "theirs"), field("b", "theirs"), field("c", "theirs"))
	d.open(edit.Review).see("base", "yours", "theirs", "›? a", "? b").press("enter")
	d.see("Choose a value for a, b, c first")
	d.press("y", "enter").see("Choose a value for b, c first").press("t", "enter").see("Choose a value for c first")
	d.press("y", "enter", "enter").holds("a", "1mine").holds("b", "theirs").holds("c", "1mine")
}

func TestConflictThatLeavesNothing(t *testing.T) {
	d := newHarness(t, field("a", "1")).field("a").clear().typeText("mine").press("ctrl+s")
	d.user.concurrent = func(bson.Raw) bson.Raw { return document(field("a", "theirs")) }
	d.press("enter", "t", "enter")
	if notice, ok := sentMessage[nav.Notify](d); !ok || !d.closed || d.drafts.hasDraft() ||
		!strings.Contains(notice.Text.Text, "nothing is left") {
		t.Errorf("sent %v, closed %v", d.sent, d.closed)
	}
}

func TestConflictWithADocumentThatIsGone(t *testing.T) {
	d := newHarness(t, field("a", "1")).field("a").clear().typeText("mine").press("ctrl+s")
	d.user.concurrent = func(bson.Raw) bson.Raw { return nil }
	d.press("enter").see("The document no longer exists")
}

func TestSaveOfStoredValues(t *testing.T) {
	d := newHarness(t, field("a", "1")).field("a").clear().typeText("2").press("ctrl+s")
	d.user.doc = document(field("a", "2"))
	d.press("enter")
	if notice, ok := sentMessage[nav.Notify](d); !ok || !d.closed || !strings.Contains(notice.Text.Text, "already") {
		t.Errorf("sent %v", d.sent)
	}
}

func TestDeniedOffersTheFunction(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b",
		bson.D{{Key: "c", Value: int32(1)}})).field("a").clear().typeText("2").press("ctrl+s")
	d.user.fault = func(save bool) error {
		if save {
			return &model.Fault{Kind: model.PermissionDenied, Op: "save a", Message: `no rule lets you write the field "a"`,
				Advice: "ask for the role owner"}
		}
		return nil
	}
	d.press("enter").see(`no rule lets you write the field "a"`, "ask for the role owner",
		"f sends the change to a function").holds("a", "1")
	d.press("f")
	call, ok := sentMessage[nav.CallFunction](d)
	if !ok || call.Name != "writeCustomUserData" || call.Args != `[{"a":"2"}]` {
		t.Errorf("sent %+v", call)
	}
	if !d.closed || !d.drafts.hasDraft() {
		t.Error("the change is not stored while the function runs")
	}
	d.user.fault = nil
	d.remove("a").press("f").see("cannot remove one")
}

func TestFailedSaveCanBeRetried(t *testing.T) {
	for _, kind := range []model.FaultKind{model.Unreachable, model.SignedOut, model.Failed, model.Throttled} {
		d := newHarness(t, field("a", "1")).field("a").clear().typeText("2").press("ctrl+s")
		d.user.fault = func(bool) error {
			return &model.Fault{Kind: kind, Op: "save",
				Message: "the service does not answer"}
		}
		d.press("enter").see("the service does not answer", "Nothing typed is lost", `"1" → "2"`)
		if d.e.Scope() != keys.SaveFailed {
			t.Errorf("%s: the scope is %s", kind, d.e.Scope())
		}
		report, reported := sentMessage[nav.ShowFault](d)
		if want := kind == model.Unreachable || kind == model.SignedOut; reported != want || want &&
			report.Fault.Kind != kind {
			t.Errorf("%s: reported %v", kind, d.sent)
		}
		if !d.drafts.hasDraft() {
			t.Errorf("%s: the draft is not stored", kind)
		}
		d.user.fault = nil
		d.press("r").holds("a", "2")
		if !d.closed {
			t.Errorf("%s: still open", kind)
		}
	}
}

func TestEscWhileSavingReportsUnknownOutcome(t *testing.T) {
	d := newHarness(t, field("a", "1")).field("a").clear().typeText("2").press("ctrl+s")
	d.paused = true
	d.press("enter").see("saving").press("enter")
	d.press("esc").see("may or may not have been saved")
	d.resume() // the save arrived; its response is ignored
	d.holds("a", "2").see("may or may not have been saved").press("enter")
	if len(d.user.saves) != 2 || !d.closed {
		t.Errorf("%d saves, closed %v", len(d.user.saves), d.closed)
	}
}

func TestFailedReadCanBeRetried(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.user.fault = func(bool) error { return context.DeadlineExceeded }
	d.field("a").see("no answer in time")
	if _, ok := sentMessage[nav.ShowFault](d); !ok {
		t.Error("the root did not receive the fault")
	}
	d.user.fault = nil
	d.press("r").see("string", "1")
}

func TestLoadingIsShown(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.paused = true
	d.field("a").see("reading the document").press("esc")
	d.resume()
	if !d.closed {
		t.Error("Esc does not close")
	}
}

// What is typed while the document is read reaches the field. Enter leads to the review, never through it.
func TestWhatIsTypedWhileLoadingIsKept(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.paused = true
	d.field("a").clear().typeText("pur").paste("ple").press("ctrl+s", "enter", "enter")
	d.resume().see("updateOne(", "purple")
	if len(d.user.saves) != 0 || d.closed {
		t.Errorf("%d saves, closed %v: the review was not seen", len(d.user.saves), d.closed)
	}
	d.press("enter").holds("a", "purple")
}

func TestWhatIsTypedWhileLoadingIsKeptForARetry(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.paused = true
	d.field("a").clear().typeText("new")
	d.user.fault = func(bool) error { return context.DeadlineExceeded }
	d.resume().see("read the document")
	d.user.fault = nil
	d.press("r").see("value › new")
}

// A removal that is confirmed before it is shown is not carried out.
func TestKeysWhileLoadingConfirmNothing(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.paused = true
	d.remove("a").press("ctrl+s", "enter")
	d.resume().see("updateOne(").holds("a", "1")
}

func TestAutosaveFailureIsReportedOnce(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	d.drafts.err = errors.New("disk full")
	d.field("a").typeText("234")
	n := 0
	for _, m := range d.sent {
		if notice, ok := m.(nav.Notify); ok && strings.Contains(notice.Text.Text, "disk full") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("reported %d times", n)
	}
}

func TestObjectsAreEditedAsJSON(t *testing.T) {
	d := newHarness(t, field("o", bson.D{{Key: "a", Value: int64(1)}, {Key: "b", Value: "x"}})).field("o")
	if d.e.Scope() != keys.LongText {
		t.Fatalf("scope %s", d.e.Scope())
	}
	d.see(`"b": "x"`).press("up", "end").typeText(",").see("line")
	d.press("enter").typeText(`"c": true`).press("ctrl+s").see("+ o.c").press("enter")
	d.holds("o.c", true).holds("o.a", int64(1))
}

func TestGuardLimitIsShown(t *testing.T) {
	d := newHarness(t, field("list", bson.A{int32(1),
		2.5})).remove("list.0").see("list is compared as a whole; 1 and 1.0 inside count as the same.")
	d.press("enter").holds("list", bson.A{2.5})
}

func TestLongTextIsEditedInATextArea(t *testing.T) {
	d := newHarness(t, field("bio", "one\ntwo")).field("bio")
	d.press("ctrl+e").typeText("!").press("enter").typeText("more").press("ctrl+s", "enter").holds("bio",
		"one\ntwo!\nmore")
}

func TestUndo(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b", "1")).field("a").clear().typeText("2").press("ctrl+s", "enter")
	saved, _ := sentMessage[nav.Saved](d)
	save := model.SavedChange{At: time.Unix(1, 0), Draft: saved.Draft.Compact()}
	undo := func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Undo(c, []model.SavedChange{save}) }
	d.open(undo)
	if title := d.e.Title().String(); title != "undo the last save" {
		t.Errorf("title %q", title)
	}
	d.see(`"2" → "1"`).press("e").see("An undo cannot be edited").press("esc")
	if !d.closed || d.drafts.hasDraft() {
		t.Error("an undo that was not saved leaves a draft")
	}
	d.open(undo).press("enter").holds("a", "1")
	undone, _ := sentMessage[nav.Saved](d)
	redo := func(c edit.Config) (*edit.Editor, tea.Cmd) {
		return edit.Undo(c, []model.SavedChange{{At: save.At, Draft: save.Draft, Undone: undone.Draft.Compact()}})
	}
	d.open(redo).see(`"1" → "2"`)
	if title := d.e.Title().String(); title != "redo the last undo" || !undone.IsUndo || !undone.Of.Equal(save.At) {
		t.Errorf("title %q after %+v", title, undone)
	}
	d.press("enter").holds("a", "2")
	if again, _ := sentMessage[nav.Saved](d); again.IsUndo {
		t.Error("a redo counts as an undo")
	}
	d.open(undo).press("enter").holds("a", "1")
	d.user.doc = document(field("a", "changed since"), field("b", "1"))
	d.open(undo)
	if d.e.Scope() != keys.Refusal {
		t.Errorf("an undo overwrites a newer change:\n%s", d.frame())
	}
}

// Of several saves the user selects one. A field that changed since is named and left alone.
func TestUndoOfSeveralSaves(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b", "1"))
	base := d.user.doc
	var saves []model.SavedChange
	for i, edits := range [][]model.Edit{
		{{Path: pathOf("a"), Value: model.ValueOf("2")}, {Path: pathOf("b"), Value: model.ValueOf("2")}},
		{{Path: pathOf("a"), Value: model.ValueOf("3")}},
	} {
		draft := model.NewDraft(base, ownerOf(base))
		for _, e := range edits {
			must(draft.Set(e.Path, e.Value))
		}
		base = draft.Result()
		at := d.now.Add(time.Duration(i) * time.Second)
		saves = model.WithSave(saves, model.SavedChange{At: at, Draft: draft.Compact()})
	}
	d.user.doc = base
	undo := func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Undo(c, saves) }
	d.open(undo).see("10:00:01", `a "2" → "3"`, "10:00:00", "a, b")
	d.press("U", "enter").see(`"2" → "1"`, "changed again after the save: a").dontSee(`"3"`)
	d.press("esc").see("10:00:01").press("up", "enter").see(`"3" → "2"`).press("enter").holds("a", "2").holds("b", "2")
	done, _ := sentMessage[nav.Saved](d)
	if !done.Of.Equal(saves[0].At) || !done.IsUndo {
		t.Errorf("sent %+v", done)
	}
	saves[0].Undone = done.Draft.Compact()
	d.open(undo).see("undone").press("enter").see(`"2" → "1"`).press("enter").holds("a", "1").holds("b", "1")
	d.open(undo).press("up", "enter").see("a was changed again after the save: edit the field", "10:00:00")
}

func TestEmpty(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b", bson.D{{Key: "c", Value: 1}})).open(edit.Empty).see("a", "b",
		"whole old value").press("space").see("$unset").press("enter")
	d.holds("a", nil).holds("b", nil).holds("userId", userID)
	d.open(edit.Empty).see("only its ids")
}

func TestStateOfAnotherAccountIsIgnored(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	other := *d.state
	other.Account.ID = "another account"
	other.Masked = true
	d.field("a").typeText("x")
	d.runCmd(d.e.Update(stateChanged(&other)))
	d.see("1x")
}

func TestIDFieldExplainsItsTypes(t *testing.T) {
	d := newHarness(t, field("a", "1"))
	copied, err := bson.Marshal(bson.D{{Key: "_id", Value: bson.ObjectID{1, 2, 3}.Hex()}, {Key: "userId", Value: userID}})
	must(err)
	d.state.Session.Snapshot.CustomData = copied
	d.field("_id").see("field _id: it can never be changed",
		"In the database it is of type objectId; the token contains it as text.")
	d.field("userId").see("field userId: it can never be changed").
		dontSee("contains it as text")
}

func TestLongValuesShowWhereTheyDiffer(t *testing.T) {
	long := strings.Repeat("all the same ", 10)
	d := newHarness(t, field("a", long+"here"+"|")).field("a").press("backspace").typeText("!").press("ctrl+s")
	d.see(`here|" (135 characters)`, `here!" (135 characters)`)
	d.press("esc", "esc").field("a").press("ctrl+s").see(`here!"`)
}

func TestReviewShowsItsScrollPosition(t *testing.T) {
	d := newHarness(t, field("o", bson.D{{Key: "a", Value: 1}, {Key: "b", Value: bson.A{1, 2, 3, 4, 5, 6, 7, 8, 9}}}))
	d.screen = image.Pt(80, 24)
	d.remove("o").press("space")
	if place := d.e.Position().String(); place != "more below" {
		t.Errorf("position %q\n%s", place, d.frame())
	}
	seen := d.frame()
	for range 9 {
		d.press("pgdown")
		seen += d.frame()
	}
	d.dontSee("›")
	if place := d.e.Position().String(); place != "the end" {
		t.Errorf("at the end: position %q\n%s", place, d.frame())
	}
	d.screen = image.Pt(80, 60)
	d.frame()
	if place := d.e.Position().String(); place != "" {
		t.Errorf("all rows visible: position %q", place)
	}
	for _, l := range strings.Split(d.frame(), "\n") {
		if !strings.Contains(seen, strings.TrimSpace(l)) {
			t.Errorf("paging down skipped %q", l)
		}
	}
}

func TestAPastedLineEndsWithoutItsBreak(t *testing.T) {
	d := newHarness(t, field("a", int32(1)), field("s", "x"))
	d.field("a").clear().paste("42\n").dontSee("⏎").press("ctrl+s", "enter").holds("a", int32(42))
	d = newHarness(t, field("s", "x"))
	d.field("s").clear().paste("pink\r\n").dontSee("⏎").press("ctrl+s", "enter").holds("s", "pink")
	d = newHarness(t, field("s", "x"))
	d.add("").paste("colour\n").dontSee("⏎").press("enter").paste("red\n").press("ctrl+s", "enter").holds("colour", "red")
}

func TestAPasteOfSeveralLinesIsKeptExactly(t *testing.T) {
	d := newHarness(t, field("s", "ab")).field("s").press("left").paste("one\r\ntwo\n").see("1 aone", "2 two", "3 b")
	d.typeText("!").press("ctrl+s", "enter").holds("s", "aone\ntwo\n!b")
}

// The name of a new field may be a misspelling of an existing one: the form says so, and the field can be added.
func TestAddWarnsOfASimilarName(t *testing.T) {
	d := newHarness(t, field("favoriteColor", "pink"), field("line1", "x")).add("").typeText("favoritColor")
	d.see("this is a new field; favoriteColor exists").press("backspace").typeText("rs").see("favoriteColor exists")
	d.clear().typeText("line2").dontSee("exists").clear().typeText("favoritColor")
	d.press("enter").typeText("red").press("ctrl+s", "enter").holds("favoritColor", "red")
}
