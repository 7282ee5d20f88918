package ui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/accounts"
	"dossier/ui/apikeys"
	"dossier/ui/copymenu"
	"dossier/ui/currentuser"
	"dossier/ui/document"
	"dossier/ui/edit"
	"dossier/ui/functions"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/state"
	"dossier/ui/style"
)

// What the user chose in a dialog of the root.
type (
	emptyChosen   struct{}
	deleteChosen  struct{}
	deleteConfirm struct{ read model.CheckResult }
	discard       struct{} // quit, and lose what was typed
	flushed       struct {
		draft *edit.CurrentDraft // nil: there is none
		err   error
	}
)

// localNow is the time in the zone that the screen shows.
func (m *Model) localNow() time.Time { return m.now.In(m.state.Zone) }

func (m *Model) editConfig() edit.Config {
	u, ctx := m.user.User()
	return edit.Config{
		Ctx: ctx, Timeout: m.cfg.Timeout, Accounts: m.cfg.Accounts, User: u, Drafts: m.cfg.Drafts, Service: m.cfg.Service,
		Keys:   m.cfg.Keys,
		Styles: m.styles, State: m.state, Now: m.localNow(), Screen: m.overlays.area.Size(), TextEditor: m.cfg.TextEditor,
		Release: m.cfg.Release, Current: m.draft, Select: m.document.Select,
	}
}

// edit opens the editor, which starts by reading the document.
func (m *Model) edit(e *edit.Editor, read tea.Cmd) tea.Cmd { return tea.Batch(m.open(e), read) }

func (m *Model) accountsConfig() accounts.Config {
	u, _ := m.user.User()
	return accounts.Config{
		Ctx: m.cfg.Ctx, Timeout: m.cfg.Timeout, Accounts: m.cfg.Accounts, User: u, Keys: m.cfg.Keys, Styles: m.styles,
		State: m.state, Now: m.localNow(), Screen: m.overlays.area.Size(), Hint: m.cfg.Hint,
	}
}

// signIn opens the sign-in dialog, filled in for an account whose session has ended.
func (m *Model) signIn(ended *model.Account) tea.Cmd {
	for _, e := range m.overlays.entries {
		if _, open := e.Overlay.(*accounts.SignIn); open {
			return nil
		}
	}
	return m.open(accounts.NewSignIn(m.accountsConfig(), ended))
}

// apiKeys opens the dialog of the user's API keys.
func (m *Model) apiKeys() tea.Cmd {
	u, ctx := m.user.User()
	if u == nil {
		return nil
	}
	d, load := apikeys.New(apikeys.Config{
		Ctx: ctx, Timeout: m.cfg.Timeout, User: u, Keys: m.cfg.Keys, Styles: m.styles, State: m.state,
		Screen: m.overlays.area.Size(),
	})
	return tea.Batch(m.open(d), load)
}

// copyAs opens the menu that copies in a format; while personal data is masked it says why not.
func (m *Model) copyAs(c nav.CopyAs) tea.Cmd {
	if m.state.Masked {
		return m.withNotice(toastNotice(m.cfg.Keys.Expand(document.MaskedCopy), currentuser.Plain), nil)
	}
	_, ctx := m.user.User()
	if ctx == nil {
		ctx = m.cfg.Ctx
	}
	menu, write := copymenu.New(copymenu.Config{
		Ctx: ctx, Timeout: m.cfg.Timeout, Files: m.cfg.Files, Draft: m.keptDraft(), Keys: m.cfg.Keys, Styles: m.styles,
		State: m.state, Screen: m.overlays.area.Size(), Limit: m.clipboard.limit(),
	}, c)
	return tea.Batch(m.open(menu), write)
}

func (m *Model) callFunction(c nav.CallFunction) tea.Cmd {
	u, ctx := m.user.User()
	if u == nil {
		return nil
	}
	d, load := functions.New(functions.Config{
		Ctx: ctx, User: u, Arguments: m.cfg.Arguments, Memory: &m.calls, Keys: m.cfg.Keys, Styles: m.styles,
		State: m.state, Now: m.now, Clock: m.cfg.Clock, Screen: m.overlays.area.Size(),
	}, c.Name, c.Args)
	return tea.Batch(m.open(d), load)
}

// deleteDialog asks before the document is deleted as it was read.
func deleteDialog(styles *style.Styles, s *state.State, read model.CheckResult) *overlay.Confirm {
	elements, _ := read.Document.Elements()
	fields := "1 field"
	if n := len(elements); n != 1 {
		fields = fmt.Sprintf("%d fields", n)
	}
	config := s.App().CustomData
	text := fmt.Sprintf("deleteOne in %s.%s: the document of %s with %s. This cannot be undone.",
		config.Database, config.Collection, s.UserName(), fields)
	switch {
	case read.Duplicates == 1:
		text += " Another document has this user id; it is used afterwards."
	case read.Duplicates > 1:
		text += fmt.Sprintf(" %d more documents have this user id; the next one is used afterwards.", read.Duplicates)
	}
	return overlay.NewConfirm(styles, "delete the document", text,
		overlay.Option{Text: "keep it"},
		overlay.Option{Text: "delete it", Run: nav.Send(deleteConfirm{read})})
}

// quit ends the program once the draft is on disk. The terminal no longer shows its status.
func (m *Model) quit() tea.Cmd {
	m.reportsStatus = false
	write := m.flushDraft()
	return func() tea.Msg {
		_ = write() // an error was reported before, or nothing can be done about it any more
		return tea.Quit()
	}
}

// leave stores the draft and quits, and asks first if that would lose something.
func (m *Model) leave() tea.Cmd {
	draft, write := m.draft, m.flushDraft()
	return func() tea.Msg { return flushed{draft, write()} }
}

// flushed quits once the draft is stored, or asks.
func (m *Model) flushed(f flushed) tea.Cmd {
	if f.draft != nil {
		f.draft.Flushed(f.err)
	}
	var lost []string
	if f.err != nil {
		if d := m.keptDraft(); d != nil && !d.NothingToKeep() {
			changes := "1 unsaved change is lost: "
			if n := state.DraftOf(d).Count(); n > 1 {
				changes = fmt.Sprintf("%d unsaved changes are lost: ", n)
			}
			lost = append(lost, changes+m.state.FaultText(model.AsFault("", f.err))+".")
		}
	}
	if e := m.document.Input(); m.overlays.hasUnsaved() || e != nil && e.HasUnsaved() {
		text := "Input in dialogs is lost."
		if len(lost) == 0 {
			text += " Changes of the document are kept as a draft, which {document.review-draft} reviews the next time."
		}
		lost = append(lost, m.cfg.Keys.Expand(text))
	}
	if len(lost) == 0 {
		return m.quit()
	}
	if top, ok := m.overlays.top(); ok && m.quitDialog != nil && top.Overlay == m.quitDialog {
		return nil
	}
	m.quitDialog = overlay.NewConfirm(m.styles, "quit", strings.Join(lost, " "),
		overlay.Option{Text: "stay"},
		overlay.Option{Text: "quit", Run: nav.Send(discard{})})
	return m.open(m.quitDialog)
}
