package client_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
	"dossier/model/testdocument"
)

// roundTrip is a document in the database of a whole service, and a user who edits it.
type roundTrip struct {
	h    *backendtest.Harness
	user *client.User
}

func startRoundTrip(t testing.TB) roundTrip {
	t.Helper()
	h := backendtest.Start(t)
	h.CreateUser(t, "ann@example.com", "correct horse", bson.D{})
	sdk := client.New(client.Options{BaseURL: h.URL, AppID: h.AppID, Now: h.Clock.Now, Timeout: time.Minute})
	user, err := sdk.SignIn(t.Context(), passwordCredential("ann@example.com", "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	return roundTrip{h, user}
}

// replace replaces the fields of the document in the database, and returns it as it is stored.
func (r roundTrip) replace(t testing.TB, fields bson.D) bson.Raw {
	t.Helper()
	filter := bson.D{{Key: "userId", Value: r.user.ID()}}
	if _, err := r.h.CustomData().DeleteOne(t.Context(), filter); err != nil {
		t.Fatal(err)
	}
	r.h.InsertCustomData(t, r.user.ID(), fields)
	return r.stored(t)
}

// stored reads the document from the database, beside the service.
func (r roundTrip) stored(t testing.TB) bson.Raw {
	t.Helper()
	doc, err := r.h.CustomData().FindOne(t.Context(), bson.D{{Key: "userId", Value: r.user.ID()}}, store.Find{})
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(doc)
}

// open returns a draft of the document as the service sends it.
func (r roundTrip) open(t testing.TB) *model.Draft {
	t.Helper()
	check, err := r.user.Check(t.Context())
	if err != nil || !check.Exact {
		t.Fatalf("exact %v, %v", check.Exact, err)
	}
	return model.NewDraft(check.Document, check.Owner("userId", r.user.ID()))
}

func (r roundTrip) save(t testing.TB, d *model.Draft) {
	t.Helper()
	update, err := d.Update()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.user.Save(t.Context(), update); err != nil || !got.Saved && !got.AlreadyDone {
		t.Fatalf("save %v: %+v, %v", update, got, err)
	}
}

// otherBytes explains which bytes differ between two documents besides the field at a path; empty: none. The field may
// have any value, or be absent in either. It compares elements byte for byte, and knows nothing of drafts.
func otherBytes(old, now []byte, path model.Path, inArray bool) string {
	a, errA := bson.Raw(old).Elements()
	b, errB := bson.Raw(now).Elements()
	if errA != nil || errB != nil {
		return fmt.Sprintf("not valid: %v, %v", errA, errB)
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		onPath := i < len(a) && a[i].Key() == path[0] || i == len(a) && b[j].Key() == path[0]
		present := j < len(b) && (b[j].Key() == path[0])
		switch {
		case onPath && inArray && len(path) == 1 && len(b) < len(a): // removed: the others move up
			i++
		case onPath && present && len(path) > 1 && i < len(a) && a[i].Value().Type == b[j].Value().Type:
			isArray := a[i].Value().Type == bson.TypeArray
			if diff := otherBytes(a[i].Value().Value, b[j].Value().Value, path[1:], isArray); diff != "" {
				return diff
			}
			i, j = i+1, j+1
		case onPath && present:
			i, j = min(i+1, len(a)), j+1
		case onPath:
			i++
		case i == len(a) || j == len(b):
			return fmt.Sprintf("%d and %d elements beside %s", len(a), len(b), path)
		case !inArray && !bytes.Equal(a[i], b[j]) || !bytes.Equal(a[i].Value().Value, b[j].Value().Value):
			return fmt.Sprintf("%s became %s", a[i], b[j])
		default:
			i, j = i+1, j+1
		}
	}
	return ""
}

// paths returns the paths of the fields of a document at every depth.
func paths(doc []byte, at model.Path) (list []model.Path) {
	elements, _ := bson.Raw(doc).Elements()
	for _, e := range elements {
		p := at.Child(e.Key())
		if len(at) > 0 || e.Key() != "_id" && e.Key() != "userId" {
			list = append(list, p)
		}
		if v := e.Value(); v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray {
			list = append(list, paths(v.Value, p)...)
		}
	}
	return list
}

// check edits one field, saves it and compares all other bytes.
func (r roundTrip) check(t testing.TB, before bson.Raw, edit model.Edit) {
	t.Helper()
	d := r.open(t)
	if !bytes.Equal(d.Base(), before) {
		t.Fatalf("the service sent %s, the database has %s", d.Base(), before)
	}
	var err error
	if edit.Unset {
		err = d.Unset(edit.Path)
	} else {
		err = d.Set(edit.Path, edit.Value)
	}
	if err != nil || d.Empty() { // a refused edit says why; the same value is no edit
		return
	}
	r.save(t, d)
	after := r.stored(t)
	if diff := otherBytes(before, after, edit.Path, false); diff != "" {
		t.Errorf("%s (unset %v): %s\nbefore %s\nafter  %s", edit.Path, edit.Unset, diff, before, after)
	}
	got, present := edit.Path.Lookup(after)
	inArray := false
	if parent, ok := edit.Path.Parent().Lookup(before); ok {
		inArray = parent.Type == bson.TypeArray
	}
	if !inArray && present == edit.Unset || present && !edit.Unset && !model.Identical(got, edit.Value) {
		t.Errorf("%s is %s, want %s (unset %v)", edit.Path, got, edit.Value, edit.Unset)
	}
}

// TestEveryTypeSurvivesAnEdit edits each field of a document of all types: the other bytes stay.
func TestEveryTypeSurvivesAnEdit(t *testing.T) {
	r := startRoundTrip(t)
	for _, f := range testdocument.EveryType() {
		before := r.replace(t, testdocument.EveryType())
		r.check(t, before, model.Edit{Path: model.Path{f.Key}, Value: model.ValueOf("edited")})
		r.check(t, r.stored(t), model.Edit{Path: model.Path{f.Key}, Value: model.ValueOf(bson.D{{Key: "v", Value: f.Value}})})
		r.check(t, r.stored(t), model.Edit{Path: model.Path{f.Key}, Unset: true})
	}
}

// FuzzRoundTrip edits one field of a random document: the other bytes stay.
func FuzzRoundTrip(f *testing.F) {
	r := startRoundTrip(f)
	for seed := range uint64(150) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		before := r.replace(t, testdocument.Random(random, 3))
		all := paths(before, nil)
		if len(all) == 0 {
			return
		}
		asText := r.open(t)
		written := model.IndentJSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: before})
		if typed, err := model.ParseDocumentOver(written, before); err != nil || asText.Replace(typed) != nil ||
			!asText.Empty() {
			t.Errorf("the text of the document reads back as %s, %v; before %s", typed, err, before)
		}
		value := model.ValueOf(testdocument.Random(random, 1)[0].Value)
		edit := model.Edit{Path: all[random.IntN(len(all))], Value: value}
		switch random.IntN(4) {
		case 0:
			edit = model.Edit{Path: edit.Path, Unset: true}
		case 1:
			edit.Path = edit.Path.Parent().Child("added by the test")
		}
		r.check(t, before, edit)
	})
}

// TestTheLargestDocumentIsEdited: a document of 16 MiB less one byte is edited, and an edit that makes it larger than
// 16 MiB is refused before it is sent, with the size.
func TestTheLargestDocumentIsEdited(t *testing.T) {
	r := startRoundTrip(t)
	const limit = 16 << 20
	fields := bson.D{{Key: "color", Value: "pink"}, {Key: "text", Value: ""}}
	empty := r.replace(t, fields)
	fields[1].Value = strings.Repeat("x", limit-1-len(empty))
	before := r.replace(t, fields)
	if len(before) != limit-1 {
		t.Fatalf("%d bytes", len(before))
	}
	r.check(t, before, model.Edit{Path: model.Path{"color"}, Value: model.ValueOf("teal")})
	r.check(t, r.stored(t), model.Edit{Path: model.Path{"color"}, Value: model.ValueOf("green")})
	if got := r.stored(t); len(got) != limit {
		t.Fatalf("%d bytes", len(got))
	}
	d := r.open(t)
	if err := d.Set(model.Path{"color"}, model.ValueOf("purple")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Update(); err == nil || !strings.Contains(err.Error(), "16777217 bytes") {
		t.Errorf("got %v", err)
	}
}
