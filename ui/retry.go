package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// backoff is how long to wait before the next try.
func backoff(tries int) time.Duration {
	return min(30*time.Second, 2*time.Second<<min(max(0, tries-1), 4))
}

// reachable takes from an answer whether the service answers at all.
func (m *Model) reachable(err error) tea.Cmd {
	w := m.who
	since := m.state.Staleness.UnreachableSince
	if fault := model.AsFault("reach the service", err); fault != nil && fault.Kind == model.Unreachable {
		if since.IsZero() {
			m.noteFault(fault)
			since = m.now
		}
		if !m.state.RetryAt.After(m.now) {
			w.tries++
		}
		return m.know(func(r *state.State) {
			r.Reachable, r.Fault = false, fault
			r.Staleness.UnreachableSince = since
			if !r.RetryAt.After(m.now) {
				r.RetryAt = m.now.Add(backoff(w.tries))
			}
		})
	}
	if since.IsZero() {
		return nil
	}
	w.tries = 0
	m.tell(nav.Notify{Text: model.Show("the service answers again"), Success: true})
	cmds := []tea.Cmd{m.know(func(r *state.State) {
		r.Reachable, r.Fault, r.RetryAt = true, nil, time.Time{}
		r.Staleness.UnreachableSince = time.Time{}
	})}
	if !m.expired() && w.person.Session().SignedIn {
		cmds = append(cmds, m.watch())
		if !w.look.Busy() && w.read != w.person.Session().Refreshes {
			cmds = append(cmds, m.look())
		}
		if m.state.User.ID == "" {
			cmds = append(cmds, m.askProfile())
		}
	}
	return tea.Batch(cmds...)
}

// retry is what a tick brings: an unreachable service is tried again when its time has come, and an ended watch is opened again.
func (m *Model) retry() tea.Cmd {
	w := m.who
	if w == nil {
		return nil
	}
	if !w.watchAt.IsZero() && !m.now.Before(w.watchAt) && m.state.Reachable {
		w.watchAt = time.Time{}
		return m.watch()
	}
	if m.state.RetryAt.IsZero() || m.now.Before(m.state.RetryAt) || w.ping.Busy() {
		return nil
	}
	return m.reach()
}
