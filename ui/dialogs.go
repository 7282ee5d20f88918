package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/accounts"
	"dossier/ui/appearance"
	"dossier/ui/compare"
	"dossier/ui/edit"
	"dossier/ui/functions"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/state"
)

// dialog opens what a request or an action is about.
func (m *Model) dialog(msg any) tea.Cmd {
	switch msg := msg.(type) {
	case nav.EditField:
		return m.edit(edit.Field(m.editing(), msg.Path))
	case nav.AddField:
		return m.edit(edit.Add(m.editing(), msg.Within))
	case nav.RemoveField:
		return m.edit(edit.Remove(m.editing(), msg.Path))
	case nav.EditDocument:
		return m.edit(edit.Document(m.editing()))
	case nav.CallFunction:
		return m.call(msg)
	}
	switch msg {
	case keys.OpenAccounts:
		return m.open(accounts.NewList(m.about()))
	case keys.LinkIdentity:
		return m.open(accounts.NewLink(m.about(), m.who.person))
	case keys.OpenThemes:
		return m.open(appearance.New(appearance.Config{
			Themes: m.cfg.Appearance.Themes, Styles: m.styles, Options: m.cfg.Appearance.Options, Save: m.cfg.SaveTheme, Screen: m.room().Size(),
		}))
	case keys.CallFunction:
		return m.call(nav.CallFunction{})
	case keys.Undo:
		if m.undid {
			return m.edit(edit.Redo(m.editing(), m.undo))
		}
		return m.edit(edit.Undo(m.editing(), m.undo))
	case keys.EmptyOrDelete:
		return m.open(overlay.NewConfirm(m.styles, "empty or delete", "Everything but _id and the user id goes, or the whole document does. A review comes first.",
			overlay.Option{Text: "neither"},
			overlay.Option{Text: "empty the document", Run: nav.Send(emptied{})},
			overlay.Option{Text: "delete the document", Run: nav.Send(deleted{})}))
	}
	switch msg.(type) {
	case emptied:
		return m.edit(edit.Empty(m.editing()))
	case deleted:
		return m.remove()
	}
	return nil
}

// emptied and deleted are what was chosen about the whole document.
type (
	emptied struct{}
	deleted struct{}
)

func (m *Model) editing() edit.Config {
	return edit.Config{
		Ctx: m.who.ctx, Timeout: m.cfg.Timeout, Accounts: m.cfg.Accounts, User: m.who.person, Drafts: m.cfg.Drafts, Keys: m.cfg.Keys,
		Styles: m.styles, State: m.state, Now: m.now.In(m.cfg.Now.Location()), Screen: m.room().Size(),
	}
}

// edit opens the editor, which first reads the document.
func (m *Model) edit(e *edit.Editor, read tea.Cmd) tea.Cmd {
	return tea.Batch(m.open(e), read)
}

func (m *Model) about() accounts.Config {
	return accounts.Config{
		Ctx: m.cfg.Ctx, Timeout: m.cfg.Timeout, Accounts: m.cfg.Accounts, Keys: m.cfg.Keys, Styles: m.styles, State: m.state,
		Now: m.now.In(m.cfg.Now.Location()), Screen: m.room().Size(), Hint: m.cfg.Hint,
	}
}

func (m *Model) call(c nav.CallFunction) tea.Cmd {
	if m.who == nil {
		return nil
	}
	return m.open(functions.New(functions.Config{
		Ctx: m.who.ctx, User: m.who.person, Keys: m.cfg.Keys, Styles: m.styles, State: m.state, Screen: m.room().Size(),
	}, c.Name, c.Args))
}

// compare shows the comparison and looks at the database for it.
func (m *Model) compare() tea.Cmd {
	shown := compare.New(m.styles, m.state)
	return tea.Batch(m.open(shown), m.look())
}

// signIn opens the sign-in dialog, filled in for somebody whose session has ended.
func (m *Model) signIn(again *model.Account) tea.Cmd {
	for _, f := range m.stack {
		if _, open := f.overlay.(*accounts.SignIn); open {
			return nil
		}
	}
	return m.open(accounts.NewSignIn(m.about(), again))
}

// signedOut notices that the service has ended the session: the sign-in dialog opens as soon as the keys are quiet.
func (m *Model) signedOut() tea.Cmd {
	if m.who == nil || m.waiting != nil {
		return nil
	}
	account := m.who.person.Account()
	return m.soon(func() tea.Cmd { return m.signIn(&account) })
}

// linked takes over another way to sign in: the answer brought a new token and a new profile along.
func (m *Model) linked(l nav.Linked) tea.Cmd {
	if m.who == nil {
		return nil
	}
	m.tell(nav.Notify{Text: model.Show("linked: " + l.Provider), Success: true})
	person := m.who.person
	return m.know(func(r *state.State) { r.User = person.CachedProfile() })
}

// saved takes over what was saved: the token is refreshed, so that the application has it too.
func (m *Model) saved(s nav.Saved) tea.Cmd {
	if s.Draft != nil && s.Outcome.Saved {
		m.undo, m.undid = s.Draft, s.IsUndo
	}
	if m.who != nil {
		m.who.saved = s.Draft
	}
	return m.refresh(afterSave)
}
