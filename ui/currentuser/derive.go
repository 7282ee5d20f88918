package currentuser

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// derive fills in what follows from the session, the last check and the time.
func (m *Machine) derive(s *state.State) {
	s.Accounts = m.cfg.Accounts.List()
	s.Today = m.now.In(m.cfg.Now.Location())
	s.Opening = m.opening || m.user != nil && m.user.waiting
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
	if s.LastCheck != nil && u.checked == session.Refreshes && !session.Snapshot.TooLarge {
		s.Outdated = u.compared.update(session.Snapshot.CustomData, s.LastCheck)
	} // an older check cannot be compared with this snapshot
	switch {
	case len(s.Outdated) == 0 || !session.StaleSince.IsZero():
		s.Staleness.CheckedAt = session.CheckedAt
		s.Staleness.StaleSince, s.Staleness.ChangedAt = session.StaleSince, session.ChangedAt
	case s.Staleness.StaleSince.IsZero(): // a newer event, which Tick has not taken yet, found no difference
		s.Staleness.CheckedAt, s.Staleness.StaleSince = s.LastCheck.CheckedAt, s.LastCheck.CheckedAt
	}
}

// comparison holds the differences between a snapshot and a check, so that large documents are compared once.
type comparison struct {
	snapshot bson.Raw
	check    *model.CheckResult
	changes  []model.Change
}

// update returns the differences, and compares only documents that are not those of the last call.
func (c *comparison) update(snapshot bson.Raw, check *model.CheckResult) []model.Change {
	same := len(snapshot) == len(c.snapshot) && (len(snapshot) == 0 || &snapshot[0] == &c.snapshot[0])
	if !same || check != c.check {
		*c = comparison{snapshot, check, model.DiffSnapshot(snapshot, check.Document)}
	}
	return c.changes
}
