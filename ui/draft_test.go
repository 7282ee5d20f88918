package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/uitest"
)

// holdsJSON checks a field of the user's document in the database, as extended JSON; empty: absent.
func holdsJSON(t *testing.T, user *uitest.User, path, want string) {
	t.Helper()
	p, err := model.ParsePath(path)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	if v, ok := p.Lookup(user.StoredDocument()); ok {
		got = model.JSON(v)
	}
	if got != want {
		t.Errorf("%s is %s, want %s", path, got, want)
	}
}

// find puts the cursor on the field that a search finds first.
func find(d *uitest.Driver, query string) *uitest.Driver {
	return d.Press("+", "/").Type(query).Press("enter", "esc")
}

func TestValuesAreEditedInTheirRows(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "favoriteColor").Press("e").See("favoriteColor  › pink", "enter accept",
		"esc back").Press("ctrl+u").Type("teal")
	d.See("favoriteColor  › teal", `was "pink"`).Press("tab") // accepts, and edits the next field
	d.See("✎  favoriteColor  teal", "was pink", "language       › en").Type("!").Press("enter")
	d.See("✎ 2 edits · ctrl+s reviews", "✎  language", "kept in the draft: ctrl+s reviews and saves it, z undoes")
	find(d, "loginCount").Press("enter", "ctrl+u").Type("4x").Press("enter").See("› 4x", "not a valid int").Press("esc")
	d.See("✎ 2 edits", "not changed; z brings your text back").DontSee("unsaved text", "✎  loginCount").Press("z")
	d.See("✎ 2 edits, unsaved text", "✎  loginCount", "typed 4x", "the text typed for loginCount is back",
		"ctrl+x discard the edit").Press("Z").DontSee("unsaved text", "✎  loginCount").Press("z", "e")
	d.See("› 4x", "This is the kept draft").Press("backspace", "ctrl+s")
	d.See(`"pink" → "teal"`, `"en" → "en!"`, "42 → 4").Press("enter").DontSee("✎")
	holdsJSON(t, user, "favoriteColor", `"teal"`)
	holdsJSON(t, user, "language", `"en!"`)
	holdsJSON(t, user, "loginCount", "4")
}

// The row shows the draft's value, so the viewer and the copies have it, too.
func TestTheValueOfTheDraftIsShownAndCopied(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "loginCount").Press("e", "ctrl+u").Type("777").Press("enter").See("777", "was 42")
	find(d, "loginCount").Press("y").See("the value of loginCount")
	d.Press("C").See("777").DontSee("│  42").Press("t", "C", "d", "j")
	find(d, "street").Press("e", "ctrl+u").Type("Hill").Press("enter")
	find(d, "address").Press("v").See("Hill").Press("esc", "y").See("the value of address")
	d.Press("C", "u")
	if len(d.Copied) != 5 || d.Copied[0] != "777" || d.Copied[1] != "777" ||
		!strings.Contains(d.Copied[2], `"loginCount": 777`) || !strings.Contains(d.Copied[3], "Hill") ||
		!strings.Contains(d.Copied[4], "Hill") {
		t.Errorf("copied %q", d.Copied)
	}
}

func TestFieldsThatCannotBeChangedAreRefusedBeforeTyping(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	for _, key := range []string{"e", "R", "d", "t"} {
		for _, at := range []string{"_id", "userId"} {
			find(d, at).Press(key).See("it can never be changed").DontSee("✎", "› ").Press("esc")
		}
	}
}

func TestFieldsAreRenamedInTheirRows(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "street").Press("R").See("new name › street", "keeps its position").Press("ctrl+u").See("a field needs a name")
	d.Type("city").See("already exists").Press("ctrl+u").Type("road").Press("enter").See("✎ 1 edit", "─ address › road")
	find(d, "language").Press("R").See("moves to the end").Type("2").Press("ctrl+s")
	d.See("language → language2", "address.street → address.road", "moves to the end").Press("enter")
	holdsJSON(t, user, "address.street", "")
	holdsJSON(t, user, "language", "")
	holdsJSON(t, user, "language2", `"en"`)
	address, _ := (model.Path{"address"}).Lookup(user.StoredDocument())
	if elements, err := address.Document().Elements(); err != nil || elements[0].Key() != "road" {
		t.Errorf("the first field of the address is %s", address)
	}
}

func TestArrayItemsAreMovedDuplicatedAndInserted(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "tags.0")
	d.Press("esc", ":")
	before, _ := (model.Path{"tags"}).Lookup(user.StoredDocument())
	items, err := before.Array().Values()
	if err != nil || len(items) != 3 {
		t.Fatal(before)
	}
	a, b, c := model.JSON(items[0]), model.JSON(items[1]), model.JSON(items[2])
	d.Press("esc", "home", "-", "/").Type("tags").Press("enter", "esc", "right", "right")
	d.Press("J", "J").See("─ tags › 2").Press("J").See("it is already the last item")
	d.Press("K", "P").See("─ tags › 2").Press("a").Type("new").Press("enter", "ctrl+s", "enter").DontSee("✎")
	holdsJSON(t, user, "tags", "["+strings.Join([]string{b, a, a, `"new"`, c}, ", ")+"]")
}

func TestSeveralFieldsAreChangedAtOnce(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "loginCount").Press("x", "x").See("2 selected, esc clears").Press("t").See("type of 2 fields",
		"nothing is lost")
	d.Press("s", "s", "enter").See("✎ 2 edits").DontSee("selected")
	find(d, "language").Press("x").See("1 selected").Press("up", "x").DontSee("selected").Press("up", "x", "x").
		See("2 selected").Press("esc").See("✎ 2 edits").DontSee("selected")
	find(d, "language").Press("x", "x", "d").See("✎ 4 edits", "(removed)").DontSee("selected")
	d.Press("z").See("undone: ", "✎ 2 edits").Press("z").See("undone: loginCount and storageUsed").DontSee("✎")
	d.Press("z").See("nothing to undo in the draft").Press("Z", "Z").See("✎ 4 edits").Press("ctrl+s", "enter").DontSee("✎")
	holdsJSON(t, user, "loginCount", `"42"`)
	holdsJSON(t, user, "storageUsed", `"7516192768"`)
	d.Press("z").See("nothing to undo in the draft")
}

func TestATypeIsChangedWithWhatIsLost(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "rating").Press("t").See("type of rating", "the fraction is lost", "4.5  as it is").Press("i").See("›  int ")
	d.Press("enter").See("✎ 1 edit", "rating         4 ").Press("ctrl+x").DontSee("✎")
	d.Press("t", "d", "d", "d").See("no conversion: enter types a value")
	d.Press("esc", "t", "i", "enter", "ctrl+s").See("type changes from double to int").Press("enter")
	holdsJSON(t, user, "rating", "4")
}

func TestJSONIsPastedAsFields(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Paste(`{"planet": "Earth", "language": "fr"}`).See("paste JSON into the document", "adds planet; replaces language")
	d.Press("alt+enter").See("✎ 2 edits")
	find(d, "street").Press("p").Paste("{\"lat\": 48.2,\n \"lon\": x}").See("line 2, column 9").Press("ctrl+s").
		See("not valid JSON yet").Press("delete").Type("12").See("lat, lon in address").Press("tab").Type("geo").
		See("adds address.geo: object").Press("ctrl+s").See("+ address.geo").Press("enter").DontSee("✎")
	holdsJSON(t, user, "planet", `"Earth"`)
	holdsJSON(t, user, "language", `"fr"`)
	holdsJSON(t, user, "address.geo.lon", "12")
	d.Paste("not JSON").See("the pasted text is not JSON: e edits a field, p takes JSON")
	find(d, "tags.1").Press("home", "/").Type("tags").Press("enter", "esc", "right").Paste(`["nested"]`).
		See("becomes the last item of tags: array").Press("ctrl+s", "enter").DontSee("✎")
	holdsJSON(t, user, "tags.3", `["nested"]`)
}

// Without a document the first field creates it.
func TestTheFirstFieldCreatesTheDocument(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("s", "down", "enter").See("ada@example.com").Paste(`{"nick": "Bobby"}`).Press("alt+enter")
	d.See("nick", "✎ 1 edit").Press("ctrl+s").See("saving creates it").Press("enter").See("nick", "Bobby").DontSee("✎")
}

// What was typed is kept when the input ends in another way than by Enter.
func TestAnInputInARowIsNeverLost(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "favoriteColor").Press("e").Type("er")
	d.ClickOn("loginCount").See("─ loginCount", "✎  favoriteColor").DontSee("› ")
	find(d, "language").Press("e").Type("-GB")
	user.ChangeField("language", nil)
	d.Press("ctrl+c")
	if !d.Quit {
		t.Error("it asks although everything is kept")
	}
	d = start(t, backend, wide)
	d.See("typed pinker").Press("ctrl+s").See("en-GB").Press("ctrl+c")
	kept, err := backend.TakeOver(user.Account().ID)
	if err != nil || kept == nil || len(kept.PendingInputs())+len(kept.Edits()) != 2 {
		t.Errorf("kept: %v, %v", kept, err)
	}
}

func TestMaskedFieldsAreChangedUnseen(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "favoriteColor").Press("m", "e").See("› •••••",
		"masked: typing adds").Type("er").Press("enter").DontSee("pink")
	d.Press("P").DontSee("pink").Press("t").See("cannot be changed while it is masked").DontSee("pink")
	d.Press("R").Type("2").Press("enter").DontSee("pink").Paste(`{"secret": "word"}`).DontSee("word").Press("ctrl+s").
		DontSee("word", "pink").Press("enter")
	holdsJSON(t, user, "secret", `"word"`)
}

// A large document is edited as quickly as a small one; what takes time runs outside the event loop.
func TestInputsAtEverySize(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(140, 40)})
	find(d, "address.city").Press("e")
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}, {44, 13}} {
		d.Resize(size.X, size.Y).Type("x")
		for _, line := range strings.Split(d.Frame(), "\n") {
			if n := len([]rune(line)); n > size.X {
				t.Fatalf("%v: %d cells in %q", size, n, line)
			}
		}
	}
	d.Resize(140, 40).See("xxxxx")
}

// TestTypedTextIsShownInItsRow: beside the value, masked as the value is.
func TestTypedTextIsShownInItsRow(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "loginCount").Press("e").Type("er").Press("esc").DontSee("42er").Press("z").See("typed 42er",
		"typed, not accepted: 42er")
	d.Press("m").DontSee("42er").See("typed •••••")
	d = start(t, backend, wide)
	d.See("typed 42er")
}

// An input that was left with esc leaves nothing behind: no edit, no mark, and no text that a later edit would save.
func TestEscInAnInputRestoresTheValue(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "favoriteColor").Press("e").Type("ZZ").Press("enter").See("✎  favoriteColor  pinkZZ").Press("e").Type("E")
	d.Press("esc").See("✎  favoriteColor  pinkZZ", "✎ 1 edit ·").DontSee("unsaved text")
	find(d, "language").Press("e").Type("-GB").Press("esc").DontSee("✎  language")
	d.Press("a").Type("whenever").Press("esc").See("✎ 1 edit ·")
	d.Paste(`{"pasted": 1}`).See("adds pasted").Press("esc").See("✎ 1 edit ·").DontSee("unsaved text")
	d.Press("z").See("✎ 1 edit, unsaved text", "the text typed for pasted JSON is back").Press("Z").DontSee("unsaved text")
	find(d, "rating").Press("e", "ctrl+u").Type("5").Press("enter", "ctrl+s").See("pinkZZ", "4.5 → 5").
		DontSee("pinkZZE", "GB", "whenever").Press("enter")
	holdsJSON(t, user, "favoriteColor", `"pinkZZ"`)
	holdsJSON(t, user, "language", `"en"`)
}

// A new field goes into the object or array under the cursor, open or not; the title says where.
func TestTheTitleSaysWhereAFieldIsAdded(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	for field, title := range map[string]string{
		"favoriteColor": "add a field to the document", "tags": "add an item to tags", "address": "add a field to address",
		"tags.0": "add an item to tags before 1",
	} {
		for _, fold := range []string{"-", "+"} {
			if field == "tags.0" && fold == "-" {
				continue
			}
			d.Press("esc", fold, ":").Type(field).Press("enter", fold, "a").See("─ " + title + " ─").Press("esc")
		}
	}
	user.ChangeField("favoriteColor", "teal")
	find(d.Wait(3*time.Second), "favoriteColor").Press("e").See("the database has", "the app's copy shows")
}

// TestTypedTextFollowsItsField: text that is not accepted stays with its item when items move, and goes with it.
func TestTypedTextFollowsItsField(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	inputs := func(want string) {
		t.Helper()
		stored, err := backend.TakeOver(user.Account().ID)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if stored != nil {
			for _, p := range stored.PendingInputs() {
				got += p.Path.String() + "=" + p.Text + " "
			}
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("typed %q, want %q", got, want)
		}
	}
	d.Press(":").Type("tags.1").Press("enter", "e").Type("XX").Press("esc", "z")
	inputs("tags.1=early adopterXX")
	d.Press("K")
	inputs("tags.0=early adopterXX")
	d.Press("J", "up", "P")
	inputs("tags.2=early adopterXX")
	d.Press("d")
	inputs("tags.1=early adopterXX")
	d.Press("up", ":").Type("tags.1").Press("enter", "d")
	inputs("")
	d.Press("z")
	inputs("tags.1=early adopterXX")
	d.Press(":").Type("tags").Press("enter", "R", "ctrl+u").Type("labels").Press("enter")
	inputs("labels.1=early adopterXX")
}

// TestASecondPasteKeepsTheFirst: undo brings back the JSON that another paste replaced.
func TestASecondPasteKeepsTheFirst(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Paste(`{"first": 1, `).Press("esc", "z").Paste(`{"second": 2, `).See("replaces the JSON that was kept")
	d.Press("esc", "z", "z", "p").See(`{"first": 1,`)
}

// TestQuittingSaysThatEditsAreKept: the number of edits is printed after the screen closed.
func TestQuittingSaysThatEditsAreKept(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	find(d, "favoriteColor").Press("d")
	find(d, "language").Press("d", "ctrl+c")
	if got := d.Model.Farewell(); got != "2 unsaved edits are kept; the next start shows them" {
		t.Errorf("it says %q", got)
	}
}
