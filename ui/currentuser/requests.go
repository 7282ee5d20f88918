package currentuser

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/request"
	"dossier/ui/state"
)

// pong is the response to a ping.
type pong struct{}

func (m *Machine) readProfile() { start(m, m.user.profile, m.user.Profile) }

// check reads the database, if it is known where the custom data is.
func (m *Machine) check() {
	if m.state.User.ID == "" || m.state.App().CustomData.Complete() {
		start(m, m.user.check, m.user.Check)
	}
}

// ping calls the service without a token.
func (m *Machine) ping() {
	u := m.user.User
	start(m, m.user.ping, func(ctx context.Context) (pong, error) { return pong{}, u.Ping(ctx) })
}

func (m *Machine) refresh(c cause) {
	m.user.cause = c
	start(m, m.user.refresh, m.user.Refresh)
}

// respond routes a response to the runner that waits for it.
func (m *Machine) respond(r request.AnyResponse) {
	u := m.user
	switch r := r.(type) {
	case request.Response[model.User]:
		if request.Accept(u.profile, r) {
			m.settle(r.Err, "", func(s *state.State) {
				if r.Err == nil {
					s.User = r.Value
				}
			})
			return
		}
	case request.Response[model.CheckResult]:
		if request.Accept(u.check, r) {
			m.checked(r.Value, r.Err)
			return
		}
	case request.Response[model.Session]:
		if request.Accept(u.refresh, r) {
			m.refreshed(r.Err)
			return
		}
	case request.Response[pong]:
		if request.Accept(u.ping, r) {
			m.settle(r.Err, "", nil)
			return
		}
	case request.Response[deletion]:
		if request.Accept(u.deletion, r) {
			m.deletionStep(r.Value, r.Err)
			m.settle(r.Err, "", nil)
			return
		}
	case request.Response[model.WriteResult], request.Response[bson.RawValue]:
		m.settle(r.Failure(), "", nil)
		return
	}
	switch model.FaultKindOf(r.Failure()) {
	case model.Unreachable, model.SignedOut:
		m.settle(r.Failure(), "", nil)
	default:
		m.detectRefresh("")
	}
}

// settle takes what a response shows beside its value: whether the service answers, whether the user is still signed
// in, and whether the call refreshed the token. An empty op means that the dialog which made the call reports its
// fault.
func (m *Machine) settle(err error, op string, modify func(*state.State)) {
	if modify == nil {
		modify = func(*state.State) {} // State.Loading
	}
	m.user.waiting = m.user.waiting && m.user.check.Busy()
	m.change(modify)
	m.reachability(err)
	m.detectRefresh(op)
	switch fault := model.AsFault(op, err); {
	case fault == nil, fault.Kind == model.Unreachable:
	case fault.Kind == model.SignedOut:
		m.pending.SessionEnded = true
	case op != "":
		m.fault(fault)
	}
}

// checked takes the result of a check.
func (m *Machine) checked(result model.CheckResult, err error) {
	if err == nil {
		m.user.checked = result.Refreshes
	}
	m.settle(err, opCheck, func(s *state.State) {
		if err == nil {
			s.LastCheck, s.Fault = &result, nil
		} else if model.FaultKindOf(err) != model.Unreachable {
			s.Fault = model.AsFault(opCheck, err)
		}
	})
}

// fault shows a fault in the place that its kind asks for.
func (m *Machine) fault(f *model.Fault) {
	switch {
	case f == nil:
	case f.Kind == model.SignedOut:
		m.pending.SessionEnded = m.user != nil
	case f.Kind == model.Unreachable:
		m.toastFault(f)
		if m.user != nil {
			m.reachability(f)
		}
	default:
		m.notify(FaultNotice(f))
	}
}

func (m *Machine) toastFault(f *model.Fault) {
	n := FaultNotice(f)
	n.Entry = Hidden
	m.notify(n)
}

// backoff returns the wait before the next attempt to reach the service: 2, 4, 8, 16, then 30 seconds.
func backoff(failures int) time.Duration {
	return min(30*time.Second, 2*time.Second<<min(max(0, failures-1), 4))
}

// reachability takes from the error of a call whether the service answers. nil means that it does.
func (m *Machine) reachability(err error) {
	since := m.state.Staleness.UnreachableSince
	if fault := model.AsFault(opPing, err); fault != nil && fault.Kind == model.Unreachable {
		if !m.opening { // the service cannot answer yet
			m.unreachable(fault, since)
		}
		return
	}
	if since.IsZero() {
		return
	}
	u := m.user
	u.failures = 0
	m.notify(Notice{Text: state.Public("the service answers again"), Toast: Good, Entry: Good})
	m.change(func(s *state.State) {
		s.Reachable, s.Fault, s.RetryAt = true, nil, time.Time{}
		s.Staleness.UnreachableSince = time.Time{}
	})
	if m.holdsExpiredSnapshot() || !u.Session().SignedIn {
		return
	}
	m.watch()
	if !u.check.Busy() && u.checked != u.Session().Refreshes {
		m.check()
	}
	if m.state.User.ID == "" {
		m.readProfile()
	}
}

// unreachable plans the next attempt, and reports the first failure.
func (m *Machine) unreachable(fault *model.Fault, since time.Time) {
	if since.IsZero() {
		n := FaultNotice(fault)
		n.Toast = Hidden
		m.notify(n)
		since = m.now
	}
	m.user.waiting = false
	planned := m.state.RetryAt.After(m.now)
	if !planned {
		m.user.failures++
	}
	m.change(func(s *state.State) {
		s.Reachable, s.Fault = false, fault
		s.Staleness.UnreachableSince = since
		if !planned {
			s.RetryAt = m.now.Add(backoff(m.user.failures))
		}
	})
}

// retry pings an unreachable service, or opens an ended change stream again, when its time has come.
func (m *Machine) retry() {
	u := m.user
	if !u.reopenStreamAt.IsZero() && !m.now.Before(u.reopenStreamAt) && m.state.Reachable {
		u.reopenStreamAt = time.Time{}
		m.watch()
		return
	}
	if !m.state.RetryAt.IsZero() && !m.now.Before(m.state.RetryAt) && !u.ping.Busy() {
		m.ping()
	}
}
