package state

import (
	"cmp"
	"time"

	"dossier/model"
)

// Tick is the screen's only clock: the root sends it about once a second to every pane and overlay.
type Tick struct{ Now time.Time }

// Changed hands every pane and overlay the newest record.
type Changed struct{ State *State }

// State is what is known about the current person at one moment. The root makes a new one for every change; nobody else writes to one.
type State struct {
	HasUser  bool            // somebody is the current person; all else but Accounts is zero without
	Accounts []model.Account // everybody signed in on this machine, the current one first
	Account  model.Account
	User     model.User
	Session  model.Session

	Staleness      model.Staleness
	LastCheck      *model.CheckResult // what the database held when it was last read; nil: not read since this person was opened
	Outdated       []model.Change     // the snapshot against Reading, by field: what the application has wrong; nil without a Reading
	RefreshChanges []model.Change     // what the last renewal changed, old → new; nil before the first or when it changed nothing
	RefreshedAt    time.Time          // when this process last saw the token renewed; zero: not yet

	Loading         bool         // a question of the root is under way
	Reachable       bool         // the service answered the last question
	Fault           *model.Fault // why it is not reachable, or why the database cannot be looked at; nil when all is well
	RetryAt         time.Time    // when an unreachable service is tried again by itself; zero: not planned
	Watching        bool         // change events arrive: the database is watched
	NoChangeStreams bool         // there are no change events here: only comparing shows a difference

	Masked bool // personal data is to be shown by Text only

	Zone  *time.Location // times are shown in; nil: as they are
	Today time.Time      // the day that goes without saying, in Zone
}

// App is what is known about the application.
func (r *State) App() model.AppInfo { return r.User.App }

// Scope says whose document an edit is about, in the type the id is stored with in the document last read.
func (r *State) Scope() model.Owner {
	field := r.User.App.CustomData.UserIDField
	if r.LastCheck != nil {
		return r.LastCheck.Owner(field, r.Account.UserID)
	}
	return model.Owner{UserIDField: field, UserID: model.ValueOf(r.Account.UserID)}
}

// StalenessState is the state of the snapshot at a moment.
func (r *State) StalenessState(now time.Time) model.State { return r.Staleness.StateAt(now) }

// DisplayName is what the person is called: a name the profile or the account gives, else the id.
func (r *State) DisplayName() string {
	return cmp.Or(r.Account.Name, r.User.Name(), r.Account.UserID)
}

// Text is personal data as the screen may show it: masked while masking is on.
func (r *State) Text(raw string) model.Visible {
	v := model.Show(raw)
	if r.Masked {
		return v.Mask()
	}
	return v
}

// FaultText is a fault as the screen may tell it: while personal data is masked, the words that could quote some give way.
func (r *State) FaultText(f *model.Fault) string {
	if !r.Masked {
		return f.Error()
	}
	return MaskedFaultText(f)
}

// MaskedFaultText is a fault without the words that could quote data: what was attempted, where, and what kind of fault it is. A service that does not
// answer and a session that has ended quote none.
func MaskedFaultText(f *model.Fault) string {
	switch f.Kind {
	case model.Unreachable, model.SignedOut, model.Throttled:
		return f.Error()
	}
	return (&model.Fault{Op: f.Op, Location: f.Location, Message: string(f.Kind) + ", the reason is masked"}).Error()
}

// OutdatedField finds how a field is outdated; false when it is not known to be.
func (r *State) OutdatedField(p model.Path) (model.Change, bool) {
	for _, c := range r.Outdated {
		if c.Path.Equal(p) {
			return c, true
		}
	}
	return model.Change{}, false
}

// FormatTime writes a moment as the screen does: the time of day, with the date where that is not today.
func (r *State) FormatTime(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	if r.Zone != nil {
		t = t.In(r.Zone)
	}
	if y, m, d := t.Date(); !r.Today.IsZero() {
		if ty, tm, td := r.Today.Date(); y != ty || m != tm || d != td {
			return t.Format("2 Jan 15:04")
		}
	}
	return t.Format("15:04:05")
}
