package currentuser

import (
	"context"
	"fmt"
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
	requested   struct{} // by the user
	afterSave   struct{ draft *model.Draft }
	afterDelete struct{}
)

func (requested) done() string   { return "" }
func (afterSave) done() string   { return "saved" }
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
		m.refresh(afterSave{s.Draft})
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

// ToggleMask hides or shows personal data.
func (m *Machine) ToggleMask() Effects {
	m.change(func(s *state.State) { s.Masked, s.Revealed = !s.Masked, nil })
	m.state.MaskedID(m.state.Account.UserID) // the current user has the first alias
	text := "personal data is shown"
	if m.state.Masked {
		text = "personal data is masked"
	}
	m.notify(Notice{Text: state.Public(text), Toast: Plain})
	return m.effects()
}

// Reveal shows one field although personal data is masked, until another one is selected, or masks it again. The
// activity keeps the name, not the value.
func (m *Machine) Reveal(field model.Path) Effects {
	if m.state.Revealed.Equal(field) {
		return m.Select(nil)
	}
	m.notify(Notice{Text: state.Public("revealed " + field.String()), Entry: Warn})
	m.change(func(s *state.State) { s.Revealed = field })
	return m.effects()
}

// Select takes the selected field of the document, nil if there is none: a revealed field that is not selected any more
// is masked.
func (m *Machine) Select(field model.Path) Effects {
	if m.state.Revealed != nil && !m.state.Revealed.Equal(field) {
		m.change(func(s *state.State) { s.Revealed = nil })
	}
	return m.effects()
}

// StoredDraft returns the draft that was kept when dossier last ended, nil if there was none; false: it is not read
// yet.
func (m *Machine) StoredDraft() (*model.Draft, bool) {
	if m.user == nil {
		return nil, false
	}
	return m.user.stored, m.user.storedKnown
}

// DraftStored takes the draft that the editor keeps.
func (m *Machine) DraftStored(n nav.DraftStored) Effects {
	if m.user != nil && m.user.Account().ID == n.AccountID {
		m.setDraft(state.DraftOf(n.Draft))
	}
	return m.effects()
}

func (m *Machine) setDraft(d *state.Draft) {
	if !m.state.Draft.Equal(d) {
		m.change(func(s *state.State) { s.Draft = d })
	}
}

// draftFound reports the draft that was kept when dossier last ended, or that there is none.
type draftFound struct {
	account string
	stored  *model.Draft // nil: there is none
	draft   *state.Draft // of stored; nil: it has nothing to keep
	fault   *model.Fault // why it could not be read
}

// findDraft takes over a kept draft, once for each time that an account becomes the current one.
func (m *Machine) findDraft() {
	account, drafts := m.user.Account().ID, m.cfg.Drafts
	m.run(func() tea.Msg {
		d, err := drafts.TakeOver(account)
		return draftFound{account, d, state.DraftOf(d), model.AsFault("read the stored draft", err)}
	})
}

func (d draftFound) apply(m *Machine) {
	if m.user == nil || m.user.Account().ID != d.account {
		return
	}
	m.user.stored, m.user.storedKnown = d.stored, true
	if d.fault != nil {
		m.notify(FaultNotice(d.fault))
	}
	if m.state.Draft != nil || d.draft == nil {
		return
	}
	from := ""
	if at := d.stored.ModifiedAt(); !at.IsZero() {
		from = " from " + m.state.FormatTime(at)
	}
	text := "an unsaved change" + from + " is kept: {document.review-draft} reviews it"
	if n := d.draft.Count(); n > 1 {
		text = fmt.Sprintf("%d unsaved changes%s are kept: {document.review-draft} reviews them", n, from)
	}
	m.setDraft(d.draft)
	m.notify(Notice{Text: state.Public(text), Toast: Plain, Entry: Plain, AboutDraft: true, NamesKeys: true})
}
