package accounts_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/ui/style"
	"dossier/ui/uitest"
)

func startDemo(t *testing.T) *uitest.Driver {
	t.Helper()
	w, _ := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(120, 34)})
	t.Cleanup(d.Close)
	return d
}

func currentName(t *testing.T, d *uitest.Driver) string {
	t.Helper()
	p, ok := d.Backend.Current()
	if !ok {
		return ""
	}
	return p.Account().Name
}

func TestSwitch(t *testing.T) {
	d := startDemo(t).Press("s").See("accounts", "demo@example.com", "✓ current", "grace@example.com",
		"e-mail and password · dossier-demo")
	for range 2 {
		d.Press("down")
	}
	d.Press("enter")
	if got := currentName(t, d); got != "grace@example.com" {
		t.Fatalf("the current account is %q\n%s", got, d.Frame())
	}
	d.DontSee("✓ current").See("green")
}

func TestSwitchToTheCurrentAccountOnlyCloses(t *testing.T) {
	d := startDemo(t)
	before := len(d.Backend.Calls())
	d.Press("s", "enter").DontSee("✓ current")
	if calls := d.Backend.Calls()[before:]; len(calls) > 0 {
		t.Errorf("calls: %v", calls)
	}
}

func TestSignIn(t *testing.T) {
	d := startDemo(t).Press("s", "d", "enter").See("signed out")
	d.Press("s", "a").See("sign in", "e-mail", "password").Type("demo@example.com").Press("tab").Type("demo-password")
	d.DontSee("demo-password").See("•••••••••••••").Press("enter").DontSee("ctrl+t next provider", "✓ current")
	if got := currentName(t, d); got != "demo@example.com" {
		t.Errorf("the current account is %q\n%s", got, d.Frame())
	}
}

func TestASignedOutAccountIsRemovedFromTheList(t *testing.T) {
	w := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	w.Add("grace@example.com", "grace-password", nil).EndSession()
	w.Add("demo@example.com", "demo-password", nil)
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(120, 34)})
	t.Cleanup(d.Close)
	d.Press("s", "down", "d").See("Remove grace@example.com and its unsaved changes from this machine?", "enter remove")
	d.Press("esc").See("grace@example.com", "d sign out or remove")
	d.Press("d", "enter").See("removed grace@example.com", "✓ current").DontSee("sign in again")
	if list := w.List(); len(list) != 1 || list[0].Name != "demo@example.com" {
		t.Errorf("accounts %+v", list)
	}
}

func TestInputStaysAfterAWrongPassword(t *testing.T) {
	d := startDemo(t).Press("s", "a").Type("grace@example.com").Press("enter").Type("wrong").Press("enter")
	d.See("the e-mail address or the password is wrong", "grace@example.com", "•••••")
	d.Press("ctrl+u").DontSee("is wrong").Type("grace-password").Press("enter")
	if got := currentName(t, d); got != "grace@example.com" {
		t.Errorf("the current account is %q\n%s", got, d.Frame())
	}
}

func TestMissingFieldsAreNamed(t *testing.T) {
	d := startDemo(t).Press("s", "a").Press("enter", "enter").See("the e-mail is missing")
	d.Type("x@example.com").DontSee("is missing").Press("enter", "enter").See("the password is missing")
}

func TestRegister(t *testing.T) {
	d := startDemo(t).Press("s", "a", "ctrl+r").See("create an account",
		"creates the account first").Type("new@example.com").Press("enter")
	d.Type("short").Press("enter").See("6 to 128 characters; this one has 5").Type("er-than-before").Press("enter")
	if got := currentName(t, d); got != "new@example.com" {
		t.Errorf("the current account is %q\n%s", got, d.Frame())
	}
}

func TestRegisterAnExistingName(t *testing.T) {
	d := startDemo(t).Press("s", "a", "ctrl+r").Type("grace@example.com").
		Press("enter").Type("some-password").Press("enter")
	d.See("grace@example.com", "•••").DontSee("green")
	if got := currentName(t, d); got != "demo@example.com" {
		t.Errorf("the current account is %q", got)
	}
}

func TestAnonymous(t *testing.T) {
	d := startDemo(t).Press("s", "a", "ctrl+t").See("anonymous", "Creates a user without a credential").Press("enter")
	if got := currentName(t, d); got == "demo@example.com" {
		t.Errorf("the current account is still %q\n%s", got, d.Frame())
	}
}

func TestEveryProviderCanBeChosen(t *testing.T) {
	d := startDemo(t).Press("s", "a")
	for _, title := range []string{"e-mail and password", "anonymous", "API key", "custom token", "custom function",
		"e-mail and password"} {
		d.See("provider    " + title).Press("ctrl+t")
	}
	d.Press("ctrl+t", "ctrl+t", "ctrl+t").See("payload").Type("oops").Press("enter").See("line 1")
}

// TestSignInByEveryProvider: every provider receives the fields it needs, and no secret is shown.
func TestSignInByEveryProvider(t *testing.T) {
	for _, tc := range []struct {
		provider, key string
		value         any
		times         int // number of presses of ctrl+t
		typed         string
		hidden        bool
	}{
		{"api-key", "key", "k-0123456789", 2, "k-0123456789", true},
		{"custom-token", "token", "e30.e30.c2ln", 3, " e30.e30.c2ln ", true},
		{"custom-function", "ticket", int32(7), 4, `{"ticket": 7}`, false},
	} {
		d := startDemo(t)
		d.Backend.AddCredential(d.Backend.Add("proven@example.com", "x", nil), tc.provider, tc.key, tc.value)
		d.Press("s", "a")
		for range tc.times {
			d.Press("ctrl+t")
		}
		d.Type("wrong").Press("enter").See("sign in")
		d.Press("ctrl+u").Paste(tc.typed + "\n")
		if shown := strings.Contains(d.Frame(), strings.TrimSpace(tc.typed)); shown == tc.hidden {
			t.Errorf("%s: the input is visible: %t\n%s", tc.provider, shown, d.Frame())
		}
		d.Press("enter")
		if got := currentName(t, d); got != "proven@example.com" {
			t.Errorf("%s: the current account is %q\n%s", tc.provider, got, d.Frame())
		}
	}
}

func TestAWrongTokenIsNotAPassword(t *testing.T) {
	d := startDemo(t).Press("s", "i", "ctrl+t").See("custom token").DontSee("no such account yet")
	d.Backend.SetFailure(uitest.Denied)
	d.Type("x").Press("enter").See("does not accept this").DontSee("no such account yet")
	d.Press("ctrl+t", "ctrl+t").Type("x@example.com").Press("tab").Type("long-enough").
		Press("enter").See("no such account yet")
}

// TestAnAccountAwaitingConfirmation: the service does not report that an address needs confirmation;
// a refused sign-in right after the registration is taken as that.
func TestAnAccountAwaitingConfirmation(t *testing.T) {
	for _, size := range []image.Point{{80, 24}, {120, 36}} {
		w, _ := uitest.Demo()
		w.RequiresConfirmation = true
		d := uitest.Start(t, w, uitest.Options{Size: size})
		d.Press("s", "a", "ctrl+r").Type("new@example.com").Press("enter").Type("long-enough").Press("enter")
		d.See("its address may have to", "open the link", "new@example.com").DontSee("is wrong",
			"creates the account first")
		d.Press("enter").See("the e-mail address or the password is wrong")
		if got := currentName(t, d); got != "demo@example.com" {
			t.Errorf("the current account is %q", got)
		}
		d.Close()
	}
}

func TestSignOutAsksFirst(t *testing.T) {
	d := startDemo(t).Press("s", "down", "d").See("Sign out ada@example.com? enter signs out").
		Press("esc").DontSee("Sign out ada").Press("d", "enter")
	if calls := d.Backend.Calls(); calls[len(calls)-1] != "sign out" {
		t.Errorf("calls: %v", calls)
	}
	if got := currentName(t, d); got != "demo@example.com" {
		t.Errorf("the current account is %q", got)
	}
	d.See("accounts", "signed out ada@example.com")
}

func TestMarksInNamesAreShownOnce(t *testing.T) {
	d := startDemo(t)
	d.Backend.Add("\x1b@example.com", "x", nil)
	d.Press("s", "a").Type("\x1b@example.com").Press("tab").Type("x").Press("enter")
	d.Press("s", "d").See("Sign out ⟨^[⟩@example.com?").DontSee("U+27E8")
}

func TestLink(t *testing.T) {
	d := startDemo(t).Press("s", "i").See("link an identity", "Add an identity to demo@example.com")
	for _, title := range []string{"e-mail and password", "custom token", "custom function"} {
		d.See("provider    " + title).Press("ctrl+t")
	}
	d.See("e-mail and password").Type("second@example.com").Press("tab").Type("second-password").Press("enter")
	if calls := strings.Join(d.Backend.Calls(), " "); !strings.Contains(calls, "link") {
		t.Errorf("calls: %v\n%s", calls, d.Frame())
	}
	d.DontSee("Add an identity to")
}

func TestLinkAnIdentityOfAnotherUser(t *testing.T) {
	d := startDemo(t).Press("s", "i").Type("grace@example.com").Press("tab").Type("grace-password").Press("enter")
	d.See("this identity belongs to another account", "grace@example.com").DontSee("is wrong", "no such account yet")
}

func TestLinkANewIdentity(t *testing.T) {
	d := startDemo(t).Press("s", "i", "ctrl+r").See("creates this identity first, then links it").DontSee("signs in")
	d.Type("second@example.com").Press("tab").Type("second-password").Press("enter").See("linked: e-mail and password")

	d = startDemo(t)
	d.Backend.RequiresConfirmation = true
	d.Press("s", "a", "ctrl+t", "enter", "s", "i",
		"ctrl+r").Type("third@example.com").Press("tab").Type("third-password").Press("enter")
	d.See("link an identity: account created, but its address",
		"follow the link in its mail").DontSee("another account", "sign in:")
}

func TestASignInCanBeCancelled(t *testing.T) {
	d := startDemo(t).Press("s", "a").Type("grace@example.com").Press("tab").Type("grace-password")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter").See("waiting for the service").Press("esc").See("grace@example.com").
		DontSee("waiting for the service")
	d.Backend.SetFailure(uitest.NoFailure)
	d.Release().Press("enter")
	if got := currentName(t, d); got != "grace@example.com" {
		t.Errorf("the current account is %q", got)
	}
}

func TestAnUnreachableServiceIsReported(t *testing.T) {
	d := startDemo(t).Press("s", "a").Type("grace@example.com").Press("tab").Type("grace-password")
	d.Backend.SetFailure(uitest.Unreachable)
	d.Press("enter").See("the service does not answer", "grace@example.com")
}

func TestASessionThatEnded(t *testing.T) {
	w, p := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30)})
	t.Cleanup(d.Close)
	p.EndSession()
	d.Press("r").Wait(time.Second).See("The session of demo@example.com has ended",
		"demo@example.com").Type("demo-password").Press("enter").DontSee("has ended;")
}

func TestMasked(t *testing.T) {
	startDemo(t).Press("m", "s").DontSee("demo@example.com",
		"grace@example.com").Press("a").Type("ada@example.com").DontSee("ada@")
}

func TestEverySize(t *testing.T) {
	for _, size := range []image.Point{{40, 12}, {60, 18}, {80, 24}, {200, 60}} {
		for _, plain := range []bool{false, true} {
			w, _ := uitest.Demo()
			w.Add(strings.Repeat("a very long name ", 20)+"\x1b[31m\u202e", "x", nil)
			d := uitest.Start(t, w, uitest.Options{Size: size, Style: style.Options{NoColor: plain, ASCII: plain}})
			for _, k := range []string{"s", "down", "pgdown", "end", "d", "esc", "a", "enter", "x", "tab", "ctrl+t", "ctrl+t",
				"esc", "i", "ctrl+t", "esc"} {
				d.Press(k)
				for _, line := range strings.Split(d.ANSI(), "\n") {
					if ansi.StringWidthWc(line) > size.X {
						t.Fatalf("%v after %s: %d cells", size, k, ansi.StringWidthWc(line))
					}
				}
				if c := d.Model.View().Cursor; c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: size}) {
					t.Fatalf("%v after %s: cursor at %d,%d", size, k, c.X, c.Y)
				}
			}
			d.Close()
		}
	}
}

// footer returns the last line of the screen.
func footer(d *uitest.Driver) string {
	lines := strings.Split(strings.TrimRight(d.Frame(), "\n"), "\n")
	return lines[len(lines)-1]
}

// The footer shows the keys of the question that is open, not those of the list below it, and of a call under way.
func TestTheFooterIsThatOfTheQuestion(t *testing.T) {
	d := startDemo(t).Press("s")
	if got := footer(d); !strings.Contains(got, "enter switch") {
		t.Errorf("list: %q", got)
	}
	d.Press("down", "d")
	if got := footer(d); !strings.Contains(got, "enter sign out") || strings.Contains(got, "switch") ||
		strings.Contains(got, "link identity") || !strings.Contains(got, "esc cancel") {
		t.Errorf("question: %q", got)
	}
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter")
	if got := footer(d); !strings.Contains(got, "esc stop waiting") || strings.Contains(got, "enter") {
		t.Errorf("signing out: %q", got)
	}
	d.Press("esc").Release()
	d.Press("a").Type("ada@example.com").Press("enter").Type("ada-password")
	d.Backend.SetFailure(uitest.Slow)
	d.Press("enter")
	if got := footer(d); !strings.Contains(got, "esc stop waiting") || strings.Contains(got, "enter") {
		t.Errorf("signing in: %q", got)
	}
	d.Release()
}

// The session of the shown account ended at the service: the list says so, and Enter offers to sign in again.
func TestTheListShowsAnEndedSession(t *testing.T) {
	w, p := uitest.Demo()
	d := uitest.Start(t, w, uitest.Options{Size: image.Pt(100, 30)})
	t.Cleanup(d.Close)
	p.EndSession()
	d.Press("r").Wait(time.Second).Press("esc", "s").See("demo@example.com", "signed out").DontSee("✓ current")
	d.Press("enter").See("The session of demo@example.com has ended").Type("demo-password").Press("enter")
	d.Press("s").See("✓ current")
}

// Another process makes another account the current one of this machine: the list marks the account that this screen
// shows, Enter on the other one switches to it, and an identity is linked to the shown user.
func TestAnotherProcessUsesAnotherAccount(t *testing.T) {
	d := startDemo(t)
	var other string
	for _, a := range d.Backend.List() {
		if a.Name == "grace@example.com" {
			other = a.ID
		}
	}
	if _, err := d.Backend.Use(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	marked := func() string {
		for _, line := range strings.Split(d.Frame(), "\n") {
			if strings.Contains(line, "✓ current") {
				return line
			}
		}
		return ""
	}
	if d.Press("s"); !strings.Contains(marked(), "demo@example.com") {
		t.Errorf("marked: %q\n%s", marked(), d.Frame())
	}
	d.Press("i").See("Add an identity to demo@example.com").Press("esc")
	d.Press("enter").DontSee("✓ current").Press("s")
	for !strings.Contains(d.Frame(), "› grace@example.com") {
		d.Press("down")
	}
	if d.Press("enter", "s"); !strings.Contains(marked(), "grace@example.com") {
		t.Errorf("marked after the switch: %q\n%s", marked(), d.Frame())
	}
}
