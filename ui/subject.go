package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
)

// subject is the current person and the questions that the root asks about them. Its context ends when somebody else becomes the current one.
type subject struct {
	person port.User
	ctx    context.Context
	cancel context.CancelFunc

	profile, look, refresh, ping, remove *request.Runner

	renewals int          // as many renewals were seen
	read     int          // as many renewals had been seen when the database was last read
	cause    cause        // of the refresh under way
	saved    *model.Draft // what the save did that the refresh under way follows; nil: it follows none
	tries    int          // failed tries to reach the service, in a row
	mailbox  *mailbox     // of the change events that are open; nil: none are
	watchAt  time.Time    // when change events that ended by themselves are opened again; zero: not planned
	deaf     bool         // this deployment has no change events
}

// cause is why the token is renewed.
type cause int

const (
	asked     cause = iota // by the person, or a dialog for them
	afterSave              // by itself, after a save
)

// pong is the answer of a service that lives.
type pong struct{}

// blank is the record while nobody is signed in.
func (m *Model) blank() *state.State {
	masked := m.state != nil && m.state.Masked
	return &state.State{Accounts: m.cfg.Accounts.List(), Reachable: true, Masked: masked, Zone: m.cfg.Now.Location(), Today: m.now.In(m.cfg.Now.Location())}
}

// switched opens whoever is the current person now.
func (m *Model) switched() tea.Cmd {
	p, ok := m.cfg.Accounts.Current()
	if ok && m.who != nil && p.Account().ID == m.who.person.Account().ID {
		return m.again(p)
	}
	if m.who != nil {
		m.who.cancel()
	}
	m.undo, m.waiting = nil, nil
	m.stack = nil
	if !ok {
		m.who = nil
		m.state = m.blank()
		return tea.Batch(m.broadcast(state.Changed{State: m.state}), m.signIn(nil))
	}
	ctx, cancel := context.WithCancel(m.cfg.Ctx)
	m.who = &subject{
		person: p, ctx: ctx, cancel: cancel, renewals: p.Session().Refreshes, read: -1,
		profile: request.New(ctx, m.cfg.Timeout), look: request.New(ctx, m.cfg.Timeout), refresh: request.New(ctx, m.cfg.Timeout), ping: request.New(ctx, m.cfg.Timeout), remove: request.New(ctx, m.cfg.Timeout),
	}
	m.state = m.blank()
	return tea.Batch(m.begin(), m.kept())
}

// draftKept says that a change from an earlier time was never saved.
type draftKept struct {
	account string
	at      time.Time // when it was typed; zero: not known
}

// kept looks for a draft that the person left, so that they hear of it.
func (m *Model) kept() tea.Cmd {
	account, drafts := m.who.person.Account().ID, m.cfg.Drafts
	return func() tea.Msg {
		if d, err := drafts.Load(account); err == nil && d != nil && !d.NothingToKeep() {
			return draftKept{account, d.ModifiedAt()}
		}
		return nil // a draft that cannot be read is the editor's to explain
	}
}

// remind tells of a kept draft.
func (m *Model) remind(k draftKept) {
	if m.who != nil && m.who.person.Account().ID == k.account {
		from := "before"
		if !k.at.IsZero() {
			from = m.state.FormatTime(k.at)
		}
		m.tell(nav.Notify{Text: model.Show("an unsaved change from " + from + " is kept: e offers it again")})
	}
}

// again is the same person after another sign-in: dialogs stay, and with them what was typed.
func (m *Model) again(p port.User) tea.Cmd {
	m.who.person = p
	m.who.renewals, m.who.read = p.Session().Refreshes, -1
	m.waiting = nil
	return m.begin()
}

// begin asks what may be asked without renewing an expired token: looking must not refresh.
func (m *Model) begin() tea.Cmd {
	w := m.who
	cmd := m.know(func(r *state.State) {
		r.HasUser = true
		r.User = w.person.CachedProfile()
	})
	if !w.person.Session().SignedIn {
		return tea.Batch(cmd, m.signedOut())
	}
	if m.expired() {
		return tea.Batch(cmd, m.reach())
	}
	return tea.Batch(cmd, m.askProfile(), m.look(), m.watch())
}

// expired reports that the next call would renew the token.
func (m *Model) expired() bool {
	at := m.who.person.Session().Snapshot.ExpiresAt
	return !at.IsZero() && !m.now.Before(at)
}

func (m *Model) askProfile() tea.Cmd {
	p := m.who.person
	return request.Start(m.who.profile, p.Profile)
}

// look reads the database.
func (m *Model) look() tea.Cmd {
	if m.who == nil || !m.state.App().CustomData.Complete() && m.state.User.ID != "" {
		return nil
	}
	p := m.who.person
	return tea.Batch(request.Start(m.who.look, p.Check), m.know(func(*state.State) {}))
}

// reach asks whether the service answers.
func (m *Model) reach() tea.Cmd {
	p := m.who.person
	return request.Start(m.who.ping, func(ctx context.Context) (pong, error) { return pong{}, p.Ping(ctx) })
}

// refresh renews the token.
func (m *Model) refresh(why cause) tea.Cmd {
	if m.who == nil {
		return nil
	}
	p := m.who.person
	m.who.cause = why
	return tea.Batch(request.Start(m.who.refresh, p.Refresh), m.know(func(*state.State) {}))
}

// answer takes any answer that passes by: it may have brought a renewal, or news about the service; the asker takes the rest.
func (m *Model) answer(a request.AnyResponse) tea.Cmd {
	if !a.Pending() {
		if m.who == nil {
			return nil
		}
		return m.renewed("")
	}
	cmds := []tea.Cmd{m.broadcast(a)}
	if m.who != nil {
		cmds = append(cmds, m.heard(a))
	}
	return tea.Batch(append(cmds, m.fit())...)
}

// heard is what the root makes of an answer.
func (m *Model) heard(a request.AnyResponse) tea.Cmd {
	w := m.who
	switch a := a.(type) {
	case request.Response[model.User]:
		if request.Accept(w.profile, a) {
			return m.settle(a.Err, "", func(r *state.State) {
				if a.Err == nil {
					r.User = a.Value
				}
			})
		}
	case request.Response[model.CheckResult]:
		if request.Accept(w.look, a) {
			return m.looked(a.Value, a.Err)
		}
	case request.Response[model.Session]:
		if request.Accept(w.refresh, a) {
			return m.refreshed(a.Err)
		}
	case request.Response[pong]:
		if request.Accept(w.ping, a) {
			return m.settle(a.Err, "", func(*state.State) {})
		}
	case request.Response[removal]:
		if request.Accept(w.remove, a) {
			return tea.Batch(m.removing(a), m.settle(a.Err, "", func(*state.State) {}))
		}
	case request.Response[model.WriteResult], request.Response[bson.RawValue]:
		return m.settle(a.Failure(), "", func(*state.State) {})
	}
	switch model.FaultKindOf(a.Failure()) {
	case model.Unreachable, model.SignedOut:
		return m.settle(a.Failure(), "", func(*state.State) {})
	}
	return m.renewed("")
}

// looked takes over what the database holds.
func (m *Model) looked(reading model.CheckResult, err error) tea.Cmd {
	w := m.who
	if err == nil {
		w.read = w.person.Session().Refreshes
	}
	return m.settle(err, "look at the database", func(r *state.State) {
		if err == nil {
			r.LastCheck = &reading
			r.Fault = nil
		} else if model.FaultKindOf(err) != model.Unreachable {
			r.Fault = model.AsFault("look at the database", err)
		}
	})
}

// refreshing is the refresh as a fault names it.
const refreshing = "refresh"

// refreshed tells what a refresh brought.
func (m *Model) refreshed(err error) tea.Cmd {
	w := m.who
	if err == nil {
		cmd := m.settle(nil, refreshing, func(*state.State) {})
		if w.cause == asked {
			cmd = tea.Batch(cmd, m.askProfile()) // who the person is may have changed too
		}
		w.cause = asked
		return cmd
	}
	fault := model.AsFault(refreshing, err)
	if w.cause == afterSave {
		m.tell(nav.Notify{Text: model.Show("saved, but the refresh failed: the application still has the old values")})
	} else if fault.Kind == model.Unreachable {
		m.complain(fault)
	}
	w.cause = asked
	return m.settle(err, refreshing, func(*state.State) {})
}

// settle takes an answer's consequences: whether the service answers, whether the person is still signed in, whether the call renewed the token.
func (m *Model) settle(err error, op string, change func(*state.State)) tea.Cmd {
	cmds := []tea.Cmd{m.know(change), m.reachable(err), m.renewed(op)}
	switch fault := model.AsFault(op, err); {
	case fault == nil, fault.Kind == model.Unreachable:
	case fault.Kind == model.SignedOut:
		cmds = append(cmds, m.signedOut())
	case op != "":
		cmds = append(cmds, m.report(fault))
	}
	return tea.Batch(cmds...)
}

// renewed notices that a call renewed the token: the old copy is compared with the new one, and the database is looked at unless that was the call.
func (m *Model) renewed(by string) tea.Cmd {
	w := m.who
	s := w.person.Session()
	if s.Refreshes == w.renewals {
		return nil
	}
	w.renewals = s.Refreshes
	var changes []model.Change
	if s.Previous != nil {
		changes = model.Diff(s.Previous.CustomData, s.Snapshot.CustomData)
	}
	expired := s.Previous != nil && !m.now.Before(s.Previous.ExpiresAt)
	m.announce(changes, by == refreshing, expired)
	cmds := []tea.Cmd{m.know(func(r *state.State) { r.RefreshChanges, r.RefreshedAt = changes, m.now }), m.watch()}
	if w.read != w.renewals {
		cmds = append(cmds, m.look())
	}
	if w.person.CachedProfile().ID == "" {
		cmds = append(cmds, m.askProfile())
	}
	return tea.Batch(cmds...)
}

// know makes a new record of the old one and hands it to everybody.
func (m *Model) know(change func(*state.State)) tea.Cmd {
	r := *m.state
	change(&r)
	m.derive(&r)
	m.state = &r
	return tea.Batch(m.broadcast(state.Changed{State: m.state}), m.fit())
}

// derive fills in what follows from the session, the reading and the clock.
func (m *Model) derive(r *state.State) {
	r.Accounts = m.cfg.Accounts.List()
	r.Today = m.now.In(m.cfg.Now.Location())
	if m.who == nil {
		return
	}
	w := m.who
	s := w.person.Session()
	r.Account, r.Session = w.person.Account(), s
	if r.User.ID == "" {
		r.User = w.person.CachedProfile()
	}
	r.Loading = w.profile.Busy() || w.look.Busy() || w.refresh.Busy()
	r.Staleness.IssuedAt, r.Staleness.ExpiresAt = s.Snapshot.IssuedAt, s.Snapshot.ExpiresAt
	r.Staleness.CheckedAt, r.Staleness.StaleSince = s.CheckedAt, s.StaleSince
	r.Outdated = nil
	if r.LastCheck == nil || w.read != s.Refreshes {
		return // not read since this token was minted: nothing is known field by field
	}
	r.Outdated = model.DiffSnapshot(s.Snapshot.CustomData, r.LastCheck.Document)
	if s.TooLarge {
		r.Outdated = nil
	}
	if r.LastCheck.CheckedAt.After(r.Staleness.CheckedAt) {
		r.Staleness.CheckedAt = r.LastCheck.CheckedAt
	}
	if r.LastCheck.CheckedAt.Before(s.CheckedAt) {
		return // the session knows of a later look than this one
	}
	switch before := m.state.Staleness; {
	case len(r.Outdated) == 0 && !s.TooLarge:
		r.Staleness.StaleSince = time.Time{}
	case before.IssuedAt.Equal(s.Snapshot.IssuedAt) && !before.StaleSince.IsZero():
		r.Staleness.StaleSince = before.StaleSince // a change event may have told earlier than the session's own look
	case !s.StaleSince.IsZero():
	case len(r.Outdated) > 0:
		r.Staleness.StaleSince = r.LastCheck.CheckedAt
	}
}
