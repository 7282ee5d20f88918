package e2e_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
	"dossier/themes"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// raw is a value of a type with these bytes.
func raw(t bson.Type, data string) bson.RawValue { return bson.RawValue{Type: t, Value: []byte(data)} }

// sized is the length of data and one byte more, as int32, and data with a zero byte.
func sized(data string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)+1))) + data + "\x00"
}

// binaryValue is a binary of a subtype.
func binaryValue(subtype byte, data string) bson.RawValue {
	length := string(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	return raw(bson.TypeBinary, length+string([]byte{subtype})+data)
}

// decimal is a decimal128 of these bits.
func decimal(high, low uint64) bson.RawValue {
	return raw(bson.TypeDecimal128, string(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, low),
		high)))
}

func double(bits uint64) bson.RawValue {
	return raw(bson.TypeDouble, string(binary.LittleEndian.AppendUint64(nil, bits)))
}

// nested is a value below this many objects.
func nested(levels int) (v any) {
	v = "deep"
	for range levels {
		v = bson.D{{Key: "d", Value: v}}
	}
	return v
}

// everyValue returns values of every BSON type, usual and unusual ones, by name.
func everyValue() map[string]any {
	values := map[string]any{
		"double": 1.5, "double zero": 0.0, "double -0": double(1 << 63), "double whole": 1e18, "double tiny": 5e-324,
		"double NaN": double(0x7ff8000000000000), "double NaN with a payload": double(0x7ff8000000000012),
		"double Infinity": double(0x7ff0000000000000), "double -Infinity": double(0xfff0000000000000),
		"string": "text", "string empty": "", "string NUL": "a\x00b", "string emoji": "👩‍👩‍👧",
		"string controls":    "\x1b[31m\u202e\x7f\r\n\t",
		"string replacement": "\ufffd", "string not UTF-8": "a\xffb", "string half a character": "\xe2\x82",
		"string surrogate":      "\xed\xa0\x80",
		"string like a wrapper": `{"$oid":"5f1e000000000000000000aa"}`,
		"object empty":          bson.D{}, "object": bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: 1}}}},
		"object deep":          nested(90),
		"object empty key":     bson.D{{Key: "", Value: 1}},
		"object dot":           bson.D{{Key: "a.b", Value: bson.D{{Key: ".", Value: 1}}}},
		"object dollar":        bson.D{{Key: "$a", Value: 1}, {Key: "$", Value: 2}},
		"object operators":     bson.D{{Key: "$where", Value: "1"}},
		"object key not UTF-8": bson.D{{Key: "\xff", Value: 1}}, "object DBRef": bson.D{{Key: "$ref", Value: "c"},
			{Key: "$id", Value: 1}},
		"duplicate keys": bson.D{{Key: "k", Value: 1}, {Key: "k", Value: bson.D{{Key: "x", Value: 1},
			{Key: "x", Value: 2}}}},
		"duplicate keys in an item": bson.A{bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2}}},
		"array empty":               bson.A{}, "array": bson.A{int32(1), 2.5, "x", nil, bson.A{}},
		"array of arrays": bson.A{bson.A{bson.A{1}}},
		"binary empty":    binaryValue(0, ""), "binary 00": binaryValue(0, "\xff\xff"), "binary 01": binaryValue(1, "\xff"),
		"binary 02": binaryValue(2, "\x02\x00\x00\x00\xff\xff"), "binary 02 empty": binaryValue(2, "\x00\x00\x00\x00"),
		"binary 03": binaryValue(3, strings.Repeat("\x01", 16)), "uuid": binaryValue(4, strings.Repeat("\x01", 16)),
		"binary 04 of another length": binaryValue(4, "\x01"), "binary 05": binaryValue(5, strings.Repeat("\x01", 16)),
		"binary 06": binaryValue(6, "\x01"), "binary 07": binaryValue(7, "\x01"), "binary 08": binaryValue(8, "\x01"),
		"binary 09": binaryValue(9, "\x10\x00\x01"),
		"binary 80": binaryValue(0x80, "\x01"),
		"undefined": bson.Undefined{}, "objectId": bson.ObjectID{1, 2}, "true": true, "false": false, "null": nil,
		"date": bson.DateTime(1356351330501), "date 1970": bson.DateTime(0), "date before": bson.DateTime(-284643869501),
		"date far": bson.DateTime(253402300800000), "date farthest": bson.DateTime(1<<63 - 1),
		"date first": bson.DateTime(-1 << 63),
		"regex":      raw(bson.TypeRegex, "^ab+c$\x00imx\x00"), "regex empty": raw(bson.TypeRegex, "\x00\x00"),
		"regex options not sorted": raw(bson.TypeRegex, "a\x00xmi\x00"),
		"regex slash":              raw(bson.TypeRegex, "a/b\x00i\x00"), "regex unknown option": raw(bson.TypeRegex,
			"a\x00Z\x00"), "regex not UTF-8": raw(bson.TypeRegex, "\xff\x00\x00"),
		"dbPointer":           raw(bson.TypeDBPointer, sized("c.d")+strings.Repeat("\x01", 12)),
		"dbPointer not UTF-8": raw(bson.TypeDBPointer, sized("\xff")+strings.Repeat("\x01", 12)),
		"code":                bson.JavaScript("return 1"), "code NUL": bson.JavaScript("a\x00b"),
		"code not UTF-8":  bson.JavaScript("\xff"),
		"code with scope": bson.CodeWithScope{Code: "x", Scope: bson.D{{Key: "x", Value: 1}}},
		"code with an unusual scope": bson.CodeWithScope{Code: "x",
			Scope: bson.D{{Key: "$oid", Value: "5f1e000000000000000000aa"}}},
		"symbol": bson.Symbol("s"), "symbol not UTF-8": bson.Symbol("\xff"),
		"int": int32(1), "int least": int32(-1 << 31), "long": int64(1), "long most": int64(1<<63 - 1),
		"timestamp": bson.Timestamp{T: 123456789, I: 42}, "timestamp most": bson.Timestamp{T: 1<<32 - 1, I: 1<<32 - 1},
		"decimal": decimal(0x3040000000000000, 5), "decimal 0.00": decimal(0x303c000000000000, 0),
		"decimal -0":  decimal(0xb040000000000000, 0),
		"decimal NaN": decimal(0x7c00000000000000, 0), "decimal -NaN": decimal(0xfc00000000000000, 0),
		"decimal signalling NaN":     decimal(0x7e00000000000000, 0),
		"decimal NaN with a payload": decimal(0x7c00000000000000, 12), "decimal Infinity": decimal(0x7800000000000000, 0),
		"decimal Infinity with a payload": decimal(0x7800000000000000, 7),
		"decimal not canonical":           decimal(0x6c10000000000000, 1),
		"decimal least":                   decimal(0, 1), "decimal most": decimal(0x5fffed09bead87c0, 0x378d8e63ffffffff),
		"minKey": bson.MinKey{}, "maxKey": bson.MaxKey{},
	}
	odd := bson.Raw(model.ValueOf(bson.D{{Key: "1", Value: "a"}, {Key: "", Value: "b"}, {Key: "x", Value: "c"}}).Value)
	values["array with other keys"] = raw(bson.TypeArray, string(odd))
	values["array with other keys inside"] = bson.D{{Key: "list", Value: raw(bson.TypeArray, string(odd))}}
	for key, content := range map[string]any{
		"$oid": "5f1e000000000000000000aa", "$numberInt": "1", "$numberLong": "1", "$numberDouble": "1.5",
		"$numberDecimal": "1.5", "$symbol": "s",
		"$code": "c", "$uuid": "6fa459ea-ee8a-3ca4-894e-db77e160355e", "$date": "2026-11-22T10:00:00Z", "$undefined": true,
		"$minKey": 1, "$maxKey": 1,
		"$binary":            bson.D{{Key: "base64", Value: ""}, {Key: "subType", Value: "00"}},
		"$regularExpression": bson.D{{Key: "pattern", Value: "a"}, {Key: "options", Value: ""}},
		"$timestamp":         bson.D{{Key: "t", Value: 1}, {Key: "i", Value: 1}}, "$dbPointer": 1, "$fields": bson.A{},
		"$bson": "AA==", "$malformed": 1,
	} {
		values["like "+key] = bson.D{{Key: key, Value: content}}
		values["like "+key+" with more"] = bson.D{{Key: key, Value: content}, {Key: "more", Value: 1}}
	}
	values["like $regex"] = bson.D{{Key: "$regex", Value: "a"}, {Key: "$options", Value: "i"}}
	return values
}

// everyDocument returns documents of a user with a field "other" and one unusual field, by name.
func everyDocument(userID string) map[string]bson.Raw {
	docs := map[string]bson.Raw{}
	document := func(fields ...bson.E) bson.Raw {
		return model.ValueOf(append(bson.D{{Key: "_id", Value: bson.ObjectID{9}}, {Key: "userId", Value: userID},
			{Key: "other", Value: int32(1)}},
			fields...)).Value
	}
	for name, v := range everyValue() {
		docs[name] = document(bson.E{Key: "v", Value: v}, bson.E{Key: "last", Value: true})
	}
	for name, key := range map[string]string{"dot": "usb-c 3.1", "dollar": "$price", "empty": "", "like a wrapper": "$oid",
		"not UTF-8": "k\xff", "emoji": "🔑"} {
		docs["top-level key "+name] = document(bson.E{Key: key, Value: int32(5)}, bson.E{Key: "last", Value: true})
	}
	docs["top-level duplicates"] = document(bson.E{Key: "d", Value: 1}, bson.E{Key: "e", Value: 2},
		bson.E{Key: "d", Value: 3})
	return docs
}

// withOther returns the document with another value of its field "other"; the bytes of the other fields are the same.
func withOther(doc bson.Raw, n int32) bson.Raw {
	changed := slices.Clone(doc)
	i := strings.Index(string(changed), "\x10other\x00") + len("\x10other\x00")
	binary.LittleEndian.PutUint32(changed[i:], uint32(n))
	return changed
}

// unusual is a service with one user whose document a test replaces.
type unusual struct {
	t    *testing.T
	h    *backendtest.Harness
	user *client.User
	id   string
}

func newUnusual(t *testing.T) *unusual {
	t.Helper()
	h := backendtest.Start(t)
	id := h.CreateUser(t, "ada@example.com", "correct horse", nil)
	sdk := client.New(client.Options{BaseURL: h.URL, AppID: h.AppID, Now: time.Now})
	user, err := sdk.SignIn(t.Context(), model.Credential{Provider: "local-userpass", Fields: bson.D{
		{Key: "username", Value: "ada@example.com"}, {Key: "password", Value: "correct horse"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &unusual{t, h, user, id}
}

// store makes a document the user's only one; false if the deployment cannot store it. The embedded database stores
// all.
func (u *unusual) store(doc bson.Raw) bool {
	u.t.Helper()
	if _, err := u.h.CustomData().DeleteMany(u.t.Context(), bson.D{}); err != nil {
		u.t.Fatal(err)
	}
	_, err := u.h.CustomData().InsertOne(u.t.Context(), doc)
	if err == nil && string(u.stored()) == string(doc) {
		return true
	}
	if os.Getenv("DOSSIER_TEST_URI") == "" {
		u.t.Fatalf("the embedded database does not store %s: %v", model.CanonicalJSON(doc), err)
	}
	u.t.Logf("the database does not store %s: %v", model.CanonicalJSON(doc), err)
	return false
}

func (u *unusual) stored() bson.Raw {
	u.t.Helper()
	doc, err := u.h.CustomData().FindOne(u.t.Context(), bson.D{}, store.Find{})
	if err != nil {
		u.t.Fatal(err)
	}
	return doc
}

// holds checks the stored document byte for byte.
func (u *unusual) holds(what string, want bson.Raw) {
	u.t.Helper()
	if got := u.stored(); string(got) != string(want) {
		u.t.Errorf("%s left\n%x, want\n%x\n%s", what, []byte(got), []byte(want), model.CanonicalJSON(got))
	}
}

// editor operates one editor of the screen on the user's document.
type editor struct {
	t    *testing.T
	e    *edit.Editor
	done bool
}

func (u *unusual) open(make func(edit.Config) (*edit.Editor, tea.Cmd)) *editor {
	u.t.Helper()
	profile, err := u.user.Profile(u.t.Context())
	if err != nil {
		u.t.Fatal(err)
	}
	ed := &editor{t: u.t}
	c := edit.Config{Ctx: u.t.Context(), User: u.user, Drafts: noDrafts{}, Keys: keys.Default(),
		Styles: style.New(themes.Default(), true, style.Options{}), Now: time.Now(), Screen: screenSize,
		State: &state.State{HasUser: true, Account: u.user.Account(), User: profile, Session: u.user.Session()}}
	c.Current = edit.NewCurrentDraft(c)
	c.Current.Adopt(nil)
	var cmd tea.Cmd
	ed.e, cmd = make(c)
	ed.run(cmd)
	return ed
}

// runOperation runs a command of an operation and what follows from it.
func runOperation(s *edit.CurrentDraft, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			runOperation(s, c)
		}
	default:
		runOperation(s, s.Update(m))
	}
}

// noDrafts stores no drafts.
type noDrafts struct{}

func (noDrafts) TakeOver(string) (*model.Draft, error) { return nil, nil }
func (noDrafts) Save(string, *model.Draft) error       { return nil }
func (noDrafts) Delete(string) error                   { return nil }

// run runs a command and what follows from it. The editor is done when it asks to be closed.
func (ed *editor) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			ed.run(c)
		}
	default:
		if strings.HasPrefix(fmt.Sprintf("%T", m), "nav.") {
			ed.done = ed.done || fmt.Sprintf("%T", m) == "nav.Close"
			return
		}
		ed.run(ed.e.Update(m))
	}
}

func (ed *editor) press(names ...string) {
	ed.t.Helper()
	for _, name := range names {
		k := uitest.Key(name)
		if ed.e.CapturesKeys() {
			ed.run(ed.e.Update(k))
		} else if a, ok := keys.Default().Resolve(k, ed.e.Scope(), keys.Dialog); ok {
			ed.run(ed.e.Handle(a))
		}
	}
}

// screenSize is large enough for the review of every change here.
var screenSize = image.Pt(120, 90)

// view returns the visible text.
func (ed *editor) view() string { return ansi.Strip(ed.e.View(pane.Inner(ed.e.Size(screenSize)))) }

// TestSaveElsewhereKeepsEveryByte: whatever else the document holds, a change of one field, by the field editor and by
// the editor of the whole document, leaves the bytes of the rest as they are.
func TestSaveElsewhereKeepsEveryByte(t *testing.T) {
	u := newUnusual(t)
	docs := everyDocument(u.id)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		doc := docs[name]
		if !u.store(doc) {
			continue
		}
		ed := u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, model.Path{"other"}) })
		ed.press("ctrl+e", "ctrl+u", "2", "ctrl+s", "enter")
		if !ed.done {
			t.Errorf("%s: the field editor shows\n%s", name, ed.view())
			continue
		}
		u.holds(name+": the field editor", withOther(doc, 2))

		lines := strings.Split(model.IndentJSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: withOther(doc, 2)}),
			"\n")
		row := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"other"`) })
		ed = u.open(edit.Document)
		ed.press(slices.Repeat([]string{"down"}, row)...)
		ed.press("end")
		ed.press(slices.Repeat([]string{"left"}, len(lines[row])-strings.IndexByte(lines[row], '2')-1)...)
		ed.press("backspace", "3", "ctrl+s", "enter")
		if !ed.done {
			t.Errorf("%s: the document editor shows\n%s", name, ed.view())
			continue
		}
		u.holds(name+": the document editor", withOther(doc, 3))
	}
}

// TestCommandsKeepEveryByte is TestSaveElsewhereKeepsEveryByte for the commands, on one document with every value.
func TestCommandsKeepEveryByte(t *testing.T) {
	u := newUnusual(t)
	fields := bson.D{{Key: "_id", Value: bson.ObjectID{9}}, {Key: "userId", Value: u.id}, {Key: "other", Value: int32(1)}}
	values := everyValue()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fields = append(fields, bson.E{Key: name, Value: values[name]})
	}
	doc := bson.Raw(model.ValueOf(fields).Value)
	if !u.store(doc) {
		t.Skip("the database does not store these values")
	}
	h := newHome(t)
	service := []string{"--server", u.h.URL, "--app-id", u.h.AppID}
	if r := h.run("correct horse\n", append(service, "login", "ada@example.com", "--password-stdin")...); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if out := h.ok(append(service, "set", "other=2")...); out != "old other: 1\nnew other: 2\n" {
		t.Errorf("set prints %s", out)
	}
	u.holds("set", withOther(doc, 2))
	h.ok(append(service, "set", "new=1")...)
	h.ok(append(service, "unset", "new")...)
	u.holds("set and unset", withOther(doc, 2))
	if out := h.ok(append(service, "refresh")...); out != "no change\n" {
		t.Errorf("refresh prints %s", out)
	}
}

// TestSetChangesEveryValue: each value can be set, also over itself, and removed.
func TestSetChangesEveryValue(t *testing.T) {
	u := newUnusual(t)
	docs := everyDocument(u.id)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		doc := docs[name]
		if name == "top-level duplicates" || !u.store(doc) {
			continue
		}
		elements, err := doc.Elements()
		if err != nil {
			t.Fatal(err)
		}
		path, old := model.Path{elements[3].Key()}, elements[3].Value()
		noDuplicates := !strings.HasPrefix(name, "duplicate keys") // the service adds none
		for step, change := range []func(*model.Draft) error{
			func(d *model.Draft) error { return d.Set(path, model.ValueOf("changed")) },
			func(d *model.Draft) error { return d.Set(path, old) },
			func(d *model.Draft) error { return d.Unset(path) },
		} {
			err := u.save(change)
			if refused := step == 1 && !noDuplicates; refused != (err != nil) {
				t.Errorf("%s: step %d: %v", name, step, err)
			}
			got, present := path.Lookup(u.stored())
			if step == 0 && model.Text(got) != "changed" || step == 2 && present ||
				step == 1 && err == nil && model.JSON(got) != model.JSON(old) && !strings.HasPrefix(name, "array with other keys") {
				t.Errorf("%s: step %d left %s", name, step, model.JSON(got))
			}
		}
	}
}

// save reads the document, changes it and saves it, as the commands do.
func (u *unusual) save(change func(*model.Draft) error) error {
	ctx, cancel := context.WithTimeout(u.t.Context(), 10*time.Second)
	defer cancel()
	check, err := u.user.Check(ctx)
	if err != nil {
		return err
	}
	d := model.NewDraft(check.Document, check.Owner("userId", u.id))
	if err := change(d); err != nil {
		return err
	}
	update, err := d.Update()
	if err != nil {
		return err
	}
	out, err := u.user.Save(ctx, update)
	if err == nil && !out.Saved {
		err = fmt.Errorf("the save ended with %+v", out)
	}
	return err
}

// home returns a machine that is signed in as the user, and the arguments that name the service at an address.
func (u *unusual) home(address string) (*home, []string) {
	u.t.Helper()
	h := newHome(u.t)
	c := u.h.CustomDataConfig()
	service := []string{"--server", address, "--app-id", u.h.AppID, "--database", c.Database, "--collection", c.Collection,
		"--user-id-field", c.UserIDField}
	if r := h.run("correct horse\n", append(service, "login", "ada@example.com", "--password-stdin")...); r.code != 0 {
		u.t.Fatalf("sign in: %+v", r)
	}
	return h, service
}

// unusualFields are values that extended JSON cannot represent, and a key that no path can name.
func (u *unusual) unusualFields() bson.Raw {
	return model.ValueOf(bson.D{{Key: "_id", Value: bson.ObjectID{9}}, {Key: "userId", Value: u.id}, {Key: "n", Value: 1},
		{Key: "numlike", Value: bson.D{{Key: "$numberInt", Value: "1"}}}, {Key: "re", Value: bson.Regex{Pattern: "^a"}},
		{Key: "twice", Value: bson.D{{Key: "k", Value: 1}, {Key: "k", Value: 2}}}, {Key: "text", Value: "a\xff"},
		{Key: "usb-c 3.1", Value: true}}).Value
}

// TestSetOfUnusualValues: set shows what a field really holds, changes it, and writes such values in its own notation.
func TestSetOfUnusualValues(t *testing.T) {
	u := newUnusual(t)
	if !u.store(u.unusualFields()) {
		t.Skip("the database does not store these values")
	}
	h, service := u.home(u.h.URL)
	for _, c := range []struct{ assignment, out string }{
		{"numlike:=1", "old numlike: {\"$fields\":[[\"$numberInt\", \"1\"]]}\nnew numlike: 1\n"},
		{`numlike:={"$fields":[["$numberInt","2"]]}`,
			"old numlike: 1\nnew numlike: {\"$fields\":[[\"$numberInt\", \"2\"]]}\n"},
		{`numlike:={"$fields":[["$numberInt","2"]]}`, "no change\n"},
		{"re=/b/i", "old re: /^a/\nnew re: /b/i\n"},
		{"text=plain", "old text: a⟨\\xff⟩\nnew text: plain\n"},
		{`usb-c 3\.1=false`, "old usb-c 3\\.1: true\nnew usb-c 3\\.1: false\n"},
		{`$new\.key=1`, "old $new\\.key: (absent)\nnew $new\\.key: 1\n"},
	} {
		if out := h.ok(append(service, "set", c.assignment)...); out != c.out {
			t.Errorf("set %s prints\n%s, want\n%s", c.assignment, out, c.out)
		}
	}
	h.ok(append(service, "unset", `usb-c 3\.1`, `$new\.key`, "twice")...)
	want := bson.D{{Key: "_id", Value: bson.ObjectID{9}}, {Key: "userId", Value: u.id}, {Key: "n", Value: 1},
		{Key: "numlike", Value: bson.D{{Key: "$numberInt", Value: "2"}}},
		{Key: "re", Value: bson.Regex{Pattern: "b", Options: "i"}},
		{Key: "text", Value: "plain"}}
	u.holds("the commands", model.ValueOf(want).Value)
}

// TestSetAtAServiceWithoutBSON: where only extended JSON is transferred, set says which field it cannot change, and
// why, and changes the others.
func TestSetAtAServiceWithoutBSON(t *testing.T) {
	u := newUnusual(t)
	if !u.store(u.unusualFields()) {
		t.Skip("the database does not store these values")
	}
	s := &service{t: t, URL: u.h.URL, App: u.h.AppID}
	h, service := u.home(s.foreign(nil))
	const cannot = "which the extended JSON of this service cannot represent"
	const notFound = "unchanged, but does not find this value; it may hold a value that the service's extended JSON " +
		"cannot represent"
	for assignment, want := range map[string]string{
		"twice.k=3": "field twice.k: this key occurs more than once, and an update cannot choose one " +
			"of them; set twice as a whole",
		`twice:={"k":1}`:   "field twice: it is read-only: twice.k holds a duplicate key, " + cannot,
		`usb-c 3\.1=false`: `an update cannot address the key "usb-c 3.1": it contains a dot`,
		`n:={"$fields":[["$oid","x"]]}`: "the change cannot be sent: n holds an object that looks like the notation $oid, " +
			cannot,
		"numlike:=2": "the service returns numlike " + notFound,
		"text=plain": "the service returns text " + notFound,
	} {
		if r := h.run("", append(service, "set", assignment)...); r.code == 0 || !strings.Contains(r.err, want) {
			t.Errorf("set %s: %+v, want %q", assignment, r, want)
		}
	}
	u.holds("refused changes", u.unusualFields())
	h.ok(append(service, "set", "n=2")...)
	want := strings.Replace(string(u.unusualFields()), "\x10n\x00\x01", "\x10n\x00\x02", 1)
	u.holds("a change elsewhere", bson.Raw(want))
}

// TestEditorOfUnusualFields: the editors of the screen change a field that no path can name, add one, remove one, and
// keep an object with duplicate keys as it is while another key of it changes.
func TestEditorOfUnusualFields(t *testing.T) {
	u := newUnusual(t)
	if !u.store(u.unusualFields()) {
		t.Skip("the database does not store these values")
	}
	see := func(ed *editor, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if view := ed.view(); !strings.Contains(view, text) {
				t.Errorf("%q is not shown:\n%s", text, view)
			}
		}
	}
	finish := func(ed *editor) {
		t.Helper()
		if ed.press("enter"); !ed.done {
			t.Errorf("the editor shows\n%s", ed.view())
		}
	}
	lookup := func(key string) bson.RawValue { v, _ := (model.Path{key}).Lookup(u.stored()); return v }

	ed := u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, model.Path{"usb-c 3.1"}) })
	ed.press("space", "ctrl+s", "space")
	see(ed, `"$setField"`, `"$literal": "usb-c 3.1"`, `"$getField"`)
	finish(ed)
	if v := lookup("usb-c 3.1"); model.Text(v) != "false" {
		t.Errorf("usb-c 3.1 is %s", model.JSON(v))
	}
	ed = u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, nil) })
	ed.press(strings.Split("$.x", "")...)
	ed.press("enter", "1", "ctrl+s")
	finish(ed)
	if v := lookup("$.x"); model.Text(v) != "1" {
		t.Errorf("$.x is %s", model.JSON(v))
	}
	ed = u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) {
		runOperation(c.Current, c.Current.Run(edit.RemoveFields([]model.Path{{"usb-c 3.1"}})))
		return edit.Review(c)
	})
	ed.press("space")
	see(ed, `"$unsetField"`)
	finish(ed)
	if v := lookup("usb-c 3.1"); !v.IsZero() {
		t.Errorf("usb-c 3.1 is %s", model.JSON(v))
	}
	ed = u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, model.Path{"numlike"}) })
	see(ed, `"$fields": [`, `["$numberInt", "1"]`)
	ed.press("up", "end", "left", "left", "backspace", "2", "ctrl+s")
	finish(ed)
	if v := lookup("numlike"); model.JSON(v) != `{"$fields":[["$numberInt", "2"]]}` {
		t.Errorf("numlike is %s", model.JSON(v))
	}
	ed = u.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Add(c, model.Path{"twice"}) })
	ed.press("y", "enter", "3", "ctrl+s")
	finish(ed)
	if v := lookup("twice"); model.JSON(v) != `{"$fields":[["k", 1], ["k", 2], ["y", "3"]]}` {
		t.Errorf("twice is %s", model.JSON(v))
	}
}

// TestDeleteOfEveryDocument: a document is deleted whatever it holds, unless it changed after it was read.
func TestDeleteOfEveryDocument(t *testing.T) {
	u := newUnusual(t)
	docs := everyDocument(u.id)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		if !u.store(docs[name]) {
			continue
		}
		check, err := u.user.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u.store(withOther(docs[name], 2))
		if out, err := u.user.DeleteDocument(t.Context(), check); err != nil || !out.Conflict {
			t.Errorf("%s: deleting a changed document: %+v, %v", name, out, err)
		}
		u.store(docs[name])
		if out, err := u.user.DeleteDocument(t.Context(), check); err != nil || !out.Saved || u.stored() != nil {
			t.Errorf("%s: deleting: %+v, %v", name, out, err)
		}
	}
}
