package edit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/edit"
)

// fakeEditor changes texts as the user's editor does.
type fakeEditor struct {
	change func(text string) (string, error) // nil: it saves the text as it was
	texts  []string                          // that it was opened with
	open   bool                              // the file exists
}

func (f *fakeEditor) Edit(_ context.Context, _ string, d *model.Draft) (string, error) {
	inputs := d.PendingInputs()
	text := inputs[len(inputs)-1].Text
	f.texts, f.open = append(f.texts, text), true
	if f.change == nil {
		return text, nil
	}
	return f.change(text)
}

func (f *fakeEditor) Close(string) error {
	f.open = false
	return nil
}

// text opens a field in the user's editor, which saves what change returns.
func (d *harness) text(path string, change func(string) (string, error)) *harness {
	d.editor.change = change
	return d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Text(c, pathOf(path)) })
}

func replacing(old, now string) func(string) (string, error) {
	return func(text string) (string, error) { return strings.Replace(text, old, now, 1), nil }
}

func TestASubtreeInTheUsersEditor(t *testing.T) {
	d := newHarness(t, field("plan", map[string]any{"seats": int64(8)}))
	d.text("plan", replacing(`"8"`, `"12"`))
	if want := "{\n  \"seats\": {\"$numberLong\":\"8\"}\n}"; d.editor.texts[0] != want {
		t.Errorf("it got %q, want %q", d.editor.texts[0], want)
	}
	d.see("8", "12").press("enter").holds("plan.seats", int64(12))
	if d.editor.open {
		t.Error("the file is left")
	}
}

func TestALongStringInTheUsersEditor(t *testing.T) {
	long := strings.Repeat("words ", 100)
	d := newHarness(t, field("note", long))
	d.text("note", func(text string) (string, error) { return text + "\nand a line", nil })
	if d.editor.texts[0] != long {
		t.Errorf("it got %q", d.editor.texts[0])
	}
	d.press("enter").holds("note", long+"\nand a line")
}

func TestTheDocumentInTheUsersEditor(t *testing.T) {
	d := newHarness(t, field("color", "pink"), field("n", 1.0))
	d.text("", replacing("pink", "teal"))
	d.see("color", "pink", "teal").press("enter").holds("color", "teal").holds("n", 1.0)
}

// The text of a mistake is kept: in the dialog, for the editor that is opened again, and for the next start.
func TestAMistakeInTheUsersEditorKeepsTheText(t *testing.T) {
	d := newHarness(t, field("plan", map[string]any{"seats": 8}))
	d.text("plan", replacing("8", "8,,"))
	d.see("line 2, column 14", "8,,")
	if d.editor.open {
		t.Error("the file is left although the text is stored")
	}
	if draft, err := d.drafts.TakeOver(d.user.Account().ID); err != nil || !strings.Contains(draft.PendingInputs()[0].Text,
		"8,,") {
		t.Errorf("stored %v, %v", draft, err)
	}
	d.editor.change = replacing("8,,", "9")
	d.press("ctrl+o")
	if !strings.Contains(d.editor.texts[1], "8,,") {
		t.Errorf("the editor got %q", d.editor.texts[1])
	}
	d.see("9").press("ctrl+s").press("enter").holds("plan.seats", int32(9))
}

var errEditor = &model.Fault{Kind: model.Failed, Op: "edit with vi", Message: "the editor ended with exit status 1"}

// TestTheTextOfAnEditorThatFails: what it saved before is input, which the user accepts, discards or edits again.
func TestTheTextOfAnEditorThatFails(t *testing.T) {
	d := newHarness(t, field("note", "as it was"))
	d.text("note", func(string) (string, error) { return "half a sentence", errEditor })
	d.see("exit status 1", "what it saved is here, not accepted", "half a sentence")
	stored, err := d.drafts.TakeOver(d.user.Account().ID)
	if err != nil || stored == nil || stored.PendingInputs()[0].Text != "half a sentence" || !stored.Empty() {
		t.Errorf("stored %+v, %v", stored, err)
	}
	if d.editor.open {
		t.Error("the file is left although its text is stored")
	}
	d.press("ctrl+s").see("half a sentence").press("enter").holds("note", "half a sentence")
}

// TestNoEditorWhileTheReviewOpens: what it saves would have no dialog to return to.
func TestNoEditorWhileTheReviewOpens(t *testing.T) {
	d := newHarness(t, field("color", "pink"), field("n", 1.0))
	d.operate(edit.RemoveFields([]model.Path{{"n"}})).openBeside(edit.Document)
	d.paused = true
	d.press(" ", "ctrl+s", "ctrl+o").see("the review opens").resume().see("n", "1.0")
	if len(d.editor.texts) > 0 {
		t.Errorf("the editor got %q", d.editor.texts)
	}
}

func TestAFailedEditorChangesNothing(t *testing.T) {
	d := newHarness(t, field("note", "as it was"))
	d.text("note", func(text string) (string, error) { return text, errEditor })
	d.see("exit status 1; nothing was changed", "as it was").press("esc")
	if !d.closed || d.drafts.hasDraft() || d.editor.open {
		t.Errorf("closed %v, draft %v, file %v", d.closed, d.drafts.hasDraft(), d.editor.open)
	}
}

func TestUnchangedTextChangesNothing(t *testing.T) {
	d := newHarness(t, field("note", "as it was"))
	d.text("note", nil).see("as it was").press("esc")
	if !d.closed || d.drafts.hasDraft() || d.editor.open {
		t.Errorf("closed %v, draft %v, file %v", d.closed, d.drafts.hasDraft(), d.editor.open)
	}
}

// Masked values and values that are chosen stay in the dialog.
func TestWhatTheUsersEditorDoesNotGet(t *testing.T) {
	d := newHarness(t, field("note", "secret"), field("vip", true))
	d.text("vip", nil).see("chosen here")
	masked := *d.state
	masked.Masked = true
	d.state = &masked
	d.text("note", nil).see("masked value")
	if len(d.editor.texts) > 0 {
		t.Errorf("it got %q", d.editor.texts)
	}
}

// The document editor and the form open the editor too; what was typed is its text.
func TestTheUsersEditorFromTheDialogs(t *testing.T) {
	d := newHarness(t, field("color", "pink"))
	d.editor.change = replacing("pinkish", "teal")
	d.field("color").typeText("ish").press("ctrl+o").see("teal").press("ctrl+s").see("pink", "teal")
	d.press("enter").holds("color", "teal")
	d.editor.change = replacing("teal", "red")
	d.whole().press("ctrl+o").see("red").press("ctrl+s").press("enter").holds("color", "red")
}

// TestStoredInputInTheUsersEditor: the editor gets what was typed before, of a large value too.
func TestStoredInputInTheUsersEditor(t *testing.T) {
	for name, value := range map[string]any{
		"text": "pink", "large": map[string]any{"seats": strings.Repeat("x", 100<<10)},
	} {
		t.Run(name, func(t *testing.T) {
			d := newHarness(t, field("color", value))
			d.field("color").typeText("ish{") // then the process is killed
			d.text("color", nil)
			if len(d.editor.texts) != 1 || !strings.Contains(d.editor.texts[0], "ish{") {
				t.Errorf("the editor got %.100q", d.editor.texts)
			}
		})
	}
}

// TestTheEditorsFileStaysUntilItsTextIsStored: an older write that ends later does not delete it.
func TestTheEditorsFileStaysUntilItsTextIsStored(t *testing.T) {
	d := newHarness(t, field("color", "pink"))
	d.editor.change = replacing("pinkish", "teal{")
	d.field("color").typeText("ish").press("ctrl+o")
	if d.editor.open {
		t.Fatal("the file is left")
	}
	d.drafts.err = errors.New("disk full")
	d.editor.change = replacing("teal", "red")
	d.press("ctrl+o")
	if !d.editor.open {
		t.Error("the file is deleted although its text is not stored")
	}
	d.drafts.err = nil
	d.typeText("2")
	if d.editor.open {
		t.Error("the file is left")
	}
}
