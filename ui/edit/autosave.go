package edit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
)

// autosaver stores the draft after every change, outside the event loop. Of several concurrent writes the newest wins.
type autosaver struct {
	drafts    port.Drafts
	accountID string
	requests  *request.Runner
	failed    bool                // the last write failed, which is reported once, not at every key press
	pending   func() *model.Draft // creates the draft to store after the current write; nil: none
	after     *afterWrite         // of the next write; nil: that of the write before it

	known   bool         // kept is what is stored, or newer
	kept    *model.Draft // the newest draft; nil: none
	history history

	newest  atomic.Pointer[write]
	mu      sync.Mutex // serializes writes, and guards written
	written *write     // the last successful write
}

// write is a draft to store; nil: none.
type write struct {
	draft *model.Draft
	at    time.Time
	after *afterWrite // follows the write; nil: nothing does
}

// afterWrite deletes a copy of what a write stores. It runs once, after that write or a later one succeeded.
type afterWrite struct {
	once sync.Once
	run  func() error
}

// do runs it, if that was not done.
func (a *afterWrite) do() (err error) {
	if a != nil {
		a.once.Do(func() { err = a.run() })
	}
	return err
}

// opStore is what a write does, in its fault.
const opStore = "store the unsaved change"

// autosaved reports that the newest draft is stored.
type autosaved struct{}

func newAutosaver(c Config) *autosaver {
	return &autosaver{drafts: c.Drafts, accountID: c.User.Account().ID, requests: request.New(c.Ctx, c.Timeout)}
}

// store writes the draft with its time and reports it to the root; a nil or blank draft deletes the stored one. It is a
// step of the history.
func (a *autosaver) store(d *model.Draft, now time.Time) tea.Cmd {
	if a.known {
		a.history.record(a.kept, d)
	}
	return a.replace(d, now)
}

// adopt takes the draft that was stored before this process wrote one.
func (a *autosaver) adopt(stored *model.Draft) {
	if !a.known {
		a.known, a.kept = true, stored
	}
}

// current returns the newest draft; nil: there is none.
func (a *autosaver) current() *model.Draft {
	if a.pending != nil {
		a.kept = a.pending()
	}
	return a.kept
}

// saved stores what is left after a save. The steps before it cannot be undone in the draft any more.
func (a *autosaver) saved(left *model.Draft, now time.Time) tea.Cmd {
	a.history.clear()
	return a.replace(left, now)
}

// deleteAfterNext runs remove once the draft that is stored next, or a later one, is written.
func (a *autosaver) deleteAfterNext(remove func() error) { a.after = &afterWrite{run: remove} }

// save writes the newest draft, unless it is written already. It is safe for concurrent use.
func (a *autosaver) save() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.newest.Load()
	if w == a.written {
		return nil
	}
	var err error
	if w.draft == nil || w.draft.NothingToKeep() {
		err = a.drafts.Delete(a.accountID)
	} else {
		err = a.drafts.Save(a.accountID, w.draft.WithModifiedAt(w.at))
	}
	if err != nil {
		return err
	}
	a.written = w
	return w.after.do()
}

// replace stores a draft without a step of the history.
func (a *autosaver) replace(d *model.Draft, now time.Time) tea.Cmd {
	after := a.after
	if last := a.newest.Load(); after == nil && last != nil {
		after = last.after
	}
	a.pending, a.after, a.known, a.kept = nil, nil, true, d
	a.newest.Store(&write{d, now, after})
	stored := nav.Send(nav.DraftStored{AccountID: a.accountID, Draft: d})
	return tea.Batch(stored, request.Start(a.requests, func(context.Context) (autosaved, error) {
		return autosaved{}, a.save()
	}))
}

// storeLarge stores a draft that is expensive to create: at once, or after the current write. Only the newest is
// created.
func (a *autosaver) storeLarge(draft func() *model.Draft, now time.Time) tea.Cmd {
	if a.requests.Busy() {
		a.pending = draft
		return nil
	}
	return a.store(draft(), now)
}

// flush stores the pending draft.
func (a *autosaver) flush(now time.Time) tea.Cmd {
	if a.pending == nil {
		return nil
	}
	return a.store(a.pending(), now)
}

func (a *autosaver) handle(m request.Response[autosaved], now time.Time) tea.Cmd {
	if !request.Accept(a.requests, m) {
		return nil
	}
	next := a.flush(now)
	known := a.failed
	a.failed = m.Err != nil
	if known || !a.failed {
		return next
	}
	f := model.AsFault(opStore, m.Err)
	text := state.FaultMessage(f)
	text.Text += "; it is lost when dossier closes"
	text.Masked += "; it is lost when dossier closes"
	return tea.Batch(next, nav.Send(nav.Notify{Text: text}))
}
