package currentuser

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/request"
	"dossier/ui/state"
)

// Effects is the result of a transition. The zero value changes nothing.
type Effects struct {
	Cmd     tea.Cmd
	State   *state.State // the new state; nil: unchanged
	Notices []Notice     // in the order to show them
	Account AccountChange
	// SessionEnded reports that the service ended the session: the user must sign in again.
	SessionEnded bool
	// ConfirmDelete is the document that Machine.Delete would delete, for the user to confirm; nil: nothing to confirm.
	ConfirmDelete *model.CheckResult
}

// AccountChange reports whether a transition changed the current account.
type AccountChange int

// The changes.
const (
	Unchanged    AccountChange = iota
	Reopened                   // the same account signed in again
	Switched                   // another account is the current one
	NoneSignedIn               // no account is the current one any more
)

// Tone is the meaning of a notice in one place of the screen.
type Tone int

// The tones.
const (
	Hidden Tone = iota // not shown in this place
	Plain
	Good
	Warn
	Bad
)

// Notice is a short message for the screen.
type Notice struct {
	Text         state.Message
	Toast, Entry Tone           // as a toast, and in the list of activity
	Changes      []model.Change // listed below the activity entry, old → new
	ToastChanges bool           // the first changes get a toast each
	ToastPrefix  string         // stands before each change in its toast
	AboutDraft   bool           // the toast vanishes with the kept draft
	NamesKeys    bool           // Text has no data, and names key bindings as keys.Map.Expand reads them
}

// FaultNotice returns a notice about a fault, as a toast and in the list of activity.
func FaultNotice(f *model.Fault) Notice {
	return Notice{Text: state.FaultMessage(f), Toast: Bad, Entry: Bad}
}

// effects returns what the transition collected and starts the next one.
func (m *Machine) effects() Effects {
	if m.started {
		m.change(func(*state.State) {}) // State.Loading
	}
	e := m.pending
	e.Cmd = tea.Batch(m.cmds...)
	m.pending, m.cmds, m.started = Effects{}, nil, false
	return e
}

// change derives a new state from the current one.
func (m *Machine) change(modify func(*state.State)) {
	s := *m.state
	modify(&s)
	m.derive(&s)
	m.state, m.pending.State = &s, &s
}

func (m *Machine) notify(n Notice) { m.pending.Notices = append(m.pending.Notices, n) }

func (m *Machine) run(cmd tea.Cmd) { m.cmds = append(m.cmds, cmd) }

// start starts a request of a transition.
func start[T any](m *Machine, r *request.Runner, call func(context.Context) (T, error)) {
	m.run(request.Start(r, call))
	m.started = true
}
