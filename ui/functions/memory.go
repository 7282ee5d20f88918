package functions

import (
	"time"

	"dossier/ui/request"
)

// Memory holds what was typed and called in this run, by account, so that it survives the dialog. The zero value is
// empty. It is for the event loop only.
type Memory struct{ accounts map[string]*usage }

// usage is what one account typed and called.
type usage struct {
	typed  map[string]string // the last arguments by function
	stored map[string]string // those of typed that are stored on disk, or were loaded from there
	loaded bool              // stored was loaded
	calls  []call            // newest first
	writes request.Queue     // stores arguments: the last ones of a function last
}

// The limits of the calls that are kept. The newest call is always kept.
const (
	maxCalls     = 100
	maxCallBytes = 64 << 20 // of their arguments
)

// call is a finished call.
type call struct {
	at        time.Time
	function  string
	arguments string
	took      time.Duration
	outcome   outcome
	bytes     int    // size of the result
	message   string // why it failed
}

// outcome is how a call ended.
type outcome int

const (
	returned outcome = iota
	failed
	stopped // the user stopped waiting
)

// of returns the usage of an account.
func (m *Memory) of(accountID string) *usage {
	if m.accounts == nil {
		m.accounts = map[string]*usage{}
	}
	u := m.accounts[accountID]
	if u == nil {
		u = &usage{typed: map[string]string{}, stored: map[string]string{}}
		m.accounts[accountID] = u
	}
	return u
}

// add records a call.
func (u *usage) add(c call) {
	u.calls = append([]call{c}, u.calls...)
	u.calls = u.calls[:min(len(u.calls), maxCalls)]
	total := 0
	for i, c := range u.calls {
		if total += len(c.arguments); i > 0 && total > maxCallBytes {
			u.calls = u.calls[:i]
			return
		}
	}
}
