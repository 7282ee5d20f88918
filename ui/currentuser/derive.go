package currentuser

import (
	"time"

	"dossier/model"
	"dossier/ui/state"
)

// derive fills in what follows from the session, the last check and the time.
func (m *Machine) derive(s *state.State) {
	s.Accounts = m.cfg.Accounts.List()
	s.Today = m.now.In(m.cfg.Now.Location())
	if m.user == nil {
		return
	}
	u := m.user
	session := u.Session()
	s.Account, s.Session = u.Account(), session
	if s.User.ID == "" {
		s.User = u.CachedProfile()
	}
	s.Loading = u.profile.Busy() || u.check.Busy() || u.refresh.Busy()
	s.Outdated = nil
	s.Staleness.IssuedAt, s.Staleness.ExpiresAt = session.Snapshot.IssuedAt, session.Snapshot.ExpiresAt
	s.Staleness.CheckedAt, s.Staleness.StaleSince = session.CheckedAt, session.StaleSince
	if s.LastCheck != nil && u.checked == session.Refreshes { // an older check cannot be compared with this snapshot
		m.deriveFromCheck(s)
	}
}

// deriveFromCheck compares the last check with the snapshot.
func (m *Machine) deriveFromCheck(s *state.State) {
	session, check := s.Session, s.LastCheck
	if !session.TooLarge {
		s.Outdated = model.DiffSnapshot(session.Snapshot.CustomData, check.Document)
	}
	if check.CheckedAt.After(s.Staleness.CheckedAt) {
		s.Staleness.CheckedAt = check.CheckedAt
	}
	if check.CheckedAt.Before(session.CheckedAt) {
		return // the session has the result of a later check
	}
	switch before := m.state.Staleness; {
	case len(s.Outdated) == 0 && !session.TooLarge:
		s.Staleness.StaleSince = time.Time{}
	case before.IssuedAt.Equal(session.Snapshot.IssuedAt) && !before.StaleSince.IsZero():
		s.Staleness.StaleSince = before.StaleSince // a change event may have come before the session's own check
	case !session.StaleSince.IsZero():
	case len(s.Outdated) > 0:
		s.Staleness.StaleSince = check.CheckedAt
	}
}
