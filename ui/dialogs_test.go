package ui_test

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// opener opens a dialog or an input line by keys. scope is that of its keys.
type opener struct {
	scope keys.Scope
	open  func(*uitest.Backend, *uitest.User, *uitest.Driver)
}

// pressing returns an opener of which keys are enough.
func pressing(scope keys.Scope, press ...string) opener {
	return opener{scope, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press(press...) }}
}

// onField returns an opener that presses keys on a field.
func onField(scope keys.Scope, field string, press ...string) opener {
	return opener{scope, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
		d.Press(":").Type(field).Press("enter").Press(press...)
	}}
}

// openers lists every dialog and input line once, and some states of them.
func openers() []opener {
	return slices.Concat([]opener{
		pressing(keys.Help, "?"),
		pressing(keys.FindInHelp, "?", "/"),
		pressing(keys.CommandPalette, "ctrl+k"),
		pressing(keys.Themes, "T"),
		pressing(keys.Compare, "c"),
		pressing(keys.FindInDocument, "/", "a"),
		pressing(keys.JumpToField, ":", "a"),
		onField(keys.ValueViewer, "bio", "v"),
		pressing(keys.Dialog, "D"),
	}, accountOpeners(), editOpeners(), otherOpeners())
}

func accountOpeners() []opener {
	return []opener{
		pressing(keys.Accounts, "s"),
		pressing(keys.SignInForm, "s", "a"),
		pressing(keys.SignOutPrompt, "s", "d"),
		{keys.RemovePrompt, func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
			user.EndSession()
			d.Press("r").Wait(time.Second).Press("esc", "s", "d")
		}},
		{keys.Waiting, func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press("s", "a").Type("ada@example.com").Press("tab").Type("wrong")
			backend.SetFailure(uitest.Slow)
			d.Press("enter")
		}},
	}
}

func editOpeners() []opener {
	save := func(d *uitest.Driver, value string) *uitest.Driver {
		return d.Press(":").Type("favoriteColor").Press("enter", "e", "ctrl+u").Type(value).Press("ctrl+s", "enter")
	}
	return []opener{
		onField(keys.Field, "favoriteColor", "e"),
		pressing(keys.Field, "a"),
		onField(keys.LongText, "bio", "e"),
		{keys.PasteInput, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Paste(`{"planet": "Earth"}`) }},
		onField(keys.BoolInput, "newsletter", "e"),
		onField(keys.ConstantInput, "referrer", "e"),
		onField(keys.KindPicker, "rating", "t"),
		pressing(keys.DocumentEditor, "E"),
		onField(keys.Review, "favoriteColor", "e", "x", "ctrl+s"),
		onField(keys.DiscardDraft, "favoriteColor", "e", "x", "ctrl+s", "D"),
		{keys.UndoReview, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { save(d, "purple").Press("U") }},
		{keys.UndoList, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			save(d, "purple")
			save(d, "teal").Press("U")
		}},
		{keys.Conflict, func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
			user.ChangeBeforeSave("favoriteColor", "crimson")
			save(d, "purple")
		}},
		{keys.SaveFailed, func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			backend.SetFailure(uitest.Denied)
			save(d, "purple")
		}},
		{keys.Refusal, func(_ *uitest.Backend, user *uitest.User, d *uitest.Driver) {
			save(d, "purple")
			user.ChangeField("favoriteColor", "crimson")
			d.Press("U")
		}},
		{keys.DiscardPrompt, func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			backend.DraftError = errors.New("the disk is full")
			d.Press("a").Type("planet").Press("esc")
		}},
		{keys.Loading, func(backend *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			backend.SetFailure(uitest.Unreachable)
			d.Press("E")
		}},
	}
}

func otherOpeners() []opener {
	key := []string{"A", "a"}
	withKey := func(press ...string) func(*uitest.Backend, *uitest.User, *uitest.Driver) {
		return func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press(key...).Type("build-server").Press("enter").Press(press...)
		}
	}
	called := func(scope keys.Scope, press ...string) opener {
		return opener{scope, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press("f", "enter").Type(`{"favoriteFood": "pizza"}`).Press("enter").Press(press...)
		}}
	}
	return []opener{
		pressing(keys.APIKeys, "A"),
		pressing(keys.NewKey, key...),
		{keys.CreatedKey, withKey()},
		{keys.ForgetPrompt, withKey("esc")},
		{keys.DeleteKeyPrompt, withKey("esc", "d", "d")},
		{keys.APIKeys, withKey("esc", "d")},
		pressing(keys.FunctionPicker, "f"),
		pressing(keys.Arguments, "f", "enter"),
		{keys.ArgumentLines, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press("f", "enter").Paste("[\n  {\"favoriteColor\": \"teal\"}\n]")
		}},
		called(keys.FunctionResult),
		called(keys.CallHistory, "ctrl+r"),
		pressing(keys.CopyMenu, "C"),
		pressing(keys.ExportForm, "C", "w"),
		{keys.ReplacePrompt, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) {
			d.Press("C", "w", "enter", "C", "w", "enter")
		}},
		{keys.ValueViewer, func(_ *uitest.Backend, _ *uitest.User, d *uitest.Driver) { d.Press("r", "tab", "tab", "enter") }},
	}
}

var dialogSizes = []image.Point{{60, 18}, {80, 24}, {100, 30}, {140, 44}, {200, 60}}

func TestEveryDialogIsOpened(t *testing.T) {
	opened := map[keys.Scope]bool{}
	for _, o := range openers() {
		opened[o.scope] = true
	}
	for _, e := range keys.Default() {
		if !opened[e.Scope] && !slices.Contains(keys.Panes(), e.Scope) {
			t.Errorf("no opener reaches the scope %s", e.Scope)
			opened[e.Scope] = true
		}
	}
}

// TestEveryDialogAtEverySize draws each dialog on five screens, in colour and in ASCII.
func TestEveryDialogAtEverySize(t *testing.T) {
	for i, o := range openers() {
		for _, size := range dialogSizes {
			for _, ascii := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d %s %dx%d %v", i, o.scope, size.X, size.Y, ascii), func(t *testing.T) {
					backend, user := uitest.Demo()
					d := start(t, backend, uitest.Options{Size: size, Themes: themes.Builtin(),
						Style: style.Options{ASCII: ascii, NoColor: ascii}})
					o.open(backend, user, d)
					d.Wait(300 * time.Millisecond)
					wellDrawn(t, d, size, o.scope, ascii)
				})
			}
		}
	}
}

// wellDrawn fails the test unless a frame fits, the frame of the topmost dialog is whole and cuts nothing, the footer
// is that of the scope, and in ASCII every character is.
func wellDrawn(t *testing.T, d *uitest.Driver, size image.Point, scope keys.Scope, ascii bool) {
	t.Helper()
	fits(t, d, size)
	at, view, got := d.Model.Top()
	if got != scope {
		t.Fatalf("the keys are those of %q, want %q\n%s", got, scope, d.Frame())
	}
	lines := strings.Split(d.Frame(), "\n")
	if !at.Empty() {
		wholeFrame(t, lines, at)
		for i, line := range strings.Split(view, "\n") {
			if w := ansi.StringWidthWc(line); w > at.Dx()-2 || i >= at.Dy()-2 {
				t.Errorf("the frame cuts line %d, %d cells wide: %q\n%s", i+1, w, ansi.Strip(line), d.Frame())
			}
		}
	}
	footer, found := lines[len(lines)-1], false
	for _, e := range keys.Default() {
		found = found || e.Scope == scope && e.Footer && strings.Contains(footer, " "+e.Binding.Help().Desc+" ")
	}
	if !found || !at.Empty() && strings.Contains(footer, " quit") {
		t.Errorf("the footer has no key of %s: %q", scope, footer)
	}
	if i := strings.IndexFunc(d.Frame(), func(r rune) bool { return r > 126 }); ascii && i >= 0 {
		t.Errorf("not ASCII: %.40q\n%s", d.Frame()[i:], d.Frame())
	}
}

// wholeFrame fails the test unless the cells around a rectangle are those of a frame.
func wholeFrame(t *testing.T, lines []string, at image.Rectangle) {
	t.Helper()
	cell := func(x, y int) string { return ansi.Strip(ansi.Cut(lines[y], x, x+1)) }
	for _, corner := range []image.Point{at.Min, {at.Max.X - 1, at.Min.Y}, {at.Min.X, at.Max.Y - 1},
		at.Max.Sub(image.Pt(1, 1))} {
		if c := cell(corner.X, corner.Y); !strings.Contains("╭╮╰╯+#", c) {
			t.Errorf("%q is a corner of the frame at %v\n%s", c, at, strings.Join(lines, "\n"))
			return
		}
	}
	for y := at.Min.Y + 1; y < at.Max.Y-1; y++ {
		for _, x := range []int{at.Min.X, at.Max.X - 1} {
			if c := cell(x, y); !strings.Contains("│├┤|", c) {
				t.Errorf("%q is in the side of the frame at %v, line %d\n%s", c, at, y+1, strings.Join(lines, "\n"))
				return
			}
		}
	}
}
