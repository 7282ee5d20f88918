package edit

import (
	"context"
	"image"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
)

// loaded is what the editor reads before anything is edited.
type loaded struct {
	document bson.Raw
	owner    model.Owner
	readOnly []model.Unencodable
	outdated []model.Change // the snapshot compared with the document
}

// load reads the current document. typed is the input for the stage after it.
func (e *Editor) load(typed []tea.Msg) tea.Cmd {
	e.stage = &loading{e: e, typed: typed}
	user := e.user()
	snapshot := e.State.Session.Snapshot.CustomData
	account, field := e.User.Account(), e.State.App().CustomData.UserIDField
	return request.Start(e.requests, func(ctx context.Context) (loaded, error) {
		r, err := user.Check(ctx)
		if err != nil {
			return loaded{}, err
		}
		return loadedOf(r, r.Owner(field, account.UserID), snapshot), nil
	})
}

// loadedOf describes a document that was read.
func loadedOf(r model.CheckResult, owner model.Owner, snapshot bson.Raw) loaded {
	o := loaded{document: r.Document, owner: owner}
	if !r.Exact {
		o.readOnly = model.UnencodableFields(r.Document)
	}
	if snapshot != nil {
		o.outdated = model.DiffSnapshot(snapshot, r.Document)
	}
	return o
}

// loadedFrom describes the last check, without the differences to the snapshot.
func (e *Editor) loadedFrom(r model.CheckResult) loaded { return loadedOf(r, e.Current.owner(r), nil) }

// loading waits for the draft and the document, or shows why it cannot be read. It keeps what is typed meanwhile.
type loading struct {
	e     *Editor
	typed []tea.Msg // key presses and pastes
	fault *model.Fault
}

func (r *loading) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		if a, ok := r.e.actionFor(m); ok {
			return r.do(a)
		}
		r.typed = append(r.typed, m)
	case tea.PasteMsg:
		r.typed = append(r.typed, m)
	case request.Response[loaded]:
		if !request.Accept(r.e.requests, m) {
			return nil
		}
		if m.Err != nil {
			r.fault = model.AsFault("read the document", m.Err)
			return r.e.report(r.fault)
		}
		return tea.Batch(r.e.startTask(m.Value), r.e.replay(r.typed))
	}
	return nil
}

// replay hands what was typed before the document was loaded to the input for it. It ends where another stage begins:
// nothing is saved or discarded that was not shown before.
func (e *Editor) replay(typed []tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	var letters pane.Letters
	for i, msg := range typed {
		if e.done {
			e.rest = typed[i:]
			return tea.Batch(cmds...)
		}
		switch e.stage.(type) {
		case *form, *documentEditor, *renamer, *paster, *typePicker:
		default:
			return tea.Batch(cmds...)
		}
		press, isKey := msg.(tea.KeyPressMsg)
		if !isKey || e.stage.capturing() {
			cmds = append(cmds, e.Update(msg))
		} else if cmd, selected := letters.Select(e, press, e.Now); selected {
			cmds = append(cmds, cmd)
		} else if a, ok := e.Keys.Resolve(press, e.stage.scope(), keys.Dialog); ok {
			cmds = append(cmds, e.Handle(a))
		}
	}
	return tea.Batch(cmds...)
}

// report sends the root the faults that it handles itself; the stage shows all others.
func (e *Editor) report(f *model.Fault) tea.Cmd {
	if f.Kind == model.SignedOut || f.Kind == model.Unreachable {
		return nav.Send(nav.ShowFault{Fault: f})
	}
	return nil
}

// startTask starts the task on the loaded document, with the draft that is kept.
func (e *Editor) startTask(o loaded) tea.Cmd {
	e.draft = model.NewDraft(o.document, o.owner)
	e.readOnly, e.outdated = o.readOnly, o.outdated
	kept := e.autosave.current()
	if _, isUndo := e.task.(undoTask); isUndo || kept == nil {
		return e.task.start(e)
	}
	return e.continueDraft(kept.WithOwner(o.owner))
}

func (r *loading) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return r.e.close()
	case keys.Retry, keys.Accept:
		if r.fault != nil {
			return r.e.load(r.typed)
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
func (r *loading) capturing() bool { return r.fault == nil }
func (r *loading) scope() keys.Scope {
	if r.fault == nil {
		return keys.Waiting
	}
	return keys.Loading
}
func (r *loading) title() string { return r.e.task.title() }
func (r *loading) unsaved() bool { return false }
