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

// opened is what the editor learns before anything is typed.
type opened struct {
	document    bson.Raw
	scope       model.Scope
	uncarriable []model.Path
	outdated    []model.Change // the application's copy against the document
	kept        *model.Draft
	keptErr     error
}

// read asks for the document as it is now, and for a change kept from before.
func (e *Editor) read() tea.Cmd {
	e.stage = &reading{e: e}
	person, drafts := e.person(), e.Drafts
	snapshot := e.Record.Session.Snapshot.CustomData
	account, field := e.Person.Account(), e.Record.App().CustomData.UserIDField
	return request.Ask(e.asker, func(ctx context.Context) (opened, error) {
		r, err := person.Look(ctx)
		if err != nil {
			return opened{}, err
		}
		o := opened{document: r.Document, scope: scopeOf(r, field, account.UserID), uncarriable: model.Uncarriable(r.Document)}
		if snapshot != nil {
			o.outdated = model.DiffSnapshot(snapshot, r.Document)
		}
		o.kept, o.keptErr = drafts.Load(account.ID)
		return o, nil
	})
}

// scopeOf says whose document was read: the id in the type it is stored with.
func scopeOf(r model.Reading, field, userID string) model.Scope {
	if v, ok := (model.Path{field}).Lookup(r.Document); ok {
		return model.Scope{UserIDField: field, UserID: v}
	}
	return model.Scope{UserIDField: field, UserID: model.ValueOf(userID)}
}

// reading waits for the document, or says why it cannot be had.
type reading struct {
	e     *Editor
	fault *model.Fault
}

func (r *reading) update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(request.Answer[opened])
	if !ok || !request.Takes(r.e.asker, m) {
		return nil
	}
	if m.Err != nil {
		r.fault = model.AsFault("read the document", m.Err)
		return r.e.report(r.fault)
	}
	return r.e.begin(m.Value)
}

// report hands the root the faults it has a place of its own for; the others stay where they happened.
func (e *Editor) report(f *model.Fault) tea.Cmd {
	if f.Kind == model.SignedOut || f.Kind == model.Unreachable {
		return nav.Send(nav.Report{Fault: f})
	}
	return nil
}

// begin starts the task on the document that was read, or offers the change kept from before.
func (e *Editor) begin(o opened) tea.Cmd {
	e.draft = model.NewDraft(o.document, o.scope)
	e.uncarriable, e.outdated = o.uncarriable, o.outdated
	var told tea.Cmd
	if o.keptErr != nil {
		told = nav.Send(nav.Tell{Text: model.Show("the unsaved change from before cannot be read: " + o.keptErr.Error())})
	}
	if _, undoing := e.task.(undoTask); undoing || o.kept == nil {
		return tea.Batch(told, e.task.start(e))
	}
	again, err := replay(e.draft, o.kept.Rebase(o.document).Edits())
	if err != nil { // it cannot be made any more
		again = e.draft
		told = nav.Send(nav.Tell{Text: model.Show("the unsaved change from before cannot be made any more: " + model.AsFault("", err).Error())})
	}
	typed, typing := o.kept.Typed()
	if typing && typed.Site == model.OnField { // the database may hold it already
		wanted, err := model.Parse(typed.Kind, typed.Text)
		now, ok := typed.Path.Lookup(again.Result())
		typing = err != nil || !ok || !model.Same(wanted, now)
	}
	if again.Empty() && !typing {
		return tea.Batch(told, e.keep(nil), e.task.start(e))
	}
	f := &offer{e: e, old: o.kept, again: again, changes: again.Changes()}
	if typing {
		f.typed = &typed
	}
	return tea.Batch(told, e.show(f))
}

// replay makes the edits on a new draft that starts where d does; d stays as it is.
func replay(d *model.Draft, edits []model.Edit) (*model.Draft, error) {
	made := model.NewDraft(d.Base(), d.Scope())
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

func (r *reading) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return r.e.close()
	case keys.Retry, keys.Accept:
		if r.fault != nil {
			return r.e.read()
		}
	}
	return nil
}

func (r *reading) draw(size image.Point) ([]string, *image.Point) {
	s := r.e.Styles
	if r.fault == nil {
		return []string{"", s.Muted.Render(" reading the document" + s.Glyphs.Ellipsis)}, nil
	}
	return append([]string{""}, r.e.explain(r.fault, size.X)...), nil
}

func (r *reading) rows(int) int      { return 7 }
func (r *reading) capturing() bool   { return false }
func (r *reading) scope() keys.Scope { return keys.Reading }
func (r *reading) title() string     { return r.e.task.title() }
func (r *reading) unsaved() bool     { return false }
