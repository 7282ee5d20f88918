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
)

// keeper stores the draft after every change, off the event loop. Of several under way the newest wins.
type keeper struct {
	drafts  port.Drafts
	account string
	asker   *request.Asker
	failed  bool                // said once, not at every key
	next    func() *model.Draft // what is to be stored once the write under way is done

	newest atomic.Int64
	one    sync.Mutex // one write at a time
}

// kept says that the newest draft is stored.
type kept struct{}

func newKeeper(c Config) *keeper {
	return &keeper{drafts: c.Drafts, account: c.Person.Account().ID, asker: request.New(c.Ctx)}
}

// keep stores the draft with the time it is from; nil or a blank one forgets it.
func (k *keeper) keep(d *model.Draft, now time.Time) tea.Cmd {
	k.next = nil
	turn := k.newest.Add(1)
	return request.Ask(k.asker, func(context.Context) (kept, error) {
		k.one.Lock()
		defer k.one.Unlock()
		if k.newest.Load() != turn {
			return kept{}, nil
		}
		if d == nil || d.Blank() {
			return kept{}, k.drafts.Drop(k.account)
		}
		return kept{}, k.drafts.Keep(k.account, d.At(now))
	})
}

// keepLarge stores a draft that is costly to make: now, or when the write under way is done, whichever is the newest then.
func (k *keeper) keepLarge(draft func() *model.Draft, now time.Time) tea.Cmd {
	if k.asker.Busy() {
		k.next = draft
		return nil
	}
	return k.keep(draft(), now)
}

// flush stores what waits for its turn.
func (k *keeper) flush(now time.Time) tea.Cmd {
	if k.next == nil {
		return nil
	}
	return k.keep(k.next(), now)
}

func (k *keeper) answered(m request.Answer[kept], now time.Time) tea.Cmd {
	if !request.Takes(k.asker, m) {
		return nil
	}
	more := k.flush(now)
	if m.Err == nil || k.failed {
		return more
	}
	k.failed = true
	f := model.AsFault("keep the unsaved change", m.Err)
	return tea.Batch(more, nav.Send(nav.Tell{Text: model.Show(f.Error() + "; it will be lost if dossier is closed")}))
}
