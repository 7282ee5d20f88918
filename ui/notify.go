package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/activity"
	"dossier/ui/currentuser"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/state"
)

// maxChangeToasts is the number of changed fields of one notice with a toast each.
const maxChangeToasts = 3

// The tones of a notice, as toasts and the activity pane show them.
var (
	toastTones = map[currentuser.Tone]overlay.Tone{
		currentuser.Plain: overlay.Plain, currentuser.Good: overlay.Good,
		currentuser.Warn: overlay.Bad, currentuser.Bad: overlay.Bad,
	}
	entryTones = map[currentuser.Tone]activity.Tone{
		currentuser.Plain: activity.Plain, currentuser.Good: activity.Good,
		currentuser.Warn: activity.Warn, currentuser.Bad: activity.Bad,
	}
)

// show shows a notice as a toast, adds it to the activity, or both.
func (m *Model) show(n currentuser.Notice) {
	if n.NamesKeys {
		n.Text = state.Public(m.cfg.Keys.Expand(n.Text.Text))
	}
	if tone, ok := entryTones[n.Entry]; ok {
		m.activity.Add(activity.Entry{
			At: m.now, Account: m.state.Account.ID, Text: n.Text, Tone: tone,
			Details: activity.Details(n.Changes, m.state, m.styles.Glyphs.Arrow),
		})
		m.frames[layout.Activity].dirty = true
	}
	if tone, ok := toastTones[n.Toast]; ok {
		topic := overlay.NoTopic
		if n.AboutDraft {
			topic = overlay.KeptDraft
		}
		text := m.state.Message(n.Text)
		m.addToast(text, tone, topic)
		if n.Entry == currentuser.Hidden && !overlay.Fits(text, m.size.X) { // the toast is cut
			m.activity.Add(activity.Entry{At: m.now, Account: m.state.Account.ID, Text: n.Text})
			m.frames[layout.Activity].dirty = true
		}
	}
	if n.ToastChanges {
		m.toasts.End(overlay.ChangedFields)
		m.toastChanges(n.Changes, n.ToastPrefix)
	}
}

// withNotice shows a notice and returns the command that came with it.
func (m *Model) withNotice(n currentuser.Notice, cmd tea.Cmd) tea.Cmd {
	m.show(n)
	return cmd
}

// toast shows a toast in the plain tone.
func (m *Model) toast(text state.Message) {
	m.show(currentuser.Notice{Text: text, Toast: currentuser.Plain})
}

// addToast shows a toast; with a screen reader it is said.
func (m *Model) addToast(text model.Visible, tone overlay.Tone, topic overlay.Topic) {
	if m.cfg.ScreenReader {
		m.announceNotice(text)
		return
	}
	m.toasts.Add(text, tone, topic, m.now)
}

// toastChanges shows the first changed fields, each as "favoriteColor: pink → purple" behind a prefix.
func (m *Model) toastChanges(changes []model.Change, prefix string) {
	for i, c := range changes {
		if i == maxChangeToasts && len(changes) > maxChangeToasts+1 {
			m.show(currentuser.Notice{Text: state.Public(fmt.Sprintf("and %d more fields: see activity", len(changes)-i)),
				Toast: currentuser.Good})
			return
		}
		d := activity.DetailOf(c, m.state, m.styles.Glyphs.Arrow)
		m.addToast(model.Concat(model.Show(prefix+d.Field+": "), m.state.Message(d.Change)), overlay.Good,
			overlay.ChangedFields)
	}
}

// notify shows the notice of a pane or an overlay, also in the activity.
func (m *Model) notify(n nav.Notify) {
	tone := currentuser.Plain
	if n.Success {
		tone = currentuser.Good
	}
	m.show(currentuser.Notice{Text: n.Text, Toast: tone, Entry: tone, AboutDraft: n.AboutDraft})
}
