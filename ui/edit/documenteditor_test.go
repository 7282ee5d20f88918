package edit_test

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/style"
)

// rewrite replaces the whole text.
func (d *harness) rewrite(text string) *harness {
	d.t.Helper()
	for range 60 {
		d.press("ctrl+u", "backspace", "ctrl+k", "delete")
	}
	return d.paste(text)
}

// TestKeptTextOfAnOlderDocument: only what was typed is a change, not what others changed since; both is a conflict.
func TestKeptTextOfAnOlderDocument(t *testing.T) {
	open := map[string]func(*harness) *harness{
		"document": (*harness).whole,
		"object":   func(d *harness) *harness { return d.field("o") },
	}
	for name, open := range open {
		t.Run(name, func(t *testing.T) {
			start := func(color string) *harness {
				d := newHarness(t, field("o", bson.D{field("color", "pink"), field("n", 1.0)}))
				d.editor.change = replacing("1.0", "2.0")
				open(d).press("ctrl+o").see("2.0")
				d.editor.change = nil
				d.user.doc = document(field("o", bson.D{field("color", color), field("n", 1.0)}))
				return open(d).see("The database changed o.color since")
			}
			d := start("green").press("ctrl+s")
			d.see("1.0 → 2.0").dontSee("pink").press("enter").holds("o.color", "green").holds("o.n", 2.0)

			d = start("green")
			d.editor.change = replacing("pink", "teal")
			d.press("ctrl+o", "ctrl+s")
			d.user.guards = true
			d.press("enter").see("green", "teal").holds("o.color", "green")
		})
	}
}

func TestWholeDocument(t *testing.T) {
	d := newHarness(t, field("a", int32(1)), field("b", "x"),
		field("n", bson.D{{Key: "p", Value: 1.0}, {Key: "q", Value: int64(2)}})).whole()
	if d.e.Scope() != keys.DocumentEditor || !d.e.CapturesKeys() {
		t.Fatalf("scope %s", d.e.Scope())
	}
	text := d.frame()
	if !strings.Contains(text, `"b": "x"`) {
		t.Fatalf("no document in\n%s", text)
	}
	doc := fmt.Sprintf(`{"_id": {"$oid": "%s"}, "userId": "%s", "a": 5, `+
		`"n": {"p": 1.0, "q": {"$numberLong": "2"}}, "new": true}`, bson.ObjectID{1, 2, 3}.Hex(), userID)
	d.rewrite(doc).press("ctrl+s").see("1 → 5", "− b", "+ new", "true").dontSee("n.p", "n.q")
	d.press("enter").holds("a", int32(5)).holds("b", nil).holds("new", true).holds("n.q", int64(2)).holds("n.p", 1.0)
}

func TestWholeDocumentShowsOutdatedFields(t *testing.T) {
	d := newHarness(t, field("a", int32(1)), field("b", int32(1)))
	d.whole().dontSee("the token differs")
	d.user.doc = document(field("a", int32(2)), field("b", int32(2)))
	d.whole().see("the token differs from the database, which is shown here, in a and 1 more")
}

func TestJSONIsColoured(t *testing.T) {
	d := newHarness(t, field("o", bson.D{{Key: "n", Value: int32(1)}, {Key: "s", Value: `a "quoted": text`},
		{Key: "d", Value: bson.DateTime(0)}, {Key: "z", Value: nil}}))
	s := style.New(themes.Default(), true, style.Options{})
	for _, open := range []func() *harness{d.whole, func() *harness { return d.field("o") }} {
		frame := open().e.View(d.screen)
		for _, want := range []string{s.FieldName.Render(`"n"`), s.NumberValue.Render("1"),
			s.StringValue.Render(`"a \"quoted\": text"`), s.FieldType.Render(`"$date"`), s.NullValue.Render("null")} {
			if !strings.Contains(frame, want) {
				t.Errorf("no %q in\n%s", want, frame)
			}
		}
	}
}

func TestClickInALongText(t *testing.T) {
	d := newHarness(t, field("bio", "one\ntwo\nthree")).field("bio")
	for y, line := range strings.Split(d.frame(), "\n") {
		if x := strings.Index(line, "two"); x >= 0 {
			d.send(tea.MouseClickMsg{X: x + 1, Y: y, Button: tea.MouseLeft})
		}
	}
	d.typeText("!").press("ctrl+s", "enter").holds("bio", "one\nt!wo\nthree")
}

func TestWholeDocumentErrorsHaveALocation(t *testing.T) {
	cases := map[string][]string{
		"{\n  \"a\": 1,\n  \"b\": oops\n}":                    {"line 3"},
		"{\n  \"a\": 1,\n  \"a\": 2\n}":                       {"line 3", "a"},
		"{\n  \"a\": {\n \"d\": {\"$date\": \"never\"}\n}\n}": {"line 3", "a.d"},
		"[]": {"line 1"},
	}
	for typed, faults := range cases {
		d := newHarness(t, field("a", int32(1))).whole().rewrite(typed).see(faults...)
		d.press("ctrl+s").see("is not valid yet")
		if len(d.user.saves) > 0 || d.e.Scope() != keys.DocumentEditor {
			t.Errorf("%q leads to scope %s", typed, d.e.Scope())
		}
		d.press("esc")
		d.whole().see("This is the kept text").see(strings.Fields(typed)...).press("ctrl+x")
	}
}

func TestCursorMovesToTheError(t *testing.T) {
	d := newHarness(t, field("a", int32(1))).whole().rewrite("{\n  \"a\": 1,\n  \"b\": oops\n}").press("ctrl+s")
	if c := d.e.Cursor(); c == nil || c.Y != 2 {
		t.Errorf("cursor at %+v, the error is in the third line", c)
	}
}

// The column of a fault counts characters, an offset in the text counts bytes.
func TestFaultColumnCountsCharacters(t *testing.T) {
	d := newHarness(t, field("o", bson.D{{Key: "b", Value: "x"}})).field("o").rewrite(`{"b": "漢字" x}`)
	d.press("ctrl+s").see("is not valid yet").press("delete", "ctrl+s").see("updateOne(").press("enter").holds("o.b", "漢字")
}

func TestWholeDocumentKeepsItsIDs(t *testing.T) {
	d := newHarness(t, field("a", int32(1))).whole().rewrite(`{"a": 1}`).press("ctrl+s")
	if d.e.Scope() != keys.DocumentEditor {
		t.Fatalf("the ids were removed:\n%s", d.frame())
	}
	d.see("_id")
}

func TestWholeDocumentIsStoredAsTyped(t *testing.T) {
	d := newHarness(t, field("a", "x")).whole()
	d.press("down", "down", "down", "end", "left").typeText("y")
	if !d.drafts.hasDraft() {
		t.Fatalf("not stored:\n%s", d.frame())
	}
	d.whole().see("This is the kept text of the document", `"xy"`).
		press("ctrl+s").see(`"x" → "xy"`).press("enter").holds("a", "xy")
}

func TestWholeDocumentUntouched(t *testing.T) {
	d := newHarness(t, field("a", "x")).whole().press("ctrl+s").see("nothing was changed").press("esc")
	if !d.closed {
		t.Error("Esc asks although there is no input")
	}
}

func TestWholeDocumentDoesNotExist(t *testing.T) {
	d := newHarness(t)
	d.user.doc = nil
	d.whole().typeText(`, "a": 1`).press("ctrl+s").see("no document yet", "+ a")
}

func TestPasteOfALongText(t *testing.T) {
	long := strings.Repeat("It was a dark and stormy night. \u202e\x1b[2J\n", 60_000) // 2.5 MB
	d := newHarness(t, field("bio", "one\ntwo")).field("bio")
	d.send(tea.KeyPressMsg{Code: tea.KeyHome, Mod: tea.ModCtrl})
	d.paste(long).typeText("x").press("up", "down", "backspace")
	d.press("ctrl+s").see("bio").press("enter").holds("bio", long+"one\ntwo")
	d.whole().paste(long).see("line 1").press("ctrl+s").see("is not valid yet")
}

func TestPasteOverTheDocumentLimit(t *testing.T) {
	huge := strings.Repeat("x", 17<<20)
	d := newHarness(t, field("a", "x")).field("a").paste(huge).see("17.8 MB of pasted text refused", "at most 16 MB")
	d.press("ctrl+s").see("nothing was changed")
	d.whole().paste(strings.Repeat(huge, 4)).see("pasted text refused")
}

func TestALargeDocument(t *testing.T) {
	var fields []bson.E
	for i := range 40_000 {
		fields = append(fields, field(fmt.Sprintf("field%05d", i), strings.Repeat("v", 60)))
	}
	d := newHarness(t, fields...)
	d.field("field00007").clear().typeText("new").press("ctrl+s").see("updateOne(").press("enter").holds("field00007",
		"new")
	d.whole().press("down", "down", "down", "end", "left",
		"left").typeText("!").press("ctrl+s").see("updateOne(").press("enter")
	d.holds("field00000", strings.Repeat("v", 60)+"!")
}

// A large document is written as text outside the event loop: keys reach the text afterwards, and Esc ends the wait.
func TestALargeDocumentIsWrittenOutsideTheEventLoop(t *testing.T) {
	d := newHarness(t, field("bio", strings.Repeat("words ", 100_000)))
	d.paused = true
	d.whole()
	read := d.held
	d.held = nil
	d.send(read[0]().(tea.BatchMsg)[0]()).see("writing the text").send(key("x")).see("writing the text").resume().see("x{")
	d.paused = true
	d.whole()
	read = d.held
	d.held = nil
	d.send(read[0]().(tea.BatchMsg)[0]()).send(key("esc")).resume()
	if !d.closed {
		t.Error("still open")
	}
}

func TestMasked(t *testing.T) {
	d := newHarness(t, field("secret", "hunter2"), field("n", int32(7)), field("o", bson.D{{Key: "x", Value: "hunter2"}}))
	d.state.Masked = true
	d.state.Session.Snapshot.CustomData = document(field("secret", "hunter1"), field("n", int32(7)))
	d.field("secret").dontSee("hunter").typeText("abc").dontSee("abc", "hunter")
	d.press("ctrl+s").dontSee("abc", "hunter", userID)
	d.press("space").dontSee("abc", "hunter", userID).see("secret", `"$set"`, `"$type": "string"`)
	if got := d.e.View(d.screen); strings.Contains(got, "demo@example.com") {
		t.Error("the e-mail address is visible")
	}
	d.press("enter").holds("secret", "hunter2abc")
	d.field("n").dontSee("7").see("int")
	d.field("o").see("cannot be edited while it is masked")
	d.whole().see("masked")
	d.drafts.text = map[string][]byte{}
	d.remove("secret").dontSee("hunter", "abc")
}

func TestSavedTextEqualsInput(t *testing.T) {
	for _, typed := range hostile {
		d := newHarness(t, field("a", "")).field("a").paste(typed)
		if want := pasted(typed); want != "" {
			d.accept().press("enter").holds("a", want)
		}
	}
	for _, stored := range hostile { // the stored text around the input stays
		d := newHarness(t, field("a", stored)).field("a")
		if d.e.Scope() == keys.LongText {
			d.send(tea.KeyPressMsg{Code: tea.KeyEnd, Mod: tea.ModCtrl})
		}
		d.typeText("!").accept().press("enter").holds("a", stored+"!")
	}
}

// pasted returns the value of a field after a paste: text of one line without the break at its end, other text exactly.
func pasted(content string) string {
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content)
	if line := strings.TrimRight(content, "\n"); !strings.Contains(line, "\n") {
		return line
	}
	return content
}

var hostile = []string{
	"plain", "tab\tand\nbreak", "\x1b]0;title\x07", "a\u202eb\u202c", "zero\u200bwidth\ufeff", "\u009b31m",
	"e\u0301\u0301", "👩‍👩‍👧 family", "\x00nul", "  spaces  ",
	"\U000e0041tag", `quote " and \ backslash`, "$dollar.dot", "漢字",
	"one line\n", "one line\r\n\r\n", "{\"$oid\": \"x\"}", strings.Repeat("long ", 100), "line\nline\n\n\tindented\n",
}

func FuzzSavedTextEqualsInput(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d := newHarness(t, field("a", int32(0)))
		d.add("").typeText("b").press("ctrl+s").paste(typed).accept()
		want := pasted(typed)
		if _, err := model.Parse(model.String, want); err != nil {
			d.see("valid UTF-8")
			return
		}
		d.press("enter").holds("b", want)
	})
}

// A number typed where a double was stays a double, in the whole document and in an object; a wrapper changes the type,
// with a warning.
func TestANumberKeepsItsType(t *testing.T) {
	doc := func(rating string) string {
		return fmt.Sprintf(`{"_id": {"$oid": "%s"}, "userId": "%s", "rating": %s, `+
			`"o": {"n": 1.5, "m": {"$numberLong": "1"}}}`, bson.ObjectID{1, 2, 3}.Hex(), userID, rating)
	}
	fields := []bson.E{field("rating", 4.8), field("o", bson.D{{Key: "n", Value: 1.5}, {Key: "m", Value: int64(1)}})}
	d := newHarness(t, fields...).whole().rewrite(doc("5")).press("ctrl+s").see("4.8 → 5.0").dontSee("was double")
	d.press("enter").holds("rating", 5.0)
	d = newHarness(t, fields...).whole().rewrite(doc(`{"$numberInt": "5"}`)).press("ctrl+s").see("type changes from " +
		"double to int")
	if s := style.New(themes.Default(), true, style.Options{}); !strings.Contains(d.e.View(d.screen),
		s.Warn.Render("type changes from double to int")) {
		t.Errorf("the change of the type is no warning:\n%s", d.frame())
	}
	d.press("enter").holds("rating", int32(5))
	d = newHarness(t, fields...).field("o").rewrite(`{"n": 2, "m": 3, "new": 4}`).press("ctrl+s", "enter")
	d.holds("o.n", 2.0).holds("o.m", int64(3)).holds("o.new", int32(4))
}
