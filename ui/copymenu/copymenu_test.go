package copymenu_test

import (
	"context"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
	"dossier/ui/uitest"
)

func startScreen(t *testing.T) (*uitest.Driver, *uitest.User) {
	t.Helper()
	w, p := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 32)})
	t.Cleanup(d.Close)
	return d, p
}

func TestTwoKeysCopyAValueInAFormat(t *testing.T) {
	for letter, want := range map[string]string{
		"e": `{"$date":"1990-07-02T00:00:00.000Z"}`, "c": `{"$date":{"$numberLong":"646876800000"}}`,
		"j": `"1990-07-02T00:00:00.000Z"`, "m": `ISODate("1990-07-02T00:00:00.000Z")`, "t": "1990-07-02T00:00:00.000Z",
		"k": "dateOfBirth", "p": "dateOfBirth",
		"u": "db.getSiblingDB(\"app\").getCollection(\"custom_user_data\").updateOne(\n  {\n    userId: " +
			"\"5f1f216e82df4a7979f9da95\",\n    _id: ObjectId(\"5f233a3a0200000000000000\")\n  },\n  {\n    $set: {\n" +
			"      dateOfBirth: ISODate(\"1990-07-02T00:00:00.000Z\")\n    }\n  }\n)",
	} {
		d, _ := startScreen(t)
		d.Press("r", "c", "esc", "down", "down", "down", "down", "down", "C").See("copy as", "extended JSON", "mongosh")
		if d.Press(letter); len(d.Copied) != 1 || d.Copied[0] != want {
			t.Errorf("%s copied %q, want %q", letter, d.Copied, want)
		}
		d.DontSee("copy as")
	}
}

func TestThePreviewShowsWhatIsLost(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("down", "down", "down", "C").See(`"pink"`, "6 bytes", "v value", "d document").DontSee("does not keep")
	d.Press("r").See(`"favoriteColor": "pink"`).Press("d").See(`"description": "a test document`, "856 bytes")
	d.Press("down", "down").See("does not keep the types objectId, date, long").Press("down").See("ObjectId(",
		"ISODate").DontSee("does not keep")
	d.Press("s").See("nothing is selected: x selects fields").Press("D").See("no unsaved change is kept").Press("enter")
	if len(d.Copied) != 1 || !strings.Contains(d.Copied[0], `storageUsed: NumberLong("7516192768")`) {
		t.Errorf("copied %q", d.Copied)
	}
}

func TestSelectedFields(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("down", "down", "down", "x", "x", "C").See("selection", `"favoriteColor": "pink"`, `"language": "en"`)
	d.Press("m", "C", "p", "C", "u")
	if len(d.Copied) != 3 || d.Copied[0] != "{\n  favoriteColor: \"pink\",\n  language: \"en\"\n}" ||
		d.Copied[1] != "favoriteColor\nlanguage" || !strings.Contains(d.Copied[2], `language: "en"`) {
		t.Errorf("copied %q", d.Copied)
	}
}

func TestTheDraftIsCopiedAsTheUpdateThatSavesIt(t *testing.T) {
	w, p := uitest.Demo()
	draft := model.NewDraft(p.StoredDocument(), model.Owner{UserIDField: "userId", UserID: model.ValueOf(p.ID())})
	if err := draft.Set(model.Path{"favoriteColor"}, model.ValueOf("teal")); err != nil {
		t.Fatal(err)
	}
	if err := w.Save(p.Account().ID, draft); err != nil {
		t.Fatal(err)
	}
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 40)})
	defer d.Close()
	d.Press("down", "C", "D").See("$set", `favoriteColor: "teal"`).Press("enter")
	if len(d.Copied) != 1 || !strings.Contains(d.Copied[0], `$eq: "pink"`) {
		t.Errorf("copied %q", d.Copied)
	}
}

func TestExportToAFile(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("down", "down", "down", "C", "d", "w").See("write to a file", "~/document.json",
		"the document as extended JSON")
	d.Press("enter").See("wrote", "~/document.json").DontSee("copy as")
	doc, err := model.ParseDocument(d.Files.Read("~/document.json"))
	if v, ok := (model.Path{"favoriteColor"}).Lookup(doc); err != nil || !ok || v.StringValue() != "pink" {
		t.Errorf("the file has %s, %v", d.Files.Read("~/document.json"), err)
	}
	d.Press("C", "w", "ctrl+u").Type("~/doc").See("document.json").Press("tab").See("~/document.json")
	d.Press("enter").See("exists. enter replaces it").Press("esc").See("write to a file").Press("enter", "enter")
	d.See("wrote 7 bytes to ~/document.json")
	if got := d.Files.Read("~/document.json"); got != "\"pink\"\n" {
		t.Errorf("the file has %q", got)
	}
	d.Press("C", "w", "ctrl+u").Type("/missing/x").Press("enter").See("write /missing/x: no such file").Press("esc").
		See("copy as").Press("esc").DontSee("copy as")
}

func TestMasked(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("m", "C").See("masked: press m").DontSee("copy as")
}

// TestLargeDocuments: the text is written outside the event loop; what terminals do not take goes into a file.
func TestLargeDocuments(t *testing.T) {
	d, p := startScreen(t)
	fields := testdocument.ManyFields(1 << 20)
	p.SetDocument(uitest.Document(append(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: p.ID()}}, fields...)))
	d.Press("r").Wait(time.Second).Press("C", "d").See("MB", "record000000")
	d.Press("m").See("too large to copy", "w writes it to a file").Press("w", "enter")
	if text := d.Files.Read("~/document.js"); len(text) < 1<<20 || len(d.Copied) > 0 {
		t.Errorf("the file has %d bytes, copied %d texts", len(text), len(d.Copied))
	}

	w, p := uitest.Demo()
	taken := ""
	d = uitest.Start(t, w, uitest.Options{Clipboard: func(_ context.Context,
		text string) error {
		taken = text
		return nil
	}})
	defer d.Close()
	p.SetDocument(uitest.Document(append(bson.D{{Key: "_id", Value: 1}, {Key: "userId", Value: p.ID()}}, fields...)))
	if d.Press("r", "C", "d", "enter").See("copied the document as extended JSON"); len(taken) < 1<<20 {
		t.Errorf("copied %d bytes", len(taken))
	}
}

func TestALongValueIsNotSentToTheTerminal(t *testing.T) {
	d, p := startScreen(t)
	p.SetDocument(uitest.Document(bson.D{{Key: "bio", Value: strings.Repeat("long ", 20_000)}}))
	d.Press("r").Wait(time.Second).Press("home", "y").See("not copied", "100 kB", "OSC 52")
	if len(d.Copied) > 0 {
		t.Errorf("sent %d bytes", len(d.Copied[0]))
	}
}

func TestEverySize(t *testing.T) {
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}} {
		w, p := uitest.Demo()
		p.ChangeField("evil", "\x1b[31m\u202e"+strings.Repeat("long ", 100))
		d := uitest.Start(t, w, uitest.Options{Size: size})
		for _, k := range []string{"r", "end", "C", "down", "down", "d", "r", "end", "p", "C", "w", "x", "esc", "tab", "u"} {
			d.Press(k)
			for line := range strings.SplitSeq(d.ANSI(), "\n") {
				if ansi.StringWidthWc(line) > size.X {
					t.Fatalf("%v after %s: %d cells", size, k, ansi.StringWidthWc(line))
				}
			}
			if strings.Contains(d.Frame(), "\u202e") {
				t.Fatalf("%v after %s: a bidi control is visible", size, k)
			}
		}
		d.Close()
	}
}
