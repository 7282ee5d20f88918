package state

import (
	"cmp"
	"time"

	"dossier/model"
)

// Tick is the only clock of the screen: the root sends it to every pane and overlay when a text changes with the time,
// and with a message that comes a second or more after the last one.
type Tick struct{ Now time.Time }

// Changed sends every pane and overlay the new state.
type Changed struct{ State *State }

// State is the current user at one moment. It is not modified after it was sent: a change creates a new one.
type State struct {
	HasUser  bool            // without a user, only Accounts, Reachable, Masked, Zone and Today are set
	Accounts []model.Account // on this machine, the current one first
	Account  model.Account
	User     model.User // the profile
	Session  model.Session

	Staleness      model.Staleness
	LastCheck      *model.CheckResult // nil: the database was not read since the account was opened
	Outdated       []model.Change     // snapshot → LastCheck; nil while LastCheck is older than the snapshot
	RefreshChanges []model.Change     // of the last refresh, old → new; nil: none
	RefreshedAt    time.Time          // the last refresh in this process; zero: none

	Opening         bool         // the service is not open yet, or did not answer yet: all is as stored, see AsOf
	Loading         bool         // a request of the root is under way
	Reachable       bool         // the service answered the last request
	Fault           *model.Fault // why the service is unreachable or the last check failed; nil: neither
	RetryAt         time.Time    // the next attempt to reach the service; zero: not planned
	Watching        bool         // the change stream is open
	NoChangeStreams bool         // the deployment has none: only a check finds differences

	Draft *Draft // the kept draft; nil: none

	Masked   bool       // personal data is shown masked, see Value
	Revealed model.Path // the field that is shown although Masked is set; nil: none
	Aliases  *Aliases   // of the ids that are shown masked

	Zone  *time.Location // of the times on the screen; nil: as they are
	Today time.Time      // in Zone; times of this day are shown without their date
}

// App returns the application's settings, as the profile lists them.
func (s *State) App() model.AppInfo { return s.User.App }

// DocumentOwner returns the filter of the user's document. The user id has the type it has in the last check.
func (s *State) DocumentOwner() model.Owner {
	field := s.User.App.CustomData.UserIDField
	if s.LastCheck != nil {
		return s.LastCheck.Owner(field, s.Account.UserID)
	}
	return model.Owner{UserIDField: field, UserID: model.ValueOf(s.Account.UserID)}
}

// StalenessState returns the state of the snapshot at a moment.
func (s *State) StalenessState(now time.Time) model.State { return s.Staleness.StateAt(now) }

// displayName returns the user's name in the account or the profile, else the user id.
func (s *State) displayName() string {
	return cmp.Or(s.Account.Name, s.User.Name(), s.Account.UserID)
}

// OutdatedField returns the difference between snapshot and database of a field; false: none is known.
func (s *State) OutdatedField(p model.Path) (model.Change, bool) {
	for _, c := range s.Outdated {
		if c.PathInOld().Equal(p) {
			return c, true
		}
	}
	return model.Change{}, false
}

// AsOf returns the time of what is known while Opening is set: of the last comparison with the database, else of the
// snapshot.
func (s *State) AsOf() time.Time {
	if s.Staleness.CheckedAt.IsZero() {
		return s.Staleness.IssuedAt
	}
	return s.Staleness.CheckedAt
}

// FormatTime writes a time as "15:04:05" if it is today, else as "2 Jan 15:04"; the zero time as "never".
func (s *State) FormatTime(t time.Time) string { return s.formatTime(t, "15:04:05") }

// FormatMinute is FormatTime without seconds, for sentences.
func (s *State) FormatMinute(t time.Time) string { return s.formatTime(t, "15:04") }

func (s *State) formatTime(t time.Time, today string) string {
	if t.IsZero() {
		return "never"
	}
	if s.Zone != nil {
		t = t.In(s.Zone)
	}
	if y, m, d := t.Date(); !s.Today.IsZero() {
		if ty, tm, td := s.Today.Date(); y != ty || m != tm || d != td {
			return t.Format("2 Jan 15:04")
		}
	}
	return t.Format(today)
}
