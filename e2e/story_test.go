package e2e_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dossier/program"
)

// TestTheDemoTellsItsStory runs dossier --demo --script in fake time: a round of the story on the real service and the
// embedded database. Under each line of the narration is the field's row as it is on the screen.
func TestTheDemoTellsItsStory(t *testing.T) {
	dir := t.TempDir()
	var out, errs strings.Builder
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		code := program.Run(t.Context(), dependencies(dir, nil, strings.NewReader(""), &out, &errs),
			[]string{"--demo", "--script"})
		if took := time.Since(began); code != 0 || errs.Len() > 0 || took > 90*time.Second {
			t.Errorf("exit code %d after %s\n%s", code, took, errs.String())
		}
		time.Sleep(time.Minute) // the driver closes idle connections after a while
	})
	told := out.String()
	for _, line := range []string{
		` 0:0[0-4] +app +writes favoriteColor = teal into the database`,
		` 0:0[0-5] +screen +the database now says teal; the app still shows pink: press c`,
		` +≠ *favoriteColor +pink.* now teal`,
		` +user +presses c`,
		` +screen +the app's copy beside the database, field by field: esc closes`,
		` +screen +the app shows pink until its copy expires and it makes a call: r renews it now`,
		` 0:3[0-9] +app +calls the service`,
		` +screen +the app made a call, which renewed its copy: it shows teal now`,
		` +favoriteColor +teal`,
		` +screen +now you: e edits plan`,
		` +plan +family`,
		` +app +writes plan = plus into the database`,
		` +screen +meanwhile the app wrote plus: go on, nothing is overwritten unseen`,
		` +screen +only the draft has changed: ctrl\+s shows`,
		` +screen +both changed plan, so nothing was written: choose yours, theirs or a third value`,
		` +user +in the dialog conflict: .*`,
		` +screen +the review of what you chose: enter saves it`,
		` +user +in the dialog review: enter`,
		` +screen +that is the story of one field: \? lists all keys`,
	} {
		found := regexp.MustCompile(line).FindStringIndex(told)
		if found == nil {
			t.Fatalf("%q does not follow; the whole story:\n%s", line, out.String())
		}
		told = told[found[1]:]
	}
	if r := newHome(t).run("", "--script"); r.code != 2 || !strings.Contains(r.err, "--demo") {
		t.Errorf("--script without --demo: %+v", r)
	}
}
