package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/accounts"
	"dossier/ui/appearance"
	"dossier/ui/compare"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/overlay"
)

// navigate handles the messages of package nav: what a pane or an overlay requests.
func (m *Model) navigate(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case nav.Open:
		return m.open(msg.Overlay)
	case nav.Close:
		return m.close(msg.Overlay)
	case nav.Notify:
		m.notify(msg)
		return nil
	case nav.ShowFault:
		return m.apply(m.user.Fault(msg.Fault))
	case nav.Copy:
		return m.withNotice(m.clipboard.copy(msg, m.state.Masked))
	case nav.Copied:
		return m.broadcast(msg)
	case nav.GoTo:
		return m.goTo(msg.Path)
	case nav.RevealValue:
		return m.apply(m.user.Reveal(msg.Path))
	case nav.Refresh:
		return m.apply(m.user.Refresh())
	case nav.Check:
		return m.apply(m.user.Check())
	case nav.Saved:
		m.document.Saved(msg.Draft)
		return m.apply(m.user.Saved(msg))
	case nav.Switched:
		cmd := m.apply(m.user.Open())
		if msg.Notice.Text.Text != "" {
			m.notify(msg.Notice)
		}
		return cmd
	case nav.SignedIn:
		return m.apply(m.user.Open())
	case nav.DraftStored:
		if m.draft != nil { // messages may overtake one another
			msg = m.draft.NewestStored(msg)
		}
		return m.apply(m.user.DraftStored(msg))
	case nav.Linked:
		return m.apply(m.user.Linked(msg.Provider))
	default:
		return m.openDialog(msg)
	}
}

// openDialog opens the dialog that a message of package nav requests, or carries out what was chosen in one.
func (m *Model) openDialog(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case nav.EditDocument:
		return m.edit(edit.Document(m.editConfig()))
	case nav.EditText:
		return m.edit(edit.Text(m.editConfig(), msg.Path))
	case nav.ReviewDraft:
		return m.edit(edit.Review(m.editConfig()))
	case nav.ViewValue:
		return m.open(overlay.NewViewer(m.styles, m.state, m.now, msg.Path, msg.Value))
	case nav.CopyAs:
		return m.copyAs(msg)
	case nav.CallFunction:
		return m.callFunction(msg)
	case emptyChosen:
		return m.edit(edit.Empty(m.editConfig()))
	case deleteChosen:
		return m.apply(m.user.PrepareDelete())
	case deleteConfirm:
		return m.apply(m.user.Delete(msg.read))
	}
	return nil
}

// openFor opens the dialog of an action.
func (m *Model) openFor(a keys.Action) tea.Cmd {
	switch a {
	case keys.OpenAccounts:
		return m.open(accounts.NewList(m.accountsConfig()))
	case keys.LinkIdentity:
		u, _ := m.user.User()
		return m.open(accounts.NewLink(m.accountsConfig(), u))
	case keys.OpenThemes:
		return m.open(appearance.New(appearance.Config{
			Themes: m.cfg.Appearance.Themes, Styles: m.styles, Options: m.cfg.Appearance.Options, Save: m.cfg.SaveTheme,
			Screen: m.overlays.area.Size(),
		}))
	case keys.CallFunction:
		return m.callFunction(nav.CallFunction{})
	case keys.OpenAPIKeys:
		return m.apiKeys()
	case keys.CompareTokens:
		return tea.Batch(m.open(compare.New(m.cfg.Keys, m.styles, m.state)), m.apply(m.user.Check()))
	case keys.Undo:
		return m.edit(edit.Undo(m.editConfig(), m.user.Saves()))
	case keys.EmptyOrDelete:
		return m.open(overlay.NewConfirm(m.styles, "empty or delete",
			"Emptying removes every field except _id and the user id, after a review. "+
				"Deleting removes the document, after a confirmation.",
			overlay.Option{Text: "cancel"},
			overlay.Option{Text: "empty the document", Run: nav.Send(emptyChosen{})},
			overlay.Option{Text: "delete the document", Run: nav.Send(deleteChosen{})}))
	}
	return nil
}
