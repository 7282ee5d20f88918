package currentuser

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
)

// Config is the input of New. Ctx, Accounts, Drafts and Now must be set.
type Config struct {
	Ctx      context.Context // ends every request
	Timeout  time.Duration   // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts
	Drafts   port.Drafts
	Saves    port.Saves // keeps the saves for later runs; nil: they end with this one
	Now      time.Time  // the first time; its zone is the zone of the state
	Opening  bool       // the service is not open yet: see Opened
	Wake     func()     // called when a change event has arrived that Tick takes; from any goroutine; nil: not called
}

// Machine is the state machine of the current user. Create it with New. Its methods are for the event loop only.
type Machine struct {
	cfg     Config
	now     time.Time // of the last tick
	opening bool      // until Opened
	state   *state.State
	user    *current // nil: no account is the current one

	saves      []model.SavedChange // of the current user, newest first
	saveWrites request.Queue       // stores them: the undo of a save after the save

	pending Effects // of the transition under way
	cmds    []tea.Cmd
	started bool // the transition started a request
}

// current is the current user, the requests about them, and what the state does not show.
type current struct {
	port.User
	ctx    context.Context // ends when another account becomes the current one
	cancel context.CancelFunc

	profile, check, refresh, ping, deletion *request.Runner

	stored      *model.Draft // the draft that was kept when dossier last ended; nil: none
	storedKnown bool         // stored was read

	compared  comparison
	refreshes int   // Session.Refreshes as last seen
	checked   int   // Session.Refreshes at the last check; -1: not checked yet
	cause     cause // of the refresh under way; requested: none is under way, or by the user
	waiting   bool  // the service did not answer a request about the user yet, nor the first check
	failures  int   // failed attempts to reach the service, in a row

	stream          *eventBuffer       // of the open change stream; nil: none is open
	cancelStream    context.CancelFunc // set while stream is
	reopenStreamAt  time.Time          // when an ended change stream is opened again; zero: not planned
	noChangeStreams bool               // the deployment has none
}

// cause is the reason of a refresh: requested, afterSave or afterDelete.
type cause interface {
	done() string // the write before the refresh; "" without one
}

type (
	requested struct{} // by the user
	afterSave struct {
		draft *model.Draft
		verb  string // saved, undone or redone
	}
	afterDelete struct{}
)

func (requested) done() string { return "" }

func (s afterSave) done() string { return s.verb }

func (afterDelete) done() string { return "deleted" }

// Operations, as faults name them.
const (
	opCheck   = "cannot check the database"
	opDelete  = "delete the document"
	opPing    = "cannot reach the service"
	opRefresh = "refresh"
	opWatch   = "watch the document"
)

// New returns a machine without a current user. Open makes the first transition.
func New(c Config) *Machine {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	m := &Machine{cfg: c, now: c.Now, opening: c.Opening}
	m.state = m.initialState()
	return m
}

// State returns the state after the last transition.
func (m *Machine) State() *state.State { return m.state }

// User returns the current user, nil if there is none, and a context that ends when another account becomes the current
// one.
func (m *Machine) User() (port.User, context.Context) {
	if m.user == nil {
		return nil, m.cfg.Ctx
	}
	return m.user.User, m.user.ctx
}

// Saves returns the saves of the current user that can be undone or redone, newest first.
func (m *Machine) Saves() []model.SavedChange { return m.saves }

// initialState is the state before anything about a user is known.
func (m *Machine) initialState() *state.State {
	masked, aliases := false, state.NewAliases()
	if m.state != nil {
		masked, aliases = m.state.Masked, m.state.Aliases
	}
	zone := m.cfg.Now.Location()
	return &state.State{
		Accounts: m.cfg.Accounts.List(), Opening: m.opening, Reachable: true, Masked: masked, Aliases: aliases, Zone: zone,
		Today: m.now.In(zone),
	}
}

// Open takes the account that is the current one now. If the same account signed in again, open dialogs stay valid.
func (m *Machine) Open() Effects {
	u, ok := m.cfg.Accounts.Current()
	if ok && m.user != nil && u.Account().ID == m.user.Account().ID {
		m.pending.Account = Reopened
		m.user.User = u
		m.user.endStream() // of the session before
		m.user.refreshes, m.user.checked = u.Session().Refreshes, -1
		m.begin()
		return m.effects()
	}
	if m.user != nil {
		m.user.cancel()
	}
	m.saves = nil
	m.state = m.initialState()
	if !ok {
		m.user = nil
		m.pending.Account, m.pending.State = NoneSignedIn, m.state
		return m.effects()
	}
	m.pending.Account = Switched
	ctx, cancel := context.WithCancel(m.cfg.Ctx)
	runner := func() *request.Runner { return request.New(ctx, m.cfg.Timeout) }
	m.user = &current{
		User: u, ctx: ctx, cancel: cancel, refreshes: u.Session().Refreshes, checked: -1, cause: requested{},
		profile: runner(), check: runner(), refresh: runner(), ping: runner(), deletion: runner(),
	}
	m.begin()
	m.findDraft()
	m.findSaves()
	return m.effects()
}

// begin starts the requests that do not refresh an expired token: opening an account must not replace the snapshot that
// it shows. A token without the document, because it is too large, has none, and the document is read at once.
func (m *Machine) begin() {
	m.user.waiting = m.state.LastCheck == nil && m.user.Session().SignedIn
	m.change(func(s *state.State) { s.HasUser, s.User = true, m.user.CachedProfile() })
	switch {
	case m.opening: // Opened begins
	case !m.user.Session().SignedIn:
		m.pending.SessionEnded = true
	case m.holdsExpiredSnapshot():
		m.ping()
	default:
		m.readProfile()
		m.check()
		m.watch()
	}
}

// Opened takes the end of the opening of the service: the requests start that waited for it, or, after an error, the
// next attempt to reach the service is planned. Requests of the user wait in the service's transport meanwhile.
func (m *Machine) Opened(err error) Effects {
	m.opening = false
	m.change(func(*state.State) {}) // State.Opening
	switch {
	case m.user == nil:
	case err != nil:
		m.reachability(err)
	default:
		m.begin()
	}
	return m.effects()
}

// expired reports whether the next call would refresh the token.
func (m *Machine) expired() bool {
	at := m.user.Session().Snapshot.ExpiresAt
	return !at.IsZero() && !m.now.Before(at)
}

// holdsExpiredSnapshot reports whether the next call would replace the snapshot.
func (m *Machine) holdsExpiredSnapshot() bool {
	return m.expired() && !m.user.Session().Snapshot.TooLarge
}

// Tick takes the time.
func (m *Machine) Tick(now time.Time) Effects {
	m.now = now
	if m.user != nil {
		m.retry()
		m.takeEvent()
	}
	if today := m.now.In(m.state.Today.Location()); today.YearDay() != m.state.Today.YearDay() ||
		today.Year() != m.state.Today.Year() {
		m.change(func(*state.State) {}) // times of another day are shown with their date
	}
	return m.effects()
}

// NextTick returns when Tick has something to do: an attempt to reach the service, a change event, another day.
func (m *Machine) NextTick() time.Time {
	y, month, d := m.state.Today.Date()
	next := time.Date(y, month, d+1, 0, 0, 0, 0, m.state.Today.Location())
	earlier := func(t time.Time) {
		if t.After(m.now) && t.Before(next) {
			next = t
		}
	}
	earlier(m.state.RetryAt)
	if u := m.user; u != nil {
		earlier(u.reopenStreamAt)
		if u.stream != nil && u.stream.holdsEvent() {
			earlier(m.now.Add(eventDelay))
		}
	}
	return next
}

// Message is an event about the current user that a command of the machine sends.
type Message interface{ apply(*Machine) }

// Update takes a message.
func (m *Machine) Update(msg Message) Effects {
	msg.apply(m)
	return m.effects()
}

// Response takes a pending response of any runner: those of other runners also show whether the service answers.
func (m *Machine) Response(r request.AnyResponse) Effects {
	if m.user != nil {
		m.respond(r)
	}
	return m.effects()
}

// Dropped takes a response that is no longer pending: its call may have refreshed the token all the same.
func (m *Machine) Dropped() Effects {
	if m.user != nil {
		m.detectRefresh("")
	}
	return m.effects()
}

// Check reads the database.
func (m *Machine) Check() Effects {
	if m.user != nil {
		m.check()
	}
	return m.effects()
}

// Call makes a call as an application does: it refreshes an expired token.
func (m *Machine) Call() Effects {
	if m.user != nil {
		m.readProfile()
	}
	return m.effects()
}

// Refresh refreshes the token on the user's request.
func (m *Machine) Refresh() Effects {
	if m.user != nil {
		m.refresh(requested{})
	}
	return m.effects()
}

// Saved takes a saved draft and refreshes the token, so that the application has the new values.
func (m *Machine) Saved(s nav.Saved) Effects {
	if s.Draft != nil && s.Outcome.Saved {
		m.addSave(s)
	}
	if m.user != nil {
		verb := "saved"
		switch {
		case s.IsUndo:
			verb = "undone"
		case !s.Of.IsZero():
			verb = "redone"
		}
		m.refresh(afterSave{s.Draft, verb})
	}
	return m.effects()
}

// Linked takes another identity of the user, whose link brought a new token and a new profile.
func (m *Machine) Linked(provider string) Effects {
	if m.user != nil {
		m.notify(Notice{Text: state.Public("linked: " + provider), Toast: Good, Entry: Good})
		m.change(func(s *state.State) { s.User = m.user.CachedProfile() })
	}
	return m.effects()
}

// Fault takes a fault of a dialog.
func (m *Machine) Fault(f *model.Fault) Effects {
	m.fault(f)
	return m.effects()
}
