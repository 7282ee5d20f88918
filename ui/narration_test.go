package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// demo starts the story on a document with the fields that it is about.
func demo(t *testing.T, o uitest.Options) (*uitest.Driver, *uitest.User) {
	t.Helper()
	backend := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	backend.TokenLife = 30 * time.Second
	user := backend.Add("demo@example.com", "demo-password", bson.D{{Key: "favoriteColor", Value: "pink"},
		{Key: "displayName", Value: "Dana Moreau"}, {Key: "plan", Value: "family"},
		{Key: "loyaltyPoints", Value: int64(48_250)}, {Key: "address", Value: bson.D{{Key: "city", Value: "Lyon"}}}})
	o.Story = true
	return start(t, backend, o), user
}

// narration returns the line above the footer.
func narration(d *uitest.Driver) string {
	lines := strings.Split(d.Frame(), "\n")
	return strings.TrimSpace(lines[len(lines)-2])
}

func says(t *testing.T, d *uitest.Driver, text string) {
	t.Helper()
	if got := narration(d); !strings.Contains(got, text) {
		t.Fatalf("the story says %q, want %q\n%s", got, text, d.Frame())
	}
}

func stored(user *uitest.User, field string) string {
	v, _ := (model.Path{field}).Lookup(user.StoredDocument())
	return model.Text(v)
}

// TestTheStoryWithoutAKey: each claim of a round, in order, against the screen and the database.
func TestTheStoryWithoutAKey(t *testing.T) {
	d, user := demo(t, uitest.Options{Size: image.Pt(100, 30)})
	says(t, d, "favoriteColor and plan are the app's copy")
	d.Wait(5 * time.Second)
	says(t, d, "the database now says teal; the app still shows pink: press c")
	d.See("─ favoriteColor", "now teal", "pink")
	if got := stored(user, "favoriteColor"); got != "teal" {
		t.Errorf("the database says %s", got)
	}
	d.Wait(12 * time.Second)
	says(t, d, "the app shows pink until its copy expires and it makes a call: r renews it now")
	d.Wait(13500 * time.Millisecond)
	says(t, d, "the copy has expired; the app shows pink until its next call")
	d.See("now teal").Wait(3 * time.Second)
	says(t, d, "the app made a call, which renewed its copy: it shows teal now")
	d.DontSee("now teal").See("favoriteColor")
	d.Wait(9 * time.Second)
	says(t, d, "now you: e edits plan")
	d.See("─ plan")
	d.Wait(12 * time.Second)
	says(t, d, "that is the story of one field: ? lists all keys")
	d.Wait(15 * time.Second) // the second round has begun: the whole story takes less than 90 s
	says(t, d, "the database now says plus; the app still shows family")
	d.See("─ plan")
	d.Wait(62 * time.Second)
	says(t, d, "the database now says 48500; the app still shows 48250")
}

func TestTheNamedKeyBeginsTheNextStepAtOnce(t *testing.T) {
	d, _ := demo(t, uitest.Options{Size: image.Pt(100, 30)})
	d.Wait(5 * time.Second).Press("c")
	says(t, d, "the app's copy beside the database, field by field: esc closes")
	d.Wait(time.Minute) // a dialog is not closed by the story
	says(t, d, "the app's copy beside the database")
	d.Press("esc").Wait(time.Second)
	says(t, d, "the copy has expired; the app shows pink until its next call")
	d, user := demo(t, uitest.Options{Size: image.Pt(100, 30)})
	d.Wait(17 * time.Second)
	says(t, d, "r renews it now")
	d.Press("r").Wait(time.Second)
	says(t, d, "the copy was renewed: the app shows teal now")
	d.Wait(7 * time.Second)
	says(t, d, "e edits plan")
	d.Press("e").Wait(time.Second)
	if got := stored(user, "plan"); got != "family" {
		t.Errorf("the app wrote %s before the user could type", got)
	}
	d.Wait(2 * time.Second)
	says(t, d, "meanwhile the app wrote plus: go on, nothing is overwritten unseen")
	if got := stored(user, "plan"); got != "plus" {
		t.Errorf("the database says %s", got)
	}
	d.Press("esc")
	d.Wait(time.Second)
	says(t, d, "that is the story of one field: ? lists all keys")
}

// TestAnotherKeyStopsTheNarration: the app goes on, the cursor is the user's, S continues the story.
func TestAnotherKeyStopsTheNarration(t *testing.T) {
	for _, interrupt := range []func(*uitest.Driver){
		func(d *uitest.Driver) { d.Press("end") },
		func(d *uitest.Driver) { d.ClickOn("displayName") },
	} {
		d, user := demo(t, uitest.Options{Size: image.Pt(100, 30)})
		d.Wait(5 * time.Second)
		interrupt(d)
		says(t, d, "the story waits, the app goes on: S continues the story")
		before := string(user.StoredDocument())
		d.Press("home").Wait(61 * time.Second).See("─ _id")
		if string(user.StoredDocument()) == before {
			t.Error("the app did not go on")
		}
		says(t, d, "the story waits")
		d.Press("S")
		says(t, d, "are the app's copy")
		d.Press("S")
		says(t, d, "the story waits")
	}
}

// TestTheStoryTakesActionsFromThePaletteAndTheFooter: an action counts as its key, however it is chosen.
func TestTheStoryTakesActionsFromThePaletteAndTheFooter(t *testing.T) {
	for name, compare := range map[string]func(*uitest.Driver){
		"palette": func(d *uitest.Driver) { d.Press("ctrl+k").Type("compare").Press("enter") },
		"footer":  func(d *uitest.Driver) { d.ClickOn("c compare") },
	} {
		d, _ := demo(t, uitest.Options{Size: image.Pt(100, 30)})
		d.Wait(5 * time.Second)
		says(t, d, "press c")
		compare(d)
		if got := narration(d); !strings.Contains(got, "field by field: esc closes") {
			t.Errorf("%s: the story says %q", name, got)
		}
	}
	d, _ := demo(t, uitest.Options{Size: image.Pt(100, 30)})
	d.Wait(5*time.Second).Press("end", "ctrl+k").Type("story").Press("enter").Wait(time.Second)
	says(t, d, "are the app's copy")
	d.Press("ctrl+k").Type("story").Press("enter")
	says(t, d, "the story waits")
}

func TestTheNarrationMasksValuesAndKeepsTheKeyInSight(t *testing.T) {
	d, _ := demo(t, uitest.Options{Size: image.Pt(44, 20)})
	d.Wait(5 * time.Second)
	says(t, d, "c")
	if line := narration(d); !strings.HasSuffix(line, "c") {
		t.Errorf("the key is cut: %q", line)
	}
	d, _ = demo(t, uitest.Options{Size: image.Pt(100, 30), Style: style.Options{ASCII: true}})
	d.Press("m", "S").Wait(5*time.Second).DontSee("teal", "pink")
	says(t, d, "the database now says *****; the app still shows *****: press c")
}

func TestWithoutTheDemoThereIsNoStory(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{})
	d.Press("S").See("dossier --demo tells a story")
}

// TestAQuickUserMeetsNoConflict: who accepts an edit before the app writes goes on to the review of the draft.
func TestAQuickUserMeetsNoConflict(t *testing.T) {
	d, user := demo(t, uitest.Options{Size: image.Pt(100, 30)})
	d.Wait(17*time.Second).Press("r").Wait(8*time.Second).Press("e", "ctrl+u").Type("studio").Press("enter")
	d.Wait(time.Second)
	says(t, d, "only the draft has changed: ctrl+s shows exactly what a save would do")
	d.Press("ctrl+s").Wait(time.Second).Press("enter").Wait(time.Second)
	says(t, d, "that is the story of one field: ? lists all keys")
	if got := stored(user, "plan"); got != "studio" {
		t.Errorf("the database says %s", got)
	}
}
