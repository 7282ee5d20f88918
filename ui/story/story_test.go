package story_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/state"
	"dossier/ui/story"
)

var start = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// scene is the screen some time after the start: a token that lives 30 seconds, and the app's copy of two fields.
func scene(t *testing.T, after time.Duration, edit func(*state.State)) story.Scene {
	t.Helper()
	doc, err := bson.Marshal(bson.D{{Key: "favoriteColor", Value: "pink"}, {Key: "plan", Value: "family"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &state.State{HasUser: true, Account: model.Account{ID: "ada"}}
	s.Session.Snapshot = model.Snapshot{CustomData: doc, IssuedAt: start, ExpiresAt: start.Add(30 * time.Second)}
	if edit != nil {
		edit(s)
	}
	return story.Scene{Now: start.Add(after), State: s}
}

// outdated makes favoriteColor teal in the database.
func outdated(s *state.State) {
	s.Outdated = []model.Change{{Kind: model.Changed, Path: model.Path{"favoriteColor"},
		Old: model.ValueOf("pink"), New: model.ValueOf("teal")}}
}

func line(n *story.Narrator, s story.Scene) string {
	before, key, after := n.Line(s.State)
	return model.Concat(before, key, after).String()
}

// TestTheNarratorWaits: the table has what the user does after the first change, and the line that follows.
func TestTheNarratorWaits(t *testing.T) {
	const waits = "the story waits, the app goes on: S continues the story"
	for name, c := range map[string]struct {
		action keys.Action
		want   string
	}{
		"another action": {keys.EditField, waits},
		"a click":        {"", waits},
		"the story's":    {keys.Story, waits},
		"the palette":    {keys.OpenPalette, "the database now says teal; the app still shows pink: press c"},
		"the named one":  {keys.CompareTokens, "the app shows pink until its copy expires and it makes a call: r renews it now"},
	} {
		n := story.New(keys.Default(), nil)
		n.Advance(scene(t, 0, nil))
		written := n.Advance(scene(t, 3*time.Second, nil)).Write
		if len(written) != 1 || written[0].Key != "favoriteColor" {
			t.Fatalf("%s: the app writes %v", name, written)
		}
		n.Written(nil, start.Add(3*time.Second))
		n.Advance(scene(t, 4*time.Second, outdated))
		n.Pressed(c.action, start.Add(5*time.Second))
		s := scene(t, 6*time.Second, outdated)
		n.Advance(s)
		if got := line(n, s); got != c.want {
			t.Errorf("%s: the line is %q, want %q", name, got, c.want)
		}
	}
}

// TestTheAppGoesOn: while the narration waits the app writes now and then, and calls once the token has expired.
func TestTheAppGoesOn(t *testing.T) {
	n := story.New(keys.Default(), nil)
	n.Advance(scene(t, 0, nil))
	n.Pressed(keys.EditField, start)
	if e := n.Advance(scene(t, 10*time.Second, nil)); e.Write != nil || e.Call {
		t.Errorf("after 10 s: %+v", e)
	}
	if e := n.Advance(scene(t, 26*time.Second, nil)); e.Write == nil || e.Call {
		t.Errorf("after 26 s: %+v", e)
	}
	if e := n.Advance(scene(t, 52*time.Second, nil)); e.Write != nil || !e.Call {
		t.Errorf("after 52 s: %+v", e)
	}
	if n.Next().IsZero() {
		t.Error("nothing is planned")
	}
}
