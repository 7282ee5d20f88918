package edit

import (
	"context"
	"image"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
)

// loaded is what the editor reads before anything is edited.
type loaded struct {
	document  bson.Raw
	scope     model.Owner
	readOnly  []model.Path
	outdated  []model.Change // the snapshot compared with the document
	stored    *model.Draft
	storedErr error
}

// load reads the current document and the stored draft.
func (e *Editor) load() tea.Cmd {
	e.stage = &loading{e: e}
	person, drafts := e.user(), e.Drafts
	snapshot := e.State.Session.Snapshot.CustomData
	account, field := e.User.Account(), e.State.App().CustomData.UserIDField
	return request.Start(e.requests, func(ctx context.Context) (loaded, error) {
		r, err := person.Check(ctx)
		if err != nil {
			return loaded{}, err
		}
		o := loaded{document: r.Document, scope: scopeOf(r, field, account.UserID),
			readOnly: model.UnencodableFields(r.Document)}
		if snapshot != nil {
			o.outdated = model.DiffSnapshot(snapshot, r.Document)
		}
		o.stored, o.storedErr = drafts.Load(account.ID)
		return o, nil
	})
}

// scopeOf returns the filter on the user id, in the type that the document stores.
func scopeOf(r model.CheckResult, field, userID string) model.Owner {
	if v, ok := (model.Path{field}).Lookup(r.Document); ok {
		return model.Owner{UserIDField: field, UserID: v}
	}
	return model.Owner{UserIDField: field, UserID: model.ValueOf(userID)}
}

// loading waits for the document, or shows why it cannot be read.
type loading struct {
	e     *Editor
	fault *model.Fault
}

func (r *loading) update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(request.Response[loaded])
	if !ok || !request.Accept(r.e.requests, m) {
		return nil
	}
	if m.Err != nil {
		r.fault = model.AsFault("read the document", m.Err)
		return r.e.report(r.fault)
	}
	return r.e.startTask(m.Value)
}

// report sends the root the faults that it handles itself; the stage shows all others.
func (e *Editor) report(f *model.Fault) tea.Cmd {
	if f.Kind == model.SignedOut || f.Kind == model.Unreachable {
		return nav.Send(nav.ShowFault{Fault: f})
	}
	return nil
}

// startTask starts the task on the loaded document, or offers the stored draft.
func (e *Editor) startTask(o loaded) tea.Cmd {
	e.draft = model.NewDraft(o.document, o.scope)
	e.readOnly, e.outdated = o.readOnly, o.outdated
	var told tea.Cmd
	if o.storedErr != nil {
		told = nav.Send(nav.Notify{Text: model.Show("the stored draft cannot be read: " + o.storedErr.Error())})
	}
	if _, undoing := e.task.(undoTask); undoing || o.stored == nil {
		return tea.Batch(told, e.task.start(e))
	}
	again, err := replay(e.draft, o.stored.Rebase(o.document).Edits())
	if err != nil { // the edits cannot be applied any more
		again = e.draft
		told = nav.Send(nav.Notify{Text: model.Show("the stored draft cannot be applied any more: " + model.AsFault("",
			err).Error())})
	}
	typed, typing := o.stored.PendingInput()
	if typing && typed.EditTarget == model.TargetField { // the database may already hold the value
		wanted, err := model.Parse(typed.Kind, typed.Text)
		now, ok := typed.Path.Lookup(again.Result())
		typing = err != nil || !ok || !model.Identical(wanted, now)
	}
	if again.Empty() && !typing {
		return tea.Batch(told, e.storeDraft(nil), e.task.start(e))
	}
	f := &draftPrompt{e: e, stored: o.stored, rebased: again, changes: again.Changes()}
	if typing {
		f.typed = &typed
	}
	return tea.Batch(told, e.show(f))
}

// replay applies edits to a new draft with the base of d; d is unchanged.
func replay(d *model.Draft, edits []model.Edit) (*model.Draft, error) {
	made := model.NewDraft(d.Base(), d.Owner())
	for _, x := range edits {
		var err error
		if x.Unset {
			err = made.Unset(x.Path)
		} else {
			err = made.Set(x.Path, x.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (r *loading) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return r.e.close()
	case keys.Retry, keys.Accept:
		if r.fault != nil {
			return r.e.load()
		}
	}
	return nil
}

func (r *loading) draw(size image.Point) ([]string, *image.Point) {
	s := r.e.Styles
	if r.fault == nil {
		return []string{"", s.Muted.Render(" reading the document" + s.Glyphs.Ellipsis)}, nil
	}
	return append([]string{""}, r.e.faultLines(r.fault, size.X)...), nil
}

func (r *loading) rows(int) int      { return 7 }
func (r *loading) capturing() bool   { return false }
func (r *loading) scope() keys.Scope { return keys.Loading }
func (r *loading) title() string     { return r.e.task.title() }
func (r *loading) unsaved() bool     { return false }
