package apikeys_test

import (
	"context"
	"errors"
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/uitest"
)

func startScreen(t *testing.T) (*uitest.Driver, *uitest.User) {
	t.Helper()
	w, p := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30)})
	t.Cleanup(d.Close)
	return d, p
}

func TestCreateDisableDelete(t *testing.T) {
	d, p := startScreen(t)
	d.Press("A").See("API keys", "No API keys", "a create").Press("a").See("The key is shown once").Press("enter").
		See("the name of the key is missing").Type("build").Press("enter").See(`The API key "build" was created`,
		"secret-of-build", "y copy")
	d.Press("y").See("Sent to the clipboard; paste it")
	if len(d.Copied) != 1 || d.Copied[0] != "secret-of-build" {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("esc").See("sent to the terminal, which may have ignored it").Press("d").
		See("build", "6a1f21…9c000", "enabled", "created 14 Mar 2026").DontSee("secret-of")
	d.Press("space").See("disabled the API key build", "disabled  created")
	if keys, _ := p.APIKeys(t.Context()); !keys[0].Disabled {
		t.Errorf("keys %+v", keys)
	}
	d.Press("space").See("enabled   created").Press("a").Type("build").Press("enter").See("name already exists", "› build")
	d.Press("esc", "d").See(`Delete the API key "build"?`, "enter delete  esc keep").Press("esc").DontSee("Delete the").
		Press("d", "enter").See("deleted the API key build", "No API keys").Press("esc").DontSee("No API keys")
	for _, pane := range []string{"tab", "tab", "tab"} {
		d.Press(pane).DontSee("secret-of")
	}
}

// A key that was not copied is not closed without a question; quitting asks, too.
func TestAKeyIsNotLostByOneKeyPress(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("A", "a").Type("one").Press("enter", "esc").See("not copied and cannot be shown again", "secret-of-one",
		"d close, never see it again  y copy", "esc back").Press("esc").DontSee("cannot be shown again")
	d.Press("ctrl+c").See("quit", "stay").Press("enter").See("secret-of-one").Press("esc", "d").See("6a1f21").
		DontSee("secret-of-one")
	d.Press("a").Type("two").Press("enter")
	for range 9 { // enter repeats
		d.See("secret-of-two").Press("enter")
	}
	d.See("secret-of-two", "cannot be shown again")
}

// TestOnlyTheSystemsClipboardTakesAKey: a key that the clipboard did not take is not closed without a question.
func TestOnlyTheSystemsClipboardTakesAKey(t *testing.T) {
	var taken string
	var answer error
	w, _ := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30), Clipboard: func(_ context.Context, text string) error {
		taken = text
		return answer
	}})
	defer d.Close()
	d.Press("A", "a").Type("one").Press("enter", "y").See("copied the API key", "Copied.")
	if taken != "secret-of-one" {
		t.Errorf("the clipboard has %q", taken)
	}
	d.Press("enter").See("6a1f21").DontSee("secret-of-one")
	answer = errors.New("cannot open display")
	d.Press("a").Type("two").Press("enter", "y").See("sent to the terminal").Press("enter").See("secret-of-two",
		"may have ignored it")
}

// TestAChangeWhoseListCannotBeRead: the change is reported as made, and no list of before is shown.
func TestAChangeWhoseListCannotBeRead(t *testing.T) {
	d, p := startScreen(t)
	if _, _, err := p.CreateAPIKey(t.Context(), "build"); err != nil {
		t.Fatal(err)
	}
	d.Press("A").See("6a1f21")
	p.SetAPIKeysUnreadable(true)
	d.Press("d", "enter").See("deleted the API key build", "the change was made, the list could not be read",
		"r reads the keys again").DontSee("6a1f21")
	p.SetAPIKeysUnreadable(false)
	d.Press("r").See("No API keys")
}

// TestStoppingARead says nothing of a change.
func TestStoppingARead(t *testing.T) {
	d, p := startScreen(t)
	if _, _, err := p.CreateAPIKey(t.Context(), "build"); err != nil {
		t.Fatal(err)
	}
	d.Press("A").See("6a1f21")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("r").See("reading the keys").Press("esc").See("6a1f21").DontSee("reading the keys", "may not have been made")
	d.Release()
	d.Backend.SetFailure(uitest.Slow)
	d.Press("space").See("disabling build").Press("esc").See("may or may not have been made")
	d.Release()
}

func TestAKeyIsMaskedUntilItIsRevealed(t *testing.T) {
	d, _ := startScreen(t)
	d.Press("m", "A", "a").Type("one").Press("enter").See("was created", "Masked: M shows it").DontSee("secret-of")
	d.Press("y").See("masked: press m")
	if len(d.Copied) > 0 {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("M").See("secret-of-one").Press("y")
	if len(d.Copied) != 1 || d.Copied[0] != "secret-of-one" {
		t.Errorf("copied %q", d.Copied)
	}
	d.Press("esc", "d").DontSee("secret-of-one", "6a1f21")
}

func TestWhyThereAreNoKeys(t *testing.T) {
	d, p := startScreen(t)
	d.Backend.SetFailure(uitest.Denied)
	d.Press("A").See("API keys are not enabled in this application").Press("esc")
	d.Backend.SetFailure(uitest.Unreachable)
	d.Press("A").See("the service does not answer", "r read again").Press("r").See("the service does not answer")
	d.Backend.SetFailure(uitest.NoFailure)
	d.Press("r").See("No API keys").Press("esc")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("A").See("reading the keys", "esc stop waiting").Press("esc").DontSee("reading the keys")
	d.Release()
	p.EndSession()
	d.Press("A").See("the service ended the session")
}

func TestAnonymousUsers(t *testing.T) {
	w, _ := uitest.Demo()
	if _, err := w.SignIn(t.Context(), model.Credential{Provider: "anon-user"}); err != nil {
		t.Fatal(err)
	}
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30)})
	defer d.Close()
	d.Press("A", "a").See("An anonymous user cannot create API keys", "link another identity first, i in")
}

func TestEverySize(t *testing.T) {
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}} {
		w, p := uitest.Demo()
		for i := range 30 {
			if _, _, err := p.CreateAPIKey(t.Context(), strings.Repeat("k", i+1)); err != nil {
				t.Fatal(err)
			}
		}
		d := uitest.Start(t, w, uitest.Options{Size: size})
		for _, k := range []string{"A", "down", "end", "d", "esc", "pgup", "a", "\x1b", "x", "enter", "esc", "esc", "enter"} {
			d.Press(k)
			for line := range strings.SplitSeq(d.ANSI(), "\n") {
				if ansi.StringWidthWc(line) > size.X {
					t.Fatalf("%v after %s: %d cells", size, k, ansi.StringWidthWc(line))
				}
			}
		}
		d.Close()
	}
}
