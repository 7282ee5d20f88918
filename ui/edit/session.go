package edit

import (
	"bytes"
	"context"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
)

// Session is the draft of the current user in memory: its editors share it, and operations change it without a dialog.
// It ends with its context. Its methods are for the event loop only.
type Session struct {
	config   Config
	autosave *autosaver
	requests *request.Runner
	hints    hintList
	queue    []Operation // not yet carried out, the first one next
	// the check that a write of this session made outdated; nil: none
	outdated *model.CheckResult
}

// NewSession returns the session of the user of c.
func NewSession(c Config) *Session {
	return &Session{config: c, autosave: newAutosaver(c), requests: request.New(c.Ctx, c.Timeout)}
}

// read is the document and the stored draft.
type read struct {
	loaded
	check *model.CheckResult
}

// applied is the result of an operation.
type applied struct {
	draft  *model.Draft
	fields []model.Path // to select
	fault  *model.Fault
}

// Update handles responses and changes of the state.
func (s *Session) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case state.Changed:
		s.config.State = m.State
	case state.Tick:
		s.config.Now = m.Now
	case request.Response[autosaved]:
		return s.autosave.handle(m, s.config.Now)
	case request.Response[model.Hints]:
		s.hints.take(m)
	case request.Response[read]:
		if request.Accept(s.requests, m) {
			return s.haveRead(m.Value, m.Err)
		}
	case request.Response[applied]:
		if request.Accept(s.requests, m) {
			return s.finish(m.Value)
		}
	}
	return nil
}

// Adopt takes the draft that was stored before this session, nil if there was none. Later drafts of the session stay.
func (s *Session) Adopt(stored *model.Draft) { s.autosave.adopt(stored) }

// Newest returns a report of a stored draft with the newest draft in place of its own, unless it reports that the draft
// could not be stored, or another account's.
func (s *Session) Newest(m nav.DraftStored) nav.DraftStored {
	if a := s.autosave; m.AccountID == a.accountID && a.newest.Load() != nil && !a.failed {
		m.Draft = a.kept
	}
	return m
}

// Flush returns a function that writes the newest draft to disk, if it is not there yet.
func (s *Session) Flush() func() error {
	s.autosave.flush(s.config.Now)
	return s.autosave.save
}

// Failed reports whether the draft cannot be stored: it is lost when the program ends.
func (s *Session) Failed() bool { return s.autosave.failed }

// check returns the last check of the database if no write of this session made it outdated; nil: read it again.
func (s *Session) check() *model.CheckResult {
	if c := s.config.State.LastCheck; c != nil && c != s.outdated {
		return c
	}
	return nil
}

// wrote reports a write of this session, after which the last check is outdated.
func (s *Session) wrote() { s.outdated = s.config.State.LastCheck }

// Run carries out an operation, after those before it: at once if the document is known and small, otherwise outside
// the event loop.
func (s *Session) Run(o Operation) tea.Cmd {
	s.queue = append(s.queue, o)
	if s.config.State.Opening {
		waits := nav.Send(nav.Notify{Text: state.Public("this is done as soon as the service is open")})
		return tea.Batch(s.next(), waits)
	}
	return s.next()
}

// next starts the next operation, unless one is under way.
func (s *Session) next() tea.Cmd {
	if len(s.queue) == 0 || s.requests.Busy() {
		return nil
	}
	check := s.check()
	if check == nil || !s.autosave.known {
		return s.read()
	}
	return s.start(*check)
}

// read reads the document and the stored draft.
func (s *Session) read() tea.Cmd {
	user, drafts := newestUser(s.config), s.config.Drafts
	return request.Start(s.requests, func(ctx context.Context) (read, error) {
		r, err := user.Check(ctx)
		if err != nil {
			return read{}, err
		}
		o := read{check: &r}
		o.stored, o.storedErr = drafts.Load(user.Account().ID)
		return o, nil
	})
}

// haveRead carries out the next operation on what was read.
func (s *Session) haveRead(r read, err error) tea.Cmd {
	if err != nil {
		s.queue = nil
		return notifyFault("read the document", err)
	}
	var notify tea.Cmd
	if r.storedErr != nil {
		notify = notifyFault("read the stored draft", r.storedErr)
	}
	s.autosave.adopt(r.stored)
	return tea.Batch(notify, s.start(*r.check))
}

// maxSyncDocument is the size of a document up to which an operation runs inside the event loop, in bytes.
const maxSyncDocument = 256 << 10

// start carries out the first operation of the queue.
func (s *Session) start(check model.CheckResult) tea.Cmd {
	o := s.queue[0]
	s.queue = s.queue[1:]
	kept, owner := s.autosave.current(), s.owner(check)
	apply := func() applied {
		d, err := draftOn(kept, check.Document, owner)
		if err != nil {
			return applied{fault: model.AsFault("apply the stored draft", err)}
		}
		next, fields, err := o.apply(d)
		if err != nil {
			return applied{fault: model.AsFault("", err)}
		}
		return applied{draft: next, fields: fields}
	}
	if len(check.Document) <= maxSyncDocument {
		return s.finish(apply())
	}
	return request.Start(s.requests, func(context.Context) (applied, error) { return apply(), nil })
}

func (s *Session) owner(check model.CheckResult) model.Owner {
	return check.Owner(s.config.State.App().CustomData.UserIDField, s.config.User.Account().UserID)
}

// finish stores the result of an operation and starts the next one.
func (s *Session) finish(a applied) tea.Cmd {
	if a.fault != nil {
		return tea.Batch(nav.Send(nav.Notify{Text: state.FaultMessage(a.fault)}), s.next())
	}
	first := editsOf(s.autosave.current()) == nil
	store := s.autosave.store(a.draft, s.config.Now)
	if len(a.fields) > 0 && s.config.Select != nil {
		s.config.Select(a.fields[0])
	}
	var hint tea.Cmd
	if first && !a.draft.Empty() {
		hint = draftHint(s.config.Keys)
	}
	return tea.Batch(store, hint, s.next())
}

// draftHint says how the draft is saved, when it gets its first edit.
func draftHint(k keys.Map) tea.Cmd {
	text := "kept in the draft: {document.review-draft} reviews and saves it, {document.undo-edit} undoes"
	return nav.Send(nav.Notify{Text: state.Public(k.Expand(text)), AboutDraft: true})
}

func notifyFault(op string, err error) tea.Cmd {
	return nav.Send(nav.Notify{Text: state.FaultMessage(model.AsFault(op, err))})
}

// draftOn returns the kept draft, nil or not, on a document. Edits that conflict with it keep the value that they
// started from as their base, so that the save reports the conflict.
func draftOn(kept *model.Draft, document []byte, owner model.Owner) (*model.Draft, error) {
	if kept == nil {
		return model.NewDraft(document, owner), nil
	}
	kept = kept.WithOwner(owner)
	if bytes.Equal(kept.Base(), document) {
		return kept, nil
	}
	rebased, err := rebase(kept, document)
	if err != nil {
		return nil, err
	}
	if conflicts := kept.Conflicts(document); len(conflicts) > 0 {
		return keepBases(rebased, conflicts)
	}
	return rebased, nil
}

// Undo undoes the last operation on the draft.
func (s *Session) Undo() tea.Cmd {
	return s.step(&s.autosave.history.undo, &s.autosave.history.redo, "undone: ")
}

// Redo restores the operation that was undone last.
func (s *Session) Redo() tea.Cmd {
	return s.step(&s.autosave.history.redo, &s.autosave.history.undo, "redone: ")
}

// CanUndo reports whether there is an operation to undo.
func (s *Session) CanUndo() bool { return len(s.autosave.history.undo) > 0 }

// CanRedo reports whether there is an operation to restore.
func (s *Session) CanRedo() bool { return len(s.autosave.history.redo) > 0 }

// step replaces the draft by the one of the last step of a list, and moves that step to the other list.
func (s *Session) step(from, to *[]step, done string) tea.Cmd {
	n := len(*from)
	if n == 0 || s.requests.Busy() {
		return nil
	}
	last := (*from)[n-1]
	*from = (*from)[:n-1]
	now := s.autosave.current()
	*to = append(*to, step{before: now, fields: last.fields, bytes: last.bytes})
	notice := nav.Send(nav.Notify{Text: state.Public(done + last.fields)})
	return tea.Batch(s.autosave.replace(last.before, s.config.Now), notice)
}

// newestUser returns the owner of the document, with the newest session if they signed in again.
func newestUser(c Config) port.User {
	if c.Accounts != nil {
		if p, ok := c.Accounts.Current(); ok && p.Account().ID == c.User.Account().ID {
			return p
		}
	}
	return c.User
}
