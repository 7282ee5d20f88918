package ui_test

import (
	"image"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/nav"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// footer returns the last line of the screen.
func footer(d *uitest.Driver) string {
	lines := strings.Split(strings.TrimRight(d.Frame(), "\n"), "\n")
	return lines[len(lines)-1]
}

// clickHint clicks a hint of the footer in its middle.
func clickHint(t *testing.T, d *uitest.Driver, hint string) *uitest.Driver {
	t.Helper()
	line := footer(d)
	i := strings.Index(line, hint)
	if i < 0 {
		t.Fatalf("the footer has no %q: %q", hint, line)
	}
	return d.Click(ansi.StringWidthWc(line[:i])+len(hint)/2, strings.Count(d.Frame(), "\n"))
}

// A click on a hint does what its key does, in the topmost dialog, also while a text input has the focus.
func TestAClickOnAHintRunsIt(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("down", "down", "down")
	clickHint(t, d, "e edit").See("› pink", "enter accept")
	d.Type("er")
	clickHint(t, d, "ctrl+s review").See("─ review", "enter save")
	clickHint(t, d, "esc back").See("✎  favoriteColor  pinker")
	clickHint(t, d, "? help").See("─ help")
	clickHint(t, d, "esc close").DontSee("─ help")
	clickHint(t, d, "/ find").Type("lang").See("1 of 1")
	clickHint(t, d, "enter stay at match").See("─ language")
	d.Press("s", "d")
	clickHint(t, d, "esc cancel")
	if d.Press("esc").See("current"); !user.Session().SignedIn {
		t.Error("a click on cancel signed out")
	}
	d.Click(139, 43).See("─ language")
}

// The footer belongs to what asks: a click elsewhere in it does nothing.
func TestTheFooterIsThatOfTheQuestion(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"s", "d"}, "enter sign out  esc cancel  ? help"},
		{[]string{"esc", "esc", "down", "down", "down", "d", "ctrl+s", "D"}, "d discard  esc keep the draft"},
	} {
		d.Press(c.keys...)
		if got := strings.TrimSpace(footer(d)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %q, want %q", c.keys, got, c.want)
		}
	}
}

// Hints that do not fit are left out whole, and help stays.
func TestHintsAreLeftOutWhole(t *testing.T) {
	gap := regexp.MustCompile(`\s{2,}`)
	for _, open := range [][]string{nil, {"tab"}, {"s"}, {"?"}, {"down", "e", "enter"}, {"ctrl+c"}} {
		backend, _ := uitest.Demo()
		d := start(t, backend, uitest.Options{Size: image.Pt(220, 24)}).Press(open...)
		all := gap.Split(strings.TrimSpace(footer(d)), -1)
		for width := 40; width < 140; width += 3 {
			d.Resize(width, 24)
			got := gap.Split(strings.TrimSpace(footer(d)), -1)
			for _, hint := range got {
				if !slices.Contains(all, hint) {
					t.Errorf("%v, %d columns: %q is not one of %q", open, width, hint, all)
				}
			}
			if slices.Contains(all, "? help") && !slices.Contains(got, "? help") {
				t.Errorf("%v, %d columns: no help in %q", open, width, got)
			}
		}
	}
}

// A notice has lines of its own: the selected row, a text input and the end of a dialog stay visible.
func TestNoticesCoverNothing(t *testing.T) {
	notice := nav.Notify{Text: state.Public("something happened"), Success: true}
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {100, 30}, {140, 44}, {200, 60}} {
		backend, _ := uitest.Demo()
		d := start(t, backend, uitest.Options{Size: size}).Press("end")
		d.See("bio").Send(notice).See("  bio", "something happened", "? help")
		fits(t, d, size)
		d.Wait(10*time.Second).DontSee("✓ something happened").Press("?").Send(notice).See("✓ something happened", "╰")
		d.Press("esc", "E").Send(notice).See("✓ something happened", "╰", "ctrl+s review")
		d.Wait(10 * time.Second).DontSee("✓ something happened").See("ctrl+s review")
	}
}

// A notice that is too long is cut, and whole in the activity.
func TestALongNoticeIsInTheActivity(t *testing.T) {
	backend, user := uitest.Demo()
	field := strings.Repeat("long", 15)
	user.ChangeField(field, 1)
	d := start(t, backend, uitest.Options{Size: image.Pt(60, 18)})
	d.Press("r", "end", "Y").See("sent to the terminal: the path longlong", "…").Press("tab", "tab")
	if got := strings.Count(d.Frame(), "long"); got < 15 {
		t.Errorf("the activity has %d of 15 parts of the notice\n%s", got, d.Frame())
	}
}

// The notice about a kept draft is wrong when the draft is saved.
func TestTheNoticeOfAKeptDraftVanishesWithIt(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(80, 24)})
	d.Press("down", "down", "down", "e", "ctrl+u").Type("purple").Press("enter").Wait(2 * time.Second)
	again := start(t, backend, uitest.Options{Size: image.Pt(80, 24)}).See("an unsaved change from")
	again.Press("ctrl+s", "enter").See("✓ favoriteColor: pink → purple").DontSee("an unsaved change from")
	again.Wait(10*time.Second).Press("down", "down", "e").Type("x").Press("enter").See("kept in the draft")
	again.Press("ctrl+s", "enter").DontSee("kept in the draft")
}

// Below a dialog everything is dimmed, in every look.
func TestEverythingBelowADialogIsDimmed(t *testing.T) {
	for name, look := range map[string]style.Options{
		"colour": {}, "no colour": {NoColor: true}, "ascii": {ASCII: true},
	} {
		dim := style.New(themes.Default(), true, look).Dimmed
		for _, open := range [][]string{{"s"}, {"end", "e", "ctrl+t"}, {"c", "?"}} {
			backend, _ := uitest.Demo()
			d := start(t, backend, uitest.Options{Size: image.Pt(110, 30), Style: look}).Press(open...)
			lines := strings.Split(d.ANSI(), "\n")
			if header := ansi.Strip(lines[0]); lines[0] != dim.Render(header) || !strings.Contains(header, "demo@example.com") {
				t.Errorf("%s, %v: the header is %q", name, open, lines[0])
			}
			for i, line := range lines[:len(lines)-1] {
				if before := strings.TrimPrefix(line, strings.TrimSuffix(dim.Render("x"), "x\x1b[m")); before == line {
					t.Errorf("%s, %v: line %d is not dimmed: %q", name, open, i, line)
				}
			}
		}
	}
}

// Where not all hints fit, those that outdated fields call for stay; tab is named where there is space.
func TestOutdatedFieldsOrderTheHints(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(64, 20)})
	d.See("/ find").DontSee("c compare", "tab next pane")
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).See("e edit", "r refresh", "c compare", "? help", "q quit").Resize(100, 30)
	if got := footer(d); !strings.Contains(got, "/ find") || !strings.Contains(got, "tab next pane") {
		t.Errorf("hints are missing in %q", got)
	}
}
