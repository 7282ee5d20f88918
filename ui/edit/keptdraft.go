package edit

import (
	"bytes"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// continueDraft starts the task with the stored draft: its edits and the new one are reviewed together. Input that was
// not accepted is continued if the task is about its field, and otherwise stays stored beside the draft: it becomes an
// edit only when the user accepts it.
func (e *Editor) continueDraft(stored *model.Draft) tea.Cmd {
	rebased, err := stored, error(nil)
	if !bytes.Equal(stored.Base(), e.draft.Base()) {
		rebased, err = rebase(stored, e.draft.Base())
	}
	var notify tea.Cmd
	if err != nil { // the edits cannot be applied any more
		rebased = e.draft.WithPendingInputs(stored.InputsOn(e.draft.Base())...)
		notify = nav.Send(nav.Notify{Text: state.FaultMessage(model.AsFault("apply the stored draft", err))})
	}
	if rebased.NothingToKeep() {
		return tea.Batch(notify, e.storeDraft(nil), e.task.start(e))
	}
	typed, hasInput := e.inputOfTask(rebased)
	if conflicts := stored.Conflicts(e.draft.Base()); len(conflicts) > 0 {
		deferred, ok := e.deferConflicts(rebased, conflicts)
		if !ok {
			c, show := e.showConflict(stored, rebased, conflicts)
			if hasInput {
				show = tea.Batch(show, c.resume(typed))
			}
			return tea.Batch(notify, show)
		}
		rebased = deferred
		notify = tea.Batch(notify, nav.Send(nav.Notify{Text: state.Public("the database has another value for " +
			pathList(conflicts) + ": a save asks which one to keep")}))
	}
	e.draft = rebased
	if hasInput {
		cmd := e.resume(typed)
		if t, ok := e.task.(textTask); ok {
			cmd = t.thenEdit(e, cmd)
		}
		return tea.Batch(notify, cmd)
	}
	return tea.Batch(notify, e.task.start(e))
}

// rebase returns a draft on another base; an error if an edit cannot be applied to it.
func rebase(d *model.Draft, base bson.Raw) (*model.Draft, error) {
	r := d.Rebase(base)
	return replay(r, r.Edits())
}

// inputOfTask returns the pending input that the task resumes; false: none.
func (e *Editor) inputOfTask(d *model.Draft) (typed model.PendingInput, ok bool) {
	for _, t := range d.PendingInputs() {
		if e.task.resumesInput(t) {
			typed, ok = t, true
		}
	}
	if _, isReview := e.task.(reviewTask); isReview && !d.Empty() {
		return typed, false
	}
	return typed, ok
}

// deferConflicts returns a draft that keeps conflicting edits until they are saved, see keepBases. False: the task is
// about a conflicting field, or there is no such draft; the conflicts must be resolved first.
func (e *Editor) deferConflicts(d *model.Draft, conflicts []model.Conflict) (*model.Draft, bool) {
	for _, c := range conflicts {
		if e.task.affectsField(c.Path) {
			return nil, false
		}
	}
	next, err := keepBases(d, conflicts)
	return next, err == nil
}

// keepBases returns a draft whose base has the values that conflicting edits started from, so that the database refuses
// them.
func keepBases(d *model.Draft, conflicts []model.Conflict) (*model.Draft, error) {
	if d.Base() == nil {
		return nil, model.InvalidInputf("", "the document no longer exists")
	}
	before := model.NewDraft(d.Base(), d.Owner())
	for _, c := range conflicts {
		var err error
		if c.Base.IsZero() {
			err = before.Unset(c.Path)
		} else {
			err = before.Set(c.Path, c.Base)
		}
		if err != nil {
			return nil, err
		}
	}
	base := before.Result()
	return replay(model.NewDraft(base, d.Owner()).WithPendingInputs(d.InputsOn(base)...), d.Edits())
}

// withTyped returns a draft with the edits of another one, which were typed for an older document: only what they
// change there. Edits of fields that changed since keep the value that they started from.
func withTyped(d, typed *model.Draft) (*model.Draft, error) {
	next, err := replay(d, append(d.Edits(), typed.Rebase(d.Base()).Edits()...))
	if err != nil {
		return nil, err
	}
	if conflicts := typed.Conflicts(d.Base()); len(conflicts) > 0 {
		return keepBases(next, conflicts)
	}
	return next, nil
}

// olderNote says which fields changed in the database since a text was written; empty: none.
func (e *Editor) olderNote(t model.PendingInput) string {
	if t.Base == nil {
		return ""
	}
	var changed []model.Path
	for _, c := range model.Diff(t.Base, e.draft.Base()) {
		if t.EditTarget == model.TargetDocument || c.Path.Within(t.Path) || t.Path.Within(c.Path) {
			changed = append(changed, c.Path)
		}
	}
	if len(changed) == 0 {
		return ""
	}
	names := fmt.Sprintf("%d fields", len(changed))
	if len(changed) <= maxNamed {
		names = pathNames(changed)
	}
	return "The database changed " + names + " since this was typed: only what you typed is a change."
}

// leftover returns what a draft keeps after its edits were saved or reverted: input that was not accepted.
func leftover(d *model.Draft) *model.Draft {
	return model.NewDraft(d.Base(), d.Owner()).WithPendingInputs(d.PendingInputs()...)
}

// replay applies edits to a new draft with the base and the pending input of d; d is unchanged.
func replay(d *model.Draft, edits []model.Edit) (*model.Draft, error) {
	next := leftover(d)
	for _, x := range edits {
		var err error
		if x.Unset {
			err = next.Unset(x.Path)
		} else {
			err = next.Set(x.Path, x.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	return next, nil
}

func pathList(conflicts []model.Conflict) string {
	paths := make([]string, len(conflicts))
	for i, c := range conflicts {
		paths[i] = c.Path.String()
	}
	return strings.Join(paths, ", ")
}
