package ui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/activity"
	"dossier/ui/currentuser"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/request"
	"dossier/ui/state"
)

const (
	maxChangeToasts = 3  // changed fields of one notice with a toast each
	maxDetails      = 50 // changed fields listed below an activity entry
)

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
	if tone, ok := entryTones[n.Entry]; ok {
		m.activity.Add(activity.Entry{
			At: m.now, Account: m.state.Account.ID, Text: n.Text, Tone: tone, Details: m.details(n.Changes),
		})
		m.frames[layout.Activity].dirty = true
	}
	if tone, ok := toastTones[n.Toast]; ok {
		m.toast(n.Text, tone)
	}
	if n.ToastChanges {
		m.toastChanges(n.Changes)
	}
}

func (m *Model) toast(text state.Message, tone overlay.Tone) {
	m.toasts.Add(m.state.Message(text), tone, m.now)
}

// toastChanges shows the first changed fields, each as "favoriteColor: pink → purple".
func (m *Model) toastChanges(changes []model.Change) {
	for i, c := range changes {
		if i == maxChangeToasts && len(changes) > maxChangeToasts+1 {
			m.toast(state.Public(fmt.Sprintf("and %d more fields: see activity", len(changes)-i)), overlay.Good)
			return
		}
		d := m.detail(c)
		m.toasts.Add(model.Concat(model.Show(d.Field+": "), m.state.Message(d.Change)), overlay.Good, m.now)
	}
}

// notify shows the notice of a pane or an overlay, also in the activity.
func (m *Model) notify(n nav.Notify) {
	tone := currentuser.Plain
	if n.Success {
		tone = currentuser.Good
	}
	m.show(currentuser.Notice{Text: n.Text, Toast: tone, Entry: tone})
}

// details lists the first changes for an activity entry.
func (m *Model) details(changes []model.Change) []activity.Detail {
	var list []activity.Detail
	for i, c := range changes {
		if i == maxDetails {
			return append(list, activity.Detail{Field: fmt.Sprintf("and %d more fields", len(changes)-i)})
		}
		list = append(list, m.detail(c))
	}
	return list
}

// detail returns a change with its values, and masked.
func (m *Model) detail(c model.Change) activity.Detail {
	line := func(show func(bson.RawValue) model.Visible) string {
		value := func(v bson.RawValue) string {
			switch {
			case v.Type == 0:
				return "absent"
			case c.Kind == model.TypeChanged:
				return model.Concat(model.Show(string(model.KindOf(v))+" "), show(v)).Clip(activity.ValueWidth).String()
			default:
				return show(v).Clip(activity.ValueWidth).String()
			}
		}
		return value(c.Old) + " " + m.styles.Glyphs.Arrow + " " + value(c.New)
	}
	plain := func(v bson.RawValue) model.Visible { return model.Show(model.Preview(v)) }
	return activity.Detail{Field: c.Path.String(), Change: state.Message{Text: line(plain),
		Masked: line(m.state.MaskedValue)}}
}

// copy puts text on the clipboard as the screen shows it: control characters stay escaped. It refuses to copy personal
// data while that is masked.
func (m *Model) copy(c nav.Copy) tea.Cmd {
	if m.state.Masked && !c.Public {
		m.toast(state.Public("masked: press m to show values before copying"), overlay.Plain)
		return nil
	}
	text := model.Clean(c.Text)
	if m.cfg.Clipboard == nil {
		return m.sendToClipboard(copied{text, c.Label})
	}
	return request.Start(m.copies, func(ctx context.Context) (copied, error) {
		return copied{text, c.Label}, m.cfg.Clipboard(ctx, text)
	})
}

// copied is text for the clipboard, and what it is.
type copied struct{ text, label string }

// finishCopy says that the system's clipboard took the text, or sends the text to the terminal.
func (m *Model) finishCopy(r request.Response[copied]) tea.Cmd {
	if !request.Accept(m.copies, r) {
		return nil
	}
	if r.Err != nil {
		return m.sendToClipboard(r.Value)
	}
	m.toast(state.Public("copied "+r.Value.label), overlay.Good)
	return nil
}

// sendToClipboard sends text to the terminal, which may ignore it.
func (m *Model) sendToClipboard(c copied) tea.Cmd {
	m.toast(state.Public("sent to the terminal: "+c.label), overlay.Plain)
	return m.cfg.SendToClipboard(c.text)
}
