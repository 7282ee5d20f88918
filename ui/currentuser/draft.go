package currentuser

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// StoredDraft returns the draft that was kept when dossier last ended, nil if there was none; false: it is not read
// yet.
func (m *Machine) StoredDraft() (*model.Draft, bool) {
	if m.user == nil {
		return nil, false
	}
	return m.user.stored, m.user.storedKnown
}

// DraftStored takes the draft that the editor keeps.
func (m *Machine) DraftStored(n nav.DraftStored) Effects {
	if m.user != nil && m.user.Account().ID == n.AccountID {
		m.setDraft(state.DraftOf(n.Draft))
	}
	return m.effects()
}

func (m *Machine) setDraft(d *state.Draft) {
	if !m.state.Draft.Equal(d) || !m.state.Draft.SameTexts(d) {
		m.change(func(s *state.State) { s.Draft = d })
	}
}

// draftFound reports the draft that was kept when dossier last ended, or that there is none.
type draftFound struct {
	account string
	stored  *model.Draft // nil: there is none
	draft   *state.Draft // of stored; nil: it has nothing to keep
	fault   *model.Fault // why it could not be read
}

// findDraft takes over a kept draft, once for each time that an account becomes the current one.
func (m *Machine) findDraft() {
	account, drafts := m.user.Account().ID, m.cfg.Drafts
	m.run(func() tea.Msg {
		d, err := drafts.TakeOver(account)
		return draftFound{account, d, state.DraftOf(d), model.AsFault("read the stored draft", err)}
	})
}

func (d draftFound) apply(m *Machine) {
	if m.user == nil || m.user.Account().ID != d.account {
		return
	}
	m.user.stored, m.user.storedKnown = d.stored, true
	if d.fault != nil {
		m.notify(FaultNotice(d.fault))
	}
	if m.state.Draft != nil || d.draft == nil {
		return
	}
	from := ""
	if at := d.stored.ModifiedAt(); !at.IsZero() {
		from = " from " + m.state.FormatTime(at)
	}
	text := "an unsaved change" + from + " is kept: {document.review-draft} reviews it"
	if n := d.draft.Count(); n > 1 {
		text = fmt.Sprintf("%d unsaved changes%s are kept: {document.review-draft} reviews them", n, from)
	}
	m.setDraft(d.draft)
	m.notify(Notice{Text: state.Public(text), Toast: Plain, Entry: Plain, AboutDraft: true, NamesKeys: true})
}
