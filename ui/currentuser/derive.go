package currentuser

import (
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
	s.Staleness.CheckedAt = session.CheckedAt
	s.Staleness.StaleSince, s.Staleness.ChangedAt = session.StaleSince, session.ChangedAt
	if s.LastCheck != nil && u.checked == session.Refreshes && !session.Snapshot.TooLarge {
		s.Outdated = model.DiffSnapshot(session.Snapshot.CustomData, s.LastCheck.Document)
	} // an older check cannot be compared with this snapshot
}
