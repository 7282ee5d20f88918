package currentuser

import (
	"slices"
	"strings"

	"dossier/model"
	"dossier/ui/state"
)

// refreshed takes the end of a refresh.
func (m *Machine) refreshed(err error) {
	done := m.user.cause.done()
	if err == nil {
		m.settle(nil, opRefresh, nil)
		if done == "" {
			m.readProfile() // it may have changed too
		}
		m.user.cause = requested{}
		return
	}
	fault := model.AsFault(opRefresh, err)
	if done != "" {
		text := done + ", but the refresh failed: the application still has the old values"
		m.notify(Notice{Text: state.Public(text), Toast: Plain, Entry: Plain})
	} else if fault.Kind == model.Unreachable {
		m.toastFault(fault)
	}
	m.user.cause = requested{}
	m.settle(err, opRefresh, nil)
}

// detectRefresh compares the session's counter with the last one seen: every call can refresh the token. After a
// refresh the old snapshot is compared with the new one, and the database is checked unless it was since.
func (m *Machine) detectRefresh(op string) {
	u := m.user
	s := u.Session()
	if s.Refreshes == u.refreshes || op != opRefresh && u.refresh.Busy() { // the refresh under way reports itself
		return
	}
	u.refreshes = s.Refreshes
	var changes []model.Change
	if s.Previous != nil {
		changes = model.DiffRefresh(*s.Previous, s.Snapshot)
	}
	expired := s.Previous != nil && !m.now.Before(s.Previous.ExpiresAt)
	m.announce(changes, op == opRefresh, expired)
	m.change(func(st *state.State) { st.RefreshChanges, st.RefreshedAt = changes, m.now })
	m.watch()
	if u.checked != u.refreshes {
		m.check()
	}
	if u.CachedProfile().ID == "" {
		m.readProfile()
	}
}

// announce reports the changes that a refresh brought, and separately those that were not part of the save before it.
func (m *Machine) announce(changes []model.Change, refreshed, expired bool) {
	if m.announceTooLarge(refreshed) {
		return
	}
	own, others := m.splitChanges(changes)
	text := "refreshed"
	n := Notice{Entry: Good, Changes: own, ToastChanges: true}
	switch {
	case !refreshed && expired:
		text, n.Entry = "a call refreshed the expired token", Warn
	case !refreshed:
		text = "a call refreshed the token"
	case m.user.cause.done() != "":
		text = m.user.cause.done() + " and refreshed"
		if n.ToastPrefix = m.user.cause.done() + ": "; n.ToastPrefix == "saved: " {
			n.ToastPrefix = ""
		}
	}
	switch {
	case len(own) > 0 && !refreshed, len(own) == 0 && (refreshed || expired):
		n.Toast = Plain
	}
	if len(own) == 0 {
		text += ": no change"
	}
	n.Text = state.Public(text)
	if len(others) > 0 {
		m.notify(Notice{Text: state.Public("changed by others before"), Entry: Warn, Changes: others})
	}
	m.notify(n)
}

// announceTooLarge reports a refresh before or after which the document was too large for the token, so that there are
// no two snapshots to compare; false: it was neither time.
func (m *Machine) announceTooLarge(refreshed bool) bool {
	s := m.user.Session()
	before, now := s.Previous != nil && s.Previous.TooLarge, s.Snapshot.TooLarge
	text := "a call refreshed the token"
	if refreshed {
		text = "refreshed"
	}
	if done := m.user.cause.done(); refreshed && done != "" {
		text = done + " and refreshed"
	}
	n := Notice{Toast: Plain, Entry: Good}
	switch {
	case now && !before && s.Previous != nil:
		text, n.Toast, n.Entry = text+": the document no longer fits into the token", Bad, Warn
	case now:
		text, n.Entry = text+": the document does not fit into the token", Warn
	case before:
		text += ": the document fits into the token again"
	default:
		return false
	}
	n.Text = state.Public(text)
	m.notify(n)
	return true
}

// splitChanges returns what the save before the refresh changed in the database, as its review showed it, and what
// others changed in the token besides. The ids of a document which the save created are in neither list.
func (m *Machine) splitChanges(changes []model.Change) (own, others []model.Change) {
	save, isSave := m.user.cause.(afterSave)
	if !isSave || save.draft == nil {
		return changes, nil
	}
	saved := save.draft
	isID := func(c model.Change) bool {
		id := model.Path(strings.Split(saved.Owner().UserIDField, "."))
		return saved.Base() == nil && c.Kind == model.Added && (c.Path.Equal(model.Path{"_id"}) || id.Within(c.Path))
	}
	for _, c := range saved.Changes() {
		if !isID(c) {
			own = append(own, c)
		}
	}
	for _, c := range changes {
		edited := func(e model.Edit) bool { return c.Path.Within(e.Path) || e.Path.Within(c.Path) }
		if !slices.ContainsFunc(saved.Edits(), edited) && !isID(c) {
			others = append(others, c)
		}
	}
	return own, others
}
