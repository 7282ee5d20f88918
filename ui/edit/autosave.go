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
	failed    bool                // a failure is reported once, not at every key press
	pending   func() *model.Draft // creates the draft to store after the current write; nil: none
	// called once when the newest draft is stored, which may be a copy of something; nil: nothing
	afterStore atomic.Pointer[func() error]

	latest atomic.Int64
	mu     sync.Mutex // serializes writes
}

// autosaved reports that the newest draft is stored.
type autosaved struct{}

func newAutosaver(c Config) *autosaver {
	return &autosaver{drafts: c.Drafts, accountID: c.User.Account().ID, requests: request.New(c.Ctx, c.Timeout)}
}

// store writes the draft with its time and reports it to the root; a nil or blank draft deletes the stored one.
func (a *autosaver) store(d *model.Draft, now time.Time) tea.Cmd {
	a.pending = nil
	turn := a.latest.Add(1)
	stored := nav.Send(nav.DraftStored{AccountID: a.accountID, Draft: d})
	return tea.Batch(stored, request.Start(a.requests, func(context.Context) (autosaved, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		var err error
		switch {
		case a.latest.Load() != turn:
			return autosaved{}, nil
		case d == nil || d.NothingToKeep():
			err = a.drafts.Delete(a.accountID)
		default:
			err = a.drafts.Save(a.accountID, d.WithModifiedAt(now))
		}
		if err != nil || a.latest.Load() != turn {
			return autosaved{}, err
		}
		if after := a.afterStore.Swap(nil); after != nil {
			err = (*after)()
		}
		return autosaved{}, err
	}))
}

// storeLarge stores a draft that is expensive to create: at once, or after the current write. Only the newest is
// created.
func (a *autosaver) storeLarge(draft func() *model.Draft, now time.Time) tea.Cmd {
	if a.requests.Busy() {
		a.pending = draft
		a.latest.Add(1) // the write under way is not the newest draft
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
	if m.Err == nil || a.failed {
		return next
	}
	a.failed = true
	f := model.AsFault("store the unsaved change", m.Err)
	lost := nav.Send(nav.DraftStored{AccountID: a.accountID})
	text := state.FaultMessage(f)
	text.Text += "; it is lost when dossier closes"
	text.Masked += "; it is lost when dossier closes"
	return tea.Batch(next, lost, nav.Send(nav.Notify{Text: text}))
}
