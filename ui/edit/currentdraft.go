package edit

import (
	"bytes"
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
)

// CurrentDraft holds the draft of the current user in memory. Operations change it without a dialog, editors with one:
// one after another, so that none replaces the change of another. Nothing else reads the stored draft, which Adopt
// takes. It ends with its context. Its methods are for the event loop only.
type CurrentDraft struct {
	config   Config
	autosave *autosaver
	requests *request.Runner
	hints    hintList
	queue    []Operation      // not yet carried out, the first one next
	editor   *Editor          // that changes the draft; nil: none
	waiting  []func() tea.Cmd // run as soon as the stored draft is known and no operation is under way
	// the check that a save made outdated; nil: none
	outdated *model.CheckResult
}

// NewCurrentDraft returns the draft of the user of c. Operations and editors wait until Adopt.
func NewCurrentDraft(c Config) *CurrentDraft {
	return &CurrentDraft{config: c, autosave: newAutosaver(c), requests: request.New(c.Ctx, c.Timeout)}
}

// applied is the result of an operation.
type applied struct {
	operation Operation
	from      *model.Draft // the draft that it was applied to
	draft     *model.Draft
	fields    []model.Path // to select
	fault     *model.Fault
}

// Update handles responses and changes of the state.
func (c *CurrentDraft) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case state.Changed:
		c.config.State = m.State
	case state.Tick:
		c.config.Now = m.Now
	case request.Response[autosaved]:
		return c.autosave.handle(m, c.config.Now)
	case request.Response[model.Hints]:
		c.hints.take(m)
	case request.Response[operationCheck]:
		if request.Accept(c.requests, m) {
			return c.checked(m.Value.CheckResult, m.Err)
		}
	case request.Response[applied]:
		if request.Accept(c.requests, m) {
			return c.finish(m.Value)
		}
	}
	return nil
}

// Adopt takes the draft that was stored before this one, nil if there was none, and starts what waited for it. Later
// calls have no effect.
func (c *CurrentDraft) Adopt(stored *model.Draft) tea.Cmd {
	if c.autosave.known {
		return nil
	}
	c.autosave.adopt(stored)
	return c.next()
}

// Newest returns the newest draft; nil: there is none. It must not be changed.
func (c *CurrentDraft) Newest() *model.Draft { return c.autosave.current() }

// NewestStored returns a report of a stored draft with the newest draft in place of its own, unless it is another
// account's.
func (c *CurrentDraft) NewestStored(m nav.DraftStored) nav.DraftStored {
	if a := c.autosave; m.AccountID == a.accountID && a.newest.Load() != nil {
		m.Draft = a.kept
	}
	return m
}

// Flush returns a function that writes the newest draft to disk, if it is not there yet. Its error is a *model.Fault.
func (c *CurrentDraft) Flush() func() error {
	c.autosave.flush(c.config.Now)
	return func() error {
		if f := model.AsFault(opStore, c.autosave.save()); f != nil {
			return f
		}
		return nil
	}
}

// Flushed takes the result of a Flush.
func (c *CurrentDraft) Flushed(err error) { c.autosave.failed = err != nil }

// check returns the last check of the database if no save made it outdated; nil: read it again.
func (c *CurrentDraft) check() *model.CheckResult {
	if last := c.config.State.LastCheck; last != nil && last != c.outdated {
		return last
	}
	return nil
}

// wrote reports a save, after which the last check is outdated.
func (c *CurrentDraft) wrote() { c.outdated = c.config.State.LastCheck }

// Run carries out an operation, after those before it: at once if the document is known and small, otherwise outside
// the event loop.
func (c *CurrentDraft) Run(o Operation) tea.Cmd {
	c.queue = append(c.queue, o)
	if c.config.State.Opening {
		waits := nav.Send(nav.Notify{Text: state.Public("this is done as soon as the service is open")})
		return tea.Batch(c.next(), waits)
	}
	return c.next()
}

// next starts the next operation, unless an editor is open or one is under way. Without operations it continues with
// what waits for the draft.
func (c *CurrentDraft) next() tea.Cmd {
	switch {
	case !c.autosave.known || c.requests.Busy():
		return nil
	case len(c.queue) > 0 && c.editor == nil:
		check := c.check()
		if check == nil {
			return c.readDocument()
		}
		return c.start(*check)
	case len(c.waiting) == 0:
		return nil
	}
	first := c.waiting[0]
	c.waiting = c.waiting[1:]
	cmd := first()
	return tea.Batch(cmd, c.next())
}

// whenReady runs a function once the stored draft is known, after the operations before it.
func (c *CurrentDraft) whenReady(f func() tea.Cmd) tea.Cmd {
	c.waiting = append(c.waiting, f)
	return c.next()
}

// opened takes the editor that changes the draft from now on.
func (c *CurrentDraft) opened(e *Editor) { c.editor = e }

// closed takes the end of an editor, and starts what waited for it.
func (c *CurrentDraft) closed(e *Editor) tea.Cmd {
	if c.editor == e {
		c.editor = nil
	}
	return c.next()
}

// operationCheck is the document that an operation is applied to.
type operationCheck struct{ model.CheckResult }

func (c *CurrentDraft) readDocument() tea.Cmd {
	user := newestUser(c.config)
	return request.Start(c.requests, func(ctx context.Context) (operationCheck, error) {
		r, err := user.Check(ctx)
		return operationCheck{r}, err
	})
}

// checked carries out the next operation on the document that was read.
func (c *CurrentDraft) checked(r model.CheckResult, err error) tea.Cmd {
	if err != nil {
		c.queue = nil
		return tea.Batch(notifyFault("read the document", err), c.next())
	}
	return c.start(r)
}

// maxSyncDocument is the size of a document up to which an operation runs inside the event loop, in bytes.
const maxSyncDocument = 256 << 10

// start carries out the first operation of the queue.
func (c *CurrentDraft) start(check model.CheckResult) tea.Cmd {
	o := c.queue[0]
	c.queue = c.queue[1:]
	flush := c.autosave.flush(c.config.Now)
	kept, owner := c.autosave.kept, c.owner(check)
	apply := func() applied {
		a := applied{operation: o, from: kept}
		d, err := draftOn(kept, check.Document, owner)
		if err != nil {
			a.fault = model.AsFault("apply the stored draft", err)
			return a
		}
		if a.draft, a.fields, err = o.apply(d); err != nil {
			a.fault = model.AsFault("", err)
		}
		return a
	}
	if len(check.Document) <= maxSyncDocument {
		return tea.Batch(flush, c.finish(apply()))
	}
	return tea.Batch(flush, request.Start(c.requests, func(context.Context) (applied, error) { return apply(), nil }))
}

func (c *CurrentDraft) owner(check model.CheckResult) model.Owner {
	return check.Owner(c.config.State.App().CustomData.UserIDField, c.config.User.Account().UserID)
}

// finish stores the result of an operation and starts the next one.
func (c *CurrentDraft) finish(a applied) tea.Cmd {
	if a.from != c.autosave.kept || c.autosave.pending != nil { // it was applied to an older draft
		c.queue = slices.Insert(c.queue, 0, a.operation)
		return c.next()
	}
	if a.fault != nil {
		return tea.Batch(nav.Send(nav.Notify{Text: state.FaultMessage(a.fault)}), c.next())
	}
	first := editsOf(c.autosave.current()) == nil
	store := c.autosave.store(a.draft, c.config.Now)
	if len(a.fields) > 0 && c.config.Select != nil {
		c.config.Select(a.fields[0])
	}
	var hint tea.Cmd
	if first && !a.draft.Empty() {
		hint = draftHint(c.config.Keys)
	}
	return tea.Batch(store, hint, c.next())
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
func (c *CurrentDraft) Undo() tea.Cmd {
	h := &c.autosave.history
	return c.step(&h.undo, &h.redo, "undone: ")
}

// Redo restores the operation that was undone last.
func (c *CurrentDraft) Redo() tea.Cmd {
	h := &c.autosave.history
	return c.step(&h.redo, &h.undo, "redone: ")
}

// CanUndo reports whether there is an operation to undo.
func (c *CurrentDraft) CanUndo() bool { return len(c.autosave.history.undo.steps) > 0 }

// CanRedo reports whether there is an operation to restore.
func (c *CurrentDraft) CanRedo() bool { return len(c.autosave.history.redo.steps) > 0 }

// step replaces the draft by the one of the last step of a list, and moves that step to the other list.
func (c *CurrentDraft) step(from, to *stepList, done string) tea.Cmd {
	if c.requests.Busy() || c.editor != nil {
		return nil
	}
	now := c.autosave.current()
	last, ok := c.autosave.history.step(from, to, now)
	if !ok {
		return nil
	}
	text := done + last.fields
	if last.left && len(inputsOf(last.before)) > len(inputsOf(now)) {
		text = "the text typed for " + last.fields + " is back, not accepted yet"
	}
	notice := nav.Send(nav.Notify{Text: state.Public(text)})
	return tea.Batch(c.autosave.replace(last.before, c.config.Now), notice)
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
