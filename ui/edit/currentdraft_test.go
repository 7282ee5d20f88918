package edit_test

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/edit"
)

// draftHas checks the paths of the edits in the stored draft.
func (d *harness) draftHas(want ...string) {
	d.t.Helper()
	stored, err := d.drafts.TakeOver(d.user.Account().ID)
	must(err)
	var got []string
	if stored != nil {
		for _, e := range stored.Edits() {
			got = append(got, e.Path.String())
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		d.t.Errorf("the draft changes %q, want %q", got, want)
	}
}

func openField(path string) func(edit.Config) (*edit.Editor, tea.Cmd) {
	return func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.Field(c, pathOf(path)) }
}

// TestAnEditorWaitsForTheOperationBeforeIt: neither loses the change of the other.
func TestAnEditorWaitsForTheOperationBeforeIt(t *testing.T) {
	for name, size := range map[string]int{"small": 1, "large": 300 << 10} {
		t.Run(name, func(t *testing.T) {
			d := newHarness(t, field("a", "1"), field("b", "2"), field("c", strings.Repeat("x", size)))
			d.paused = true
			d.operate(edit.RemoveFields([]model.Path{{"b"}})).openBeside(openField("a"))
			d.typeText("2")
			d.resume().see("value › 12").press("enter").draftHas("a", "b")
		})
	}
}

// TestAnOperationWaitsForTheEditorBeforeIt: neither loses the change of the other.
func TestAnOperationWaitsForTheEditorBeforeIt(t *testing.T) {
	d := newHarness(t, field("a", "1"), field("b", "2"))
	d.current = d.config().Current
	d.openBeside(openField("a")).typeText("2")
	d.runCmd(d.current.Run(edit.RemoveFields([]model.Path{{"b"}})))
	d.press("enter").draftHas("a", "b")
}

// TestTheHistoryOfLargeEditsIsBounded: the newest steps that fit the limit stay, those that were undone too.
func TestTheHistoryOfLargeEditsIsBounded(t *testing.T) {
	d := newHarness(t, field("a", strings.Repeat("x", 3<<20)), field("b", 1))
	d.current = d.config().Current
	count := func(step func() tea.Cmd, can func() bool) (n int) {
		for can() {
			d.runCmd(step())
			n++
		}
		return n
	}
	for range 8 {
		d.runCmd(d.current.Run(edit.DuplicateFields([]model.Path{{"a"}})))
	}
	undone := count(d.current.Undo, d.current.CanUndo)
	if undone != 5 {
		t.Errorf("%d steps of 3 MiB were undone, want 5", undone)
	}
	if redone := count(d.current.Redo, d.current.CanRedo); redone != undone {
		t.Errorf("%d steps were redone, want %d", redone, undone)
	}
	for range 20 {
		d.runCmd(d.current.Run(edit.RemoveFields([]model.Path{{"b"}})))
		d.runCmd(d.current.Run(edit.RevertFields([]model.Path{{"b"}})))
	}
	if n := count(d.current.Undo, d.current.CanUndo); n < 40 {
		t.Errorf("%d small steps were undone, want all 40", n)
	}
}

// TestLettersTypedWhileThePickerLoads select a type, as they do in the list.
func TestLettersTypedWhileThePickerLoads(t *testing.T) {
	d := newHarness(t, field("rating", 4.0))
	d.paused = true
	d.open(func(c edit.Config) (*edit.Editor, tea.Cmd) { return edit.ChangeType(c, []model.Path{{"rating"}}) })
	d.typeText("i").press("enter")
	d.resume().draftHas("rating")
	stored, err := d.drafts.TakeOver(d.user.Account().ID)
	if must(err); stored == nil || model.KindOf(stored.Edits()[0].Value) != model.Int {
		t.Errorf("the draft is %+v, want an int", stored)
	}
}
