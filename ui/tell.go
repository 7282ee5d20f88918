package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/activity"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/state"
)

// toasted is how many changed fields get a toast each.
const toasted = 3

// note writes to activity.
func (m *Model) note(e activity.Entry) {
	e.At = m.now
	if m.who != nil {
		e.Account = m.who.person.Account().ID
	}
	m.activity.Add(e)
	m.drawn[layout.Activity].old = true
}

// tell shows a toast and keeps it in activity.
func (m *Model) tell(t nav.Notify) {
	tone, kept := overlay.Plain, activity.Plain
	if t.Success {
		tone, kept = overlay.Good, activity.Good
	}
	shown := t.Text
	if m.state.Masked && t.Masked.Width() > 0 {
		shown = t.Masked
	}
	m.toasts.Add(shown, tone, m.now)
	m.note(activity.Entry{Text: t.Text.String(), MaskedText: t.Masked.String(), Tone: kept})
}

// complain shows a fault as a toast.
func (m *Model) complain(f *model.Fault) {
	m.toasts.Add(model.Show(m.state.FaultText(f)), overlay.Bad, m.now)
}

// noteFault keeps a fault in activity.
func (m *Model) noteFault(f *model.Fault) {
	m.note(activity.Entry{Text: f.Error(), MaskedText: state.MaskedFaultText(f), Tone: activity.Bad})
}

// report picks a fault's place by its kind.
func (m *Model) report(f *model.Fault) tea.Cmd {
	if f == nil {
		return nil
	}
	switch f.Kind {
	case model.SignedOut:
		return m.signedOut()
	case model.Unreachable:
		m.complain(f)
		if m.who == nil {
			return nil
		}
		return m.reachable(f)
	default:
		m.complain(f)
		m.noteFault(f)
		return nil
	}
}

// announce tells what a renewal changed, old → new. What a save changed and what the copy merely caught up with are told apart.
func (m *Model) announce(changes []model.Change, refreshed, expired bool) {
	changes, others := m.ownFirst(changes)
	quiet := !refreshed && !expired && len(changes) == 0 // what the call was for is told by itself
	entry := activity.Entry{Text: "refreshed", Tone: activity.Good, Details: details(changes)}
	if m.who.person.Session().TooLarge {
		entry.Text, entry.Tone, entry.Details = "the token has no room for the document any more", activity.Warn, nil
		m.note(entry)
		m.toasts.Add(model.Show(entry.Text), overlay.Bad, m.now)
		return
	}
	switch {
	case !refreshed && expired:
		entry.Text, entry.Tone = "a call found the token expired and renewed it", activity.Warn
	case !refreshed:
		entry.Text = "a call renewed the token"
	case m.who.cause == afterSave:
		entry.Text = "saved and refreshed"
	}
	if len(changes) == 0 {
		entry.Text += ": no change"
	}
	if len(others) > 0 {
		m.note(activity.Entry{Text: "and others had changed", Tone: activity.Warn, Details: details(others)})
	}
	m.note(entry)
	if !quiet && (len(changes) == 0 || !refreshed) {
		m.toasts.Add(model.Show(entry.Text), overlay.Plain, m.now)
	}
	for i, c := range changes {
		if i == toasted && len(changes) > toasted+1 {
			m.toasts.Add(model.Show(fmt.Sprintf("and %d more fields: see activity", len(changes)-toasted)), overlay.Good, m.now)
			break
		}
		m.toasts.Add(model.Show(m.difference(c)), overlay.Good, m.now)
	}
}

// ownFirst parts what a refresh after a save brought: the fields the save touched, and those that others had changed before. The ids that a document gets when
// a save makes it are neither.
func (m *Model) ownFirst(changes []model.Change) (own, others []model.Change) {
	if m.who.cause != afterSave || m.who.saved == nil {
		return changes, nil
	}
	saved := m.who.saved
	made, id := saved.Base() == nil, model.Path(strings.Split(saved.Owner().UserIDField, "."))
	for _, c := range changes {
		switch {
		case slices.ContainsFunc(saved.Edits(), func(e model.Edit) bool { return c.Path.Within(e.Path) || e.Path.Within(c.Path) }):
			own = append(own, c)
		case made && c.Kind == model.Added && (c.Path.Equal(model.Path{"_id"}) || id.Within(c.Path)):
		default:
			others = append(others, c)
		}
	}
	return own, others
}

// difference is a change as a sentence: "favoriteColor: pink → purple".
func (m *Model) difference(c model.Change) string {
	d := detail(c)
	return d.Field + ": " + d.Change(m.styles.Glyphs.Arrow, m.state.Masked)
}

func details(changes []model.Change) []activity.Detail {
	const most = 50
	var found []activity.Detail
	for i, c := range changes {
		if i == most {
			return append(found, activity.Detail{Field: fmt.Sprintf("and %d more fields", len(changes)-most)})
		}
		found = append(found, detail(c))
	}
	return found
}

func detail(c model.Change) activity.Detail {
	value := func(v bson.RawValue) model.Visible {
		switch {
		case v.Type == 0:
			return model.Show("absent")
		case c.Kind == model.TypeChanged:
			return model.Clip(string(model.KindOf(v))+" "+model.Preview(v), activity.ValueWidth)
		default:
			return model.Clip(model.Preview(v), activity.ValueWidth)
		}
	}
	return activity.Detail{Field: c.Path.String(), Old: value(c.Old), New: value(c.New)}
}

// copy puts text on the clipboard as it may be shown: masked data stays masked, and nothing in it can play tricks on a terminal it is pasted into.
func (m *Model) copy(c nav.Copy) tea.Cmd {
	var text string
	if c.Personal && m.state.Masked {
		text = m.state.Text(c.Text).String()
	} else {
		lines := model.ShowLines(c.Text)
		shown := make([]string, len(lines))
		for i, line := range lines {
			shown[i] = line.String()
		}
		text = strings.Join(shown, "\n")
	}
	m.toasts.Add(model.Show("copied "+c.Label), overlay.Good, m.now)
	return m.cfg.Copy(text)
}

// mask hides or shows personal data, also in what was told already.
func (m *Model) mask() tea.Cmd {
	m.toasts.Clear()
	masked := !m.state.Masked
	cmd := m.know(func(r *state.State) { r.Masked = masked })
	said := "personal data is shown"
	if masked {
		said = "personal data is masked"
	}
	m.toasts.Add(model.Show(said), overlay.Plain, m.now)
	return cmd
}
