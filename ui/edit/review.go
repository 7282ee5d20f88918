package edit

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/state"
)

// plan is a draft prepared for the review.
type plan struct {
	draft   *model.Draft
	update  model.Update
	call    string             // the exact updateOne call, masked if necessary
	changes []model.Change     // those of a renamed field are one, at its old name
	renamed map[int]model.Path // the new paths of renamed fields, by index in changes
	unseen  []model.Change     // of the edited fields, from the token's value to the one in the database
}

// review prepares the draft and shows it.
func (e *Editor) review(d *model.Draft) tea.Cmd {
	_, isKept := e.task.(reviewTask)
	r := &review{e: e, plan: plan{draft: d}, previous: e.stage}
	r.stored = e.storesDraft() && (isKept || worthStoring(e.stage))
	s := e.State
	e.show(r)
	return request.Start(e.requests, func(context.Context) (plan, error) {
		u, err := d.Update()
		if err != nil {
			return plan{}, err
		}
		shown := u
		if s.Masked {
			shown = maskUpdate(s, u)
		}
		p := plan{draft: d, update: u, call: shown.String(), unseen: unseenChanges(s.Session.Snapshot.CustomData, d)}
		p.changes, p.renamed = model.PairRenames(d.Changes())
		return p, nil
	})
}

// worthStoring reports whether a stage holds input or decisions that a review of its result must store.
func worthStoring(s stage) bool {
	switch s := s.(type) {
	case *form, *documentEditor, *conflict:
		return true
	case *review:
		return s.stored
	}
	return false
}

// review shows what a save will do, and saves.
type review struct {
	e        *Editor
	plan     plan
	ready    bool
	previous stage // the stage that led here
	stored   bool  // the draft is stored

	saving bool
	fault  *model.Fault // why the save failed
	notice string       // another message
	isOpen bool         // the exact call is shown

	cursor int // the selected row
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
		r.move(pane.WheelRows(m, 3))
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
	case keys.Toggle:
		r.isOpen = !r.isOpen
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
			r.notice = "An undo cannot be edited: save it first, then change the fields."
			return nil
		}
	}
	switch a {
	case keys.EditField:
		return r.editSelected()
	case keys.AddField:
		r.e.draft = r.plan.draft
		f := addForm(r.e, nil)
		f.back = r
		return r.e.show(f)
	case keys.RemoveField:
		return r.revertSelected()
	case keys.CallFunction:
		return r.callFunction()
	case keys.Discard:
		if r.e.storesDraft() {
			return r.e.discardDraft(r.plan.draft)
		}
	case keys.Unfold:
		return r.goToSelected()
	}
	return nil
}

// goToSelected closes the review and selects the field of the selected change in the document.
func (r *review) goToSelected() tea.Cmd {
	field, _, ok := r.selected()
	if !ok || r.e.Select == nil {
		return nil
	}
	r.e.Select(field)
	return r.e.close()
}

// save sends the guarded update.
func (r *review) save() tea.Cmd {
	if !r.ready {
		return nil
	}
	r.saving, r.fault, r.notice = true, nil, ""
	var store tea.Cmd
	if !r.stored && r.e.storesDraft() { // a removal or undo has no input, but must survive a failed save
		r.stored = true
		store = r.e.storeDraft(r.plan.draft)
	}
	user, update := r.e.user(), r.plan.update
	save := func(ctx context.Context) (model.WriteResult, error) { return user.Save(ctx, update) }
	return tea.Batch(store, request.Start(r.e.requests, save))
}

// cancelSave stops waiting for the response. The message states that the outcome is unknown.
func (r *review) cancelSave() tea.Cmd {
	r.e.requests.Cancel()
	r.saving = false
	r.notice = "Stopped waiting: the change may or may not have been saved. " +
		"Save again to find out; it is never applied twice."
	return nil
}

// handleOutcome continues with the outcome of the save.
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
		rebased, err := rebase(r.plan.draft, o.Theirs)
		if err != nil {
			r.fault = model.AsFault("rebase onto the current document", err)
			return nil
		}
		_, show := e.showConflict(r.plan.draft, rebased, r.plan.draft.Conflicts(o.Theirs))
		return show
	case o.AlreadyDone:
		notice := nav.Notify{Text: state.Public("nothing was written: the document already has these values")}
		e.Current.wrote()
		return tea.Batch(e.storeSaved(leftover(r.plan.draft)), nav.Send(notice), nav.Send(nav.Refresh{}), e.close())
	default:
		saved := e.savedMessage(r.plan.draft, o)
		e.Current.wrote()
		return tea.Batch(e.storeSaved(leftover(r.plan.draft)), nav.Send(saved), e.close())
	}
}

// storesDraft reports whether autosave stores the editor's draft. Undo and redo leave a stored draft alone.
func (e *Editor) storesDraft() bool {
	_, undoing := e.task.(undoTask)
	return !undoing
}

// storeDraft writes the editor's draft to disk; a nil or empty one deletes the stored draft.
func (e *Editor) storeDraft(d *model.Draft) tea.Cmd {
	if !e.storesDraft() {
		return nil
	}
	return e.autosave.store(d, e.Now)
}

// storeSaved writes what is left of the editor's draft after a save.
func (e *Editor) storeSaved(d *model.Draft) tea.Cmd {
	if !e.storesDraft() {
		return nil
	}
	return e.autosave.saved(d, e.Now)
}

// storeTyped stores a draft together with input of this size in bytes.
func (e *Editor) storeTyped(d *model.Draft, size int, typed func() model.PendingInput) tea.Cmd {
	draft := func() *model.Draft {
		return d.WithPendingInput(typed())
	}
	switch {
	case !e.storesDraft():
		return nil
	case size > maxSyncBytes:
		return e.autosave.storeLarge(draft, e.Now)
	}
	return e.autosave.store(draft(), e.Now)
}

// back returns to the previous stage, or leaves the editor.
func (r *review) back() tea.Cmd {
	r.e.requests.Cancel()
	switch s := r.previous.(type) {
	case *form:
		return tea.Batch(s.store(), r.e.show(s))
	case *documentEditor:
		return tea.Batch(s.store(), r.e.show(s))
	case *undoList:
		return r.e.show(s)
	}
	return r.e.leave()
}

// selected returns the path of the change under the cursor, or of the only change, and its index; false: none.
func (r *review) selected() (field model.Path, index int, ok bool) {
	index = -1
	if len(r.plan.changes) == 1 {
		index = 0
	} else if rows := r.lines(r.e.inner().X); r.cursor < len(rows) {
		index = rows[r.cursor].change
	}
	if index < 0 {
		return nil, 0, false
	}
	if to, renamed := r.plan.renamed[index]; renamed {
		return to, index, true
	}
	return r.plan.changes[index].Path, index, true
}

// editSelected opens the form of the selected change.
func (r *review) editSelected() tea.Cmd {
	field, _, ok := r.selected()
	if !ok {
		r.notice = "Select a change first."
		return nil
	}
	r.e.draft = r.plan.draft
	if reason := r.e.blockedReason(field); reason != "" {
		r.notice = reason
		return nil
	}
	f := fieldForm(r.e, field)
	f.back = r
	return r.e.show(f)
}

// revertSelected removes the selected change from the draft.
func (r *review) revertSelected() tea.Cmd {
	field, index, ok := r.selected()
	if !ok {
		r.notice = "Select a change first."
		return nil
	}
	next := r.plan.draft.Clone()
	r.revert(next, index)
	reverted := "reverted: " + field.String()
	if next.Empty() {
		notice := nav.Notify{Text: state.Public(reverted + "; nothing is left to save")}
		return tea.Batch(r.e.storeDraft(leftover(next)), nav.Send(notice), r.e.close())
	}
	r.e.draft = next
	show := r.e.review(next)
	return tea.Batch(r.e.storeDraft(next), nav.Send(nav.Notify{Text: state.Public(reverted)}), show)
}

func (r *review) move(by int) {
	r.cursor = min(max(0, r.cursor+by), max(0, len(r.lines(r.e.inner().X))-1))
}

func (r *review) rows(width int) int { return max(5, len(r.lines(width))+1) }
func (r *review) capturing() bool    { return false }

// key returns the key of an action of the review.
func (r *review) key(a keys.Action) string { return r.e.Keys.KeyOf(r.scope(), a) }

func (r *review) scope() keys.Scope {
	if r.saving {
		return keys.Waiting
	}
	if r.fault != nil && r.ready {
		return keys.SaveFailed
	}
	if !r.e.storesDraft() {
		return keys.UndoReview
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
