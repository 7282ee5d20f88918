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
	"dossier/ui/state"
)

// loaded is what the editor reads before anything is edited.
type loaded struct {
	document  bson.Raw
	owner     model.Owner
	readOnly  []model.Unencodable
	outdated  []model.Change // the snapshot compared with the document
	stored    *model.Draft
	storedErr error
}

// load reads the current document and the stored draft.
func (e *Editor) load() tea.Cmd {
	e.stage = &loading{e: e}
	user, drafts := e.user(), e.Drafts
	snapshot := e.State.Session.Snapshot.CustomData
	account, field := e.User.Account(), e.State.App().CustomData.UserIDField
	return request.Start(e.requests, func(ctx context.Context) (loaded, error) {
		r, err := user.Check(ctx)
		if err != nil {
			return loaded{}, err
		}
		o := loaded{document: r.Document, owner: r.Owner(field, account.UserID)}
		if !r.Exact {
			o.readOnly = model.UnencodableFields(r.Document)
		}
		if snapshot != nil {
			o.outdated = model.DiffSnapshot(snapshot, r.Document)
		}
		o.stored, o.storedErr = drafts.Load(account.ID)
		return o, nil
	})
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

// startTask starts the task on the loaded document, with the stored draft.
func (e *Editor) startTask(o loaded) tea.Cmd {
	e.draft = model.NewDraft(o.document, o.owner)
	e.readOnly, e.outdated = o.readOnly, o.outdated
	var notify tea.Cmd
	if o.storedErr != nil {
		notify = nav.Send(nav.Notify{Text: state.FaultMessage(model.AsFault("read the stored draft", o.storedErr))})
	}
	if _, isUndo := e.task.(undoTask); isUndo || o.stored == nil {
		return tea.Batch(notify, e.task.start(e))
	}
	return tea.Batch(notify, e.continueDraft(o.stored))
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

func (r *loading) rows(int) int    { return 7 }
func (r *loading) capturing() bool { return false }
func (r *loading) scope() keys.Scope {
	if r.fault == nil {
		return keys.Waiting
	}
	return keys.Loading
}
func (r *loading) title() string { return r.e.task.title() }
func (r *loading) unsaved() bool { return false }
