package edit

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
)

// plan is a draft worked out for the review.
type plan struct {
	draft   *model.Draft
	update  model.Update
	call    string // the exact updateOne, as it may be shown
	changes []model.Change
}

// review works the draft out and shows it.
func (e *Editor) review(d *model.Draft) tea.Cmd {
	r := &review{e: e, plan: plan{draft: d}, previous: e.stage, stored: e.storesDraft() && worthKeeping(e.stage)}
	masked := e.State.Masked
	e.show(r)
	return request.Start(e.requests, func(context.Context) (plan, error) {
		u, err := d.Update()
		if err != nil {
			return plan{}, err
		}
		shown := u
		if masked {
			shown = maskUpdate(u)
		}
		return plan{draft: d, update: u, call: shown.String(), changes: d.Changes()}, nil
	})
}

// worthKeeping reports that the review of what a stage came to is worth keeping: something was typed or decided there.
func worthKeeping(s stage) bool {
	switch s := s.(type) {
	case *form, *documentEditor, *conflict:
		return true
	case *review:
		return s.stored
	}
	return false
}

// review shows what saving would do, and saves.
type review struct {
	e        *Editor
	plan     plan
	ready    bool
	previous stage // the form or text that led here
	stored   bool  // the draft is kept for the next time

	saving bool
	fault  *model.Fault // why it was not saved
	notice string       // what else happened

	cursor int // the row under the cursor
}

func (r *review) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[plan]:
		if request.Accept(r.e.requests, m) {
			r.ready, r.plan = m.Err == nil, m.Value
			r.fault = model.AsFault("prepare the save", m.Err)
		}
	case request.Response[model.WriteResult]:
		if request.Accept(r.e.requests, m) {
			return r.handleOutcome(m)
		}
	case tea.MouseWheelMsg:
		r.move(wheelRows(m))
	case tea.MouseClickMsg:
		inner := r.e.inner()
		rows := r.lines(inner.X)
		r.cursor = min(r.firstRow(inner.Y, len(rows))+m.Y, len(rows)-1)
	}
	return nil
}

func (r *review) do(a keys.Action) tea.Cmd {
	if r.saving {
		if a == keys.Cancel {
			return r.cancelSave()
		}
		return nil
	}
	page := max(1, r.e.inner().Y-2)
	switch a {
	case keys.Save, keys.Accept, keys.Retry:
		return r.save()
	case keys.Cancel:
		return r.back()
	case keys.Up:
		r.move(-1)
	case keys.Down:
		r.move(1)
	case keys.PageUp:
		r.move(-page)
	case keys.PageDown:
		r.move(page)
	case keys.Top:
		r.cursor = 0
	case keys.Bottom:
		r.move(1 << 30)
	case keys.EditField, keys.AddField, keys.RemoveField, keys.CallFunction:
		if !r.e.storesDraft() {
			r.notice = "An undo is saved as it is; change the fields afterwards."
			return nil
		}
	}
	switch a {
	case keys.EditField:
		return r.editSelected()
	case keys.AddField:
		r.e.draft = r.plan.draft
		f := addForm(r.e, nil, false, 0)
		f.back = r
		return r.e.show(f)
	case keys.RemoveField:
		return r.revertSelected()
	case keys.CallFunction:
		return r.callFunction()
	}
	return nil
}

// save asks for the guarded update.
func (r *review) save() tea.Cmd {
	if !r.ready {
		return nil
	}
	r.saving, r.fault, r.notice = true, nil, ""
	var keep tea.Cmd
	if !r.stored && r.e.storesDraft() { // nothing typed so far, but a save that fails must not be lost
		r.stored = true
		keep = r.e.storeDraft(r.plan.draft)
	}
	person, update := r.e.user(), r.plan.update
	return tea.Batch(keep, request.Start(r.e.requests, func(ctx context.Context) (model.WriteResult, error) { return person.Save(ctx, update) }))
}

// cancelSave stops waiting for the save. Whether it was saved is not known then, and that is said.
func (r *review) cancelSave() tea.Cmd {
	r.e.requests.Cancel()
	r.saving = false
	r.notice = "The answer was not waited for: the change may have been saved or not. Save again to find out; it is never made twice."
	return nil
}

// handleOutcome goes on by what became of the save.
func (r *review) handleOutcome(m request.Response[model.WriteResult]) tea.Cmd {
	r.saving = false
	e := r.e
	if m.Err != nil {
		r.fault = model.AsFault("save", m.Err)
		r.cursor = 0
		return e.report(r.fault)
	}
	switch o := m.Value; {
	case o.Conflict:
		again, err := replay(model.NewDraft(o.Theirs, r.plan.draft.Owner()), r.plan.draft.Rebase(o.Theirs).Edits())
		if err != nil {
			r.fault = model.AsFault("start again from the document as it is now", err)
			return nil
		}
		return e.show(newConflict(e, r.plan.draft, again, r.plan.draft.Conflicts(o.Theirs)))
	case o.AlreadyDone:
		told := nav.Notify{Text: model.Show("nothing was written: the document already was as wanted")}
		return tea.Batch(e.storeDraft(nil), nav.Send(told), nav.Send(nav.Refresh{}), e.close())
	default:
		return tea.Batch(e.storeDraft(nil), nav.Send(nav.Saved{Draft: r.plan.draft, Outcome: o, IsUndo: e.undoing()}), e.close())
	}
}

// undoing reports that a save is taken back, not an undo.
func (e *Editor) undoing() bool {
	t, ok := e.task.(undoTask)
	return ok && !t.again
}

// storesDraft reports that the editor's draft is one that is kept; undoing leaves a kept one alone.
func (e *Editor) storesDraft() bool {
	_, undoing := e.task.(undoTask)
	return !undoing
}

// storeDraft stores the editor's draft, where it is one that is kept; nil or an empty one forgets it.
func (e *Editor) storeDraft(d *model.Draft) tea.Cmd {
	if !e.storesDraft() {
		return nil
	}
	return e.autosave.store(d, e.Now)
}

// storeTyped stores what is being typed, of this size in bytes, beside a draft.
func (e *Editor) storeTyped(d *model.Draft, size int, typed func() model.PendingInput) tea.Cmd {
	draft := func() *model.Draft {
		t := typed()
		return d.WithPendingInput(&t)
	}
	switch {
	case !e.storesDraft():
		return nil
	case size > maxSyncBytes:
		return e.autosave.storeLarge(draft, e.Now)
	}
	return e.autosave.store(draft(), e.Now)
}

// back goes to what led here, or leaves.
func (r *review) back() tea.Cmd {
	r.e.requests.Cancel()
	switch s := r.previous.(type) {
	case *form:
		return tea.Batch(s.store(), r.e.show(s))
	case *documentEditor:
		return tea.Batch(s.store(), r.e.show(s))
	}
	return r.e.leave()
}

// selected is the change under the cursor, false when the cursor is elsewhere and there are several.
func (r *review) selected() (model.Change, bool) {
	if len(r.plan.changes) == 1 {
		return r.plan.changes[0], true
	}
	rows := r.lines(r.e.inner().X)
	if r.cursor < len(rows) && rows[r.cursor].change >= 0 {
		return r.plan.changes[rows[r.cursor].change], true
	}
	return model.Change{}, false
}

// editSelected goes back to the form of the change under the cursor.
func (r *review) editSelected() tea.Cmd {
	c, ok := r.selected()
	if !ok {
		r.notice = "Move to one of the changes first."
		return nil
	}
	r.e.draft = r.plan.draft
	if why := r.e.blockedReason(c.Path); why != "" {
		r.notice = why
		return nil
	}
	f := fieldForm(r.e, c.Path)
	f.back = r
	return r.e.show(f)
}

// revertSelected takes the change under the cursor out of the draft.
func (r *review) revertSelected() tea.Cmd {
	c, ok := r.selected()
	if !ok {
		r.notice = "Move to one of the changes first."
		return nil
	}
	next, err := replay(r.plan.draft, r.plan.draft.Edits())
	if err != nil {
		r.notice = err.Error()
		return nil
	}
	for _, x := range next.Edits() {
		if c.Path.Within(x.Path) || x.Path.Within(c.Path) {
			next.Revert(x.Path)
		}
	}
	if next.Empty() {
		return tea.Batch(r.e.storeDraft(nil), r.e.close())
	}
	r.e.draft = next
	again := r.e.review(next)
	return tea.Batch(r.e.storeDraft(next), again)
}

func (r *review) move(by int) {
	r.cursor = min(max(0, r.cursor+by), max(0, len(r.lines(r.e.inner().X))-1))
}

func (r *review) rows(width int) int { return max(5, len(r.lines(width))+1) }
func (r *review) capturing() bool    { return false }
func (r *review) scope() keys.Scope {
	if r.fault != nil && r.ready {
		return keys.SaveFailed
	}
	return keys.Review
}
func (r *review) title() string {
	if !r.e.storesDraft() {
		return r.e.task.title()
	}
	return "review"
}
func (r *review) unsaved() bool { return r.stored }
