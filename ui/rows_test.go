package ui_test

import (
	"fmt"
	"image"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/nav"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// rowSizes are terminals from the smallest to large ones.
var rowSizes = []image.Point{{40, 12}, {60, 18}, {80, 24}, {100, 30}, {120, 36}, {140, 44}, {200, 60}}

// lineWith returns the first line of the screen with a text.
func lineWith(t *testing.T, d *uitest.Driver, text string) string {
	t.Helper()
	for _, line := range strings.Split(d.Frame(), "\n") {
		if strings.Contains(line, text) {
			return line
		}
	}
	t.Fatalf("no line contains %q\n%s", text, d.Frame())
	return ""
}

// The type stands behind the value at every width and depth, whole or short.
func TestEveryRowShowsItsType(t *testing.T) {
	deep := bson.D{{Key: "innermost", Value: int64(7)}}
	for range 40 {
		deep = bson.D{{Key: "inner", Value: deep}}
	}
	for _, size := range rowSizes {
		backend, user := uitest.Demo()
		user.SetDocument(uitest.Document(append(uitest.SampleDocument(), bson.E{Key: "deep", Value: deep})))
		d := start(t, backend, uitest.Options{Size: size})
		d.Press("r", "home")
		for name, kinds := range map[string]string{"favoriteCol": "string|str", "description": "string|str",
			"language": "string|str"} {
			if line := lineWith(t, d.Press("home"), name); !regexp.MustCompile(` +(` + kinds + `) `).MatchString(line) {
				t.Errorf("%v: no type in %q", size, line)
			}
		}
		line := lineWith(t, d.Press("+", "/").Type("innermost").Press("enter"), "…41›")
		if !regexp.MustCompile(`…41›  innermo(st|…) +7 +long `).MatchString(line) {
			t.Errorf("%v: %q", size, line)
		}
		fits(t, d, size)
	}
}

// The database's value of an outdated field is visible at every width, however long the old value is.
func TestTheDatabasesValueIsVisibleAtEveryWidth(t *testing.T) {
	for _, size := range rowSizes {
		backend, user := uitest.Demo()
		long := strings.Repeat("long text ", 30)
		user.SetDocument(uitest.Document(append(bson.D{{Key: "text", Value: long}}, uitest.SampleDocument()...)))
		d := start(t, backend, uitest.Options{Size: size})
		d.Press("r")
		user.ChangeField("text", long+"!")
		user.ChangeField("favoriteColor", "blue")
		d.Wait(2 * time.Second)
		for name, now := range map[string]string{"  text ": "l", "favoriteCol": "b"} {
			line := lineWith(t, d, name)
			if !regexp.MustCompile(fmt.Sprintf(`(now |→)%s`, now)).MatchString(line) {
				t.Errorf("%v: the database's value is not in %q", size, line)
			}
		}
	}
}

// The detail strip names the time, the age and the parts of a value.
func TestTheDetailStripShowsOtherForms(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.Document(bson.D{
		{Key: "at", Value: bson.NewDateTimeFromTime(time.Date(2026, 3, 11, 11, 0, 0, 0, time.UTC))},
		{Key: "data", Value: bson.Binary{Subtype: 0x80, Data: []byte("\x00\xffdossier")}},
		{Key: "legacy", Value: bson.Binary{Subtype: 3, Data: []byte("0123456789abcdef")}},
		{Key: "plan", Value: bson.D{{Key: "name", Value: "studio"}, {Key: "seats", Value: int32(8)}}},
		{Key: "bytes", Value: bson.Timestamp{T: 1_700_000_000, I: 3}},
		{Key: "pattern", Value: bson.Regex{Pattern: "^a", Options: "im"}},
		{Key: "last", Value: bson.MaxKey{}}}))
	d := start(t, backend, wide)
	d.Press("r", "home")
	for _, want := range [][]string{
		{"─ at ─", " date ─", "time  Wed 11 Mar 2026, 11:00:00 UTC · 3 days ago"},
		{"─ data ─", "subtype  128, user defined, 9 bytes", "hex  00ff646f7373696572", "base64  AP9kb3NzaWVy"},
		{"subtype  3, UUID, legacy, 16 bytes", "if from Python  30313233-3435-3637-3839-616263646566"},
		{"{2 fields}  name: studio, seats: 8"},
		{"1700000000:3", "time  Tue 14 Nov 2023, 22:13:20 UTC · 2 years ago", "increment  3"},
		{"/^a/im", "options  i ignores case, m ^ and $ match at lines"},
		{"order  after every other value"},
	} {
		d.See(want...).Press("down")
	}
}

// The ancestors of the first visible row stay at the top, and a click on one selects it.
func TestAncestorsStayVisible(t *testing.T) {
	backend, user := uitest.Demo()
	items := bson.A{}
	for i := range 60 {
		items = append(items, bson.D{{Key: "number", Value: int32(1000 + i)}})
	}
	user.SetDocument(uitest.Document(bson.D{{Key: "orders", Value: bson.D{{Key: "items", Value: items}}},
		{Key: "end", Value: 1}}))
	d := start(t, backend, uitest.Options{})
	d.Press("r", "+", "home").See("▾ orders")
	for range 60 {
		d.Press("down").See("▾ orders", "▾ items", "─ orders")
	}
	for range 59 {
		d.Press("up").See("▾ orders", "▾ items")
	}
	d.Press("end", "pgup", "pgup").See("▾ orders", "▾ items").ClickOn("▾ items").See("─ orders › items ─", "1000")
	d.Wheel(20, 8, 5).See("▾ orders", "▾ items")
}

// A field that only the database has, or that the draft adds, is a row that cannot be mistaken for one of the token; a
// field of the draft shows its new value and the old one.
func TestRowsOfTheDatabaseAndTheDraft(t *testing.T) {
	for _, size := range rowSizes {
		backend, user := uitest.Demo()
		user.SetDocument(uitest.Document(uitest.SampleDocument()[:3]))
		d := start(t, backend, uitest.Options{Size: size})
		d.Press("r", "home")
		user.ChangeField("seats", int32(8))
		d.Wait(2 * time.Second)
		added := regexp.MustCompile(`\+  seats +(\(absent\)|−) +int +(now|only in the database:) 8 `)
		if line := lineWith(t, d, " seats "); !added.MatchString(line) {
			t.Errorf("%v: %q", size, line)
		}
		draft := model.NewDraft(user.StoredDocument(), model.Owner{UserIDField: "userId"})
		for _, err := range []error{draft.Set(model.Path{"favoriteColor"}, model.ValueOf("teal")),
			draft.Set(model.Path{"nick"}, model.ValueOf("Al")), draft.Unset(model.Path{"language"})} {
			if err != nil {
				t.Fatal(err)
			}
		}
		d.Send(nav.DraftStored{AccountID: user.Account().ID, Draft: draft})
		changed := regexp.MustCompile(`✎  favorite\S+ +teal +str(ing)? +was pink `)
		if line := lineWith(t, d, "favorite"); !changed.MatchString(line) {
			t.Errorf("%v: %q", size, line)
		}
		for name, want := range map[string]string{"nick": `✎  nick +Al +str(ing)? +(added, not saved|new) `,
			"language": `✎  language +(\(removed\)|−) +str(ing)? +was en `} {
			if line := lineWith(t, d, name); !regexp.MustCompile(want).MatchString(line) {
				t.Errorf("%v: %q", size, line)
			}
		}
		d.Press("home").DontSee("only in the draft").Press("m").DontSee("teal", "pink", " 8 ", "Al").See("was ••")
	}
}

// The pane says which document it shows; what is unsaved and outdated is said at every width.
func TestTheNoteOfTheDocument(t *testing.T) {
	for size, note := range map[image.Point]string{{140,
		44}: " ✎ 1 edit · ctrl+s reviews · 1 outdated · in the token of 12:00:00 ",
		{100, 30}: " ✎ 1 edit · 1 outdated ", {80, 24}: " ✎ 1 edit · 1 outdated ", {60, 18}: " ✎1 ≠1 "} {
		backend, user := uitest.Demo()
		d := start(t, backend, uitest.Options{Size: size})
		if size.X >= 80 {
			d.See("token of 12:00:00")
		}
		draft := model.NewDraft(user.StoredDocument(), model.Owner{UserIDField: "userId"})
		if err := draft.Set(model.Path{"favoriteColor"}, model.ValueOf("teal")); err != nil {
			t.Fatal(err)
		}
		user.ChangeField("favoriteColor", "red")
		d.Wait(2 * time.Second).Send(nav.DraftStored{AccountID: user.Account().ID, Draft: draft})
		d.See(note, "was pink · now red")
		fits(t, d, size)
	}
}

// The age of the selected value follows the time without a key.
func TestTheAgeInTheDetailsFollowsTheTime(t *testing.T) {
	backend, user := uitest.Demo()
	at := time.Date(2026, 3, 14, 11, 30, 30, 0, time.UTC)
	user.SetDocument(uitest.Document(bson.D{{Key: "n", Value: 1}, {Key: "at", Value: bson.NewDateTimeFromTime(at)}}))
	d := start(t, backend, wide)
	d.Press("r", "home").Wait(40 * time.Second).Press("down").See("30 minutes ago")
	d.Wait(20 * time.Second).See("30 minutes ago").Wait(31 * time.Second).See("31 minutes ago")
}

// The details keep their height while the selection moves over similar values.
func TestTheDetailsSeldomChangeTheirHeight(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(100, 30)})
	ruleLine := func() int {
		for y, line := range strings.Split(d.Frame(), "\n") {
			if strings.HasPrefix(line, "│─ ") {
				return y
			}
		}
		return -1
	}
	changes := 0
	for _, key := range strings.Fields(strings.Repeat("down ", 14) + strings.Repeat("up ", 14)) {
		before := ruleLine()
		if d.Press(key); ruleLine() != before {
			changes++
		}
	}
	if changes > 2 || ruleLine() < 0 {
		t.Errorf("the details changed their height %d times in 28 keys", changes)
	}
}

// The type of an outdated field stands in the column of types, and the database's value in a colour of its own; where
// that does not fit into its column it stands behind the type's word.
func TestTypesOfOutdatedFieldsStayInTheirColumn(t *testing.T) {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.Document(bson.D{{Key: "favoriteColor", Value: "teal"},
		{Key: "born", Value: "1985-12-10T00:00:00.000Z"}, {Key: "seats", Value: int32(8)}}))
	d := start(t, backend, uitest.Options{Size: image.Pt(64, 20)})
	d.Press("r")
	user.ChangeField("favoriteColor", "amber")
	user.ChangeField("seats", int32(12))
	d.Wait(2 * time.Second)
	column := strings.Index(lineWith(t, d, " born "), " string")
	for _, want := range []struct{ name, kind, now string }{{"favoriteColor", " string", "  now amber "},
		{"seats", " int", "     now 12 "}} {
		line := strings.TrimLeft(lineWith(t, d, want.name+" "), "│≠ ")
		if i := strings.LastIndex(line, want.kind+want.now); i < 0 {
			t.Errorf("no %q in %q", want.kind+want.now, line)
		}
		whole := strings.Replace(lineWith(t, d, want.name+" "), "≠", " ", 1)
		if i := strings.Index(whole, want.kind); i != column {
			t.Errorf("the type is at %d, that of others at %d: %q", i, column, whole)
		}
	}
	changed := style.New(themes.Default(), true, style.Options{}).NewValue.Render("x")
	if before, _, _ := strings.Cut(changed, "x"); !strings.Contains(d.ANSI(), before+"now 12") {
		t.Errorf("the database's value has no colour of its own\n%q", d.ANSI())
	}
}
