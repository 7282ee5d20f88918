package accounts

import (
	"context"
	"image"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Config is the common configuration of the dialogs.
type Config struct {
	Ctx      context.Context
	Timeout  time.Duration // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts
	User     port.User // the user that the screen shows; nil: none
	Keys     keys.Map
	Styles   *style.Styles
	State    *state.State
	Now      time.Time
	Screen   image.Point // size of the terminal
	Hint     string      // shown in the sign-in form, such as the demo user's credentials; empty: none
}

var _ pane.Overlay = (*List)(nil)

// List shows the accounts on this machine: switch, sign in, sign out, remove.
type List struct {
	Config
	runner     *request.Runner
	accounts   []model.Account
	scroll     pane.Scroll
	confirming bool   // asks whether to sign the selected account out, or to remove a signed-out one
	progress   string // what the running request does
	fault      *model.Fault
}

// switchResult is the response to switching accounts.
type switchResult struct{ account model.Account }

// signOutResult is the response to signing out.
type signOutResult struct{ account model.Account }

// NewList returns the dialog.
func NewList(c Config) *List {
	l := &List{Config: c, runner: request.New(c.Ctx, c.Timeout)}
	l.reload()
	return l
}

// Update handles responses, state and style changes, and the mouse.
func (l *List) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		l.Styles = m.Styles
	case state.Tick:
		l.Now = m.Now
	case state.Changed:
		l.State = m.State
		l.reload()
	case tea.WindowSizeMsg:
		l.Screen = image.Pt(m.Width, m.Height)
		l.fit()
	case tea.MouseWheelMsg:
		if n := pane.WheelRows(m, 1); n != 0 {
			l.move(l.scroll.Selected + n)
		}
	case tea.MouseClickMsg:
		l.click(m)
	case request.Response[switchResult]:
		if request.Accept(l.runner, m) {
			return l.handleSwitch(m)
		}
	case request.Response[signOutResult]:
		if request.Accept(l.runner, m) {
			return l.handleSignOut(m)
		}
	}
	return nil
}

// reload reads the accounts, the shown one first. The selected account and a question about it stay.
func (l *List) reload() {
	selected, confirming := "", l.confirming
	if l.scroll.Selected < len(l.accounts) {
		selected = l.accounts[l.scroll.Selected].ID
	}
	l.accounts = l.Accounts.List()
	slices.SortStableFunc(l.accounts, func(a, b model.Account) int {
		switch {
		case l.isShown(a) == l.isShown(b):
			return 0
		case l.isShown(a):
			return -1
		}
		return 1
	})
	l.move(l.scroll.Selected)
	if i := slices.IndexFunc(l.accounts, func(a model.Account) bool { return a.ID == selected }); i >= 0 {
		l.scroll.Select(i)
		l.confirming = confirming
	}
}

// isShown reports whether the screen shows an account. Another process may have made another one the current account
// of this machine.
func (l *List) isShown(a model.Account) bool { return l.State.HasUser && a.ID == l.State.Account.ID }

// signedIn reports whether an account has a session, as far as this process or this machine knows.
func (l *List) signedIn(a model.Account) bool {
	return a.SignedIn && (!l.isShown(a) || l.State.Session.SignedIn)
}

// move selects an account, or the nearest one, and withdraws the question about the one before.
func (l *List) move(to int) {
	l.confirming = false
	l.fit()
	l.scroll.Select(to)
}

// fit adapts the scroll range to the accounts and the screen.
func (l *List) fit() {
	l.scroll.Resize(len(l.accounts), max(1, (pane.Inner(l.Size(l.Screen)).Y-headerRows-2)/rowsPerAccount))
}

// click selects the account in a row.
func (l *List) click(m tea.MouseClickMsg) {
	if i := l.scroll.Top + (m.Y-headerRows)/rowsPerAccount; m.Y >= headerRows && i < len(l.accounts) {
		l.move(i)
	}
}

// Handle performs an action.
func (l *List) Handle(a keys.Action) tea.Cmd {
	if l.runner.Busy() {
		if a == keys.Cancel {
			l.runner.Cancel()
			l.progress = ""
		}
		return nil
	}
	l.fault = nil
	if l.fit(); l.scroll.Move(a) {
		l.confirming = false
		return nil
	}
	switch a {
	case keys.SignIn:
		return nav.Send(nav.Open{Overlay: l.newSignIn(nil)})
	case keys.LinkIdentity:
		if l.User != nil {
			return nav.Send(nav.Open{Overlay: NewLink(l.Config, l.User)})
		}
		l.fault = model.InvalidInputf("", "no current account to link an identity to: sign in first")
	case keys.SignOut:
		l.confirming = len(l.accounts) > 0
	case keys.Accept:
		return l.accept()
	case keys.Cancel:
		if l.confirming {
			l.confirming = false
			return nil
		}
		return nav.Send(nav.Close{Overlay: l})
	}
	return nil
}

// newSignIn returns the sign-in dialog above this one; both close together.
func (l *List) newSignIn(again *model.Account) *SignIn {
	s := NewSignIn(l.Config, again)
	s.parent = l
	return s
}

// Names returns the names of the accounts.
func (l *List) Names() (names []string, selected int) {
	for _, a := range l.accounts {
		names = append(names, l.State.AccountName(a).String())
	}
	return names, l.scroll.Selected
}

// SelectName selects an account.
func (l *List) SelectName(i int) tea.Cmd {
	if !l.runner.Busy() {
		l.move(i)
	}
	return nil
}

// Use switches to an account, as Accept does for the selected one.
func (l *List) Use(accountID string) tea.Cmd {
	i := slices.IndexFunc(l.accounts, func(a model.Account) bool { return a.ID == accountID })
	if i < 0 {
		return nil
	}
	l.move(i)
	return l.accept()
}

// accept signs the selected account out, or removes it, when that awaits confirmation; otherwise it switches to it.
func (l *List) accept() tea.Cmd {
	if l.scroll.Selected >= len(l.accounts) {
		return nav.Send(nav.Open{Overlay: l.newSignIn(nil)})
	}
	account, accounts := l.accounts[l.scroll.Selected], l.Accounts
	switch {
	case l.confirming && !l.signedIn(account):
		return l.remove(account)
	case l.confirming:
		l.confirming, l.progress = false, "signing out"
		return request.Start(l.runner, func(ctx context.Context) (signOutResult, error) {
			return signOutResult{account}, accounts.SignOut(ctx, account.ID)
		})
	case !l.signedIn(account):
		return nav.Send(nav.Open{Overlay: l.newSignIn(&account)})
	case l.isShown(account):
		return nav.Send(nav.Close{Overlay: l})
	}
	l.progress = "switching"
	return request.Start(l.runner, func(ctx context.Context) (switchResult, error) {
		_, err := accounts.Use(ctx, account.ID)
		return switchResult{account}, err
	})
}

// remove removes a signed-out account from this machine.
func (l *List) remove(account model.Account) tea.Cmd {
	l.confirming = false
	shown := l.isShown(account)
	if l.fault = model.AsFault("remove the account", l.Accounts.Remove(account.ID)); l.fault != nil {
		return nil
	}
	l.reload()
	notice := nav.Notify{Text: state.Message{Text: "removed " + account.DisplayName(),
		Masked: "removed " + l.State.MaskedID(account.UserID)}, Success: true}
	if shown {
		return nav.Send(nav.Switched{Notice: notice})
	}
	return nav.Send(notice)
}

func (l *List) handleSwitch(m request.Response[switchResult]) tea.Cmd {
	l.progress = ""
	switch f := model.AsFault("switch to another account", m.Err); {
	case f == nil:
		return tea.Batch(nav.Send(nav.Switched{}), nav.Send(nav.Close{Overlay: l}))
	case f.Kind == model.SignedOut:
		return nav.Send(nav.Open{Overlay: l.newSignIn(&m.Value.account)})
	default:
		l.fault = f
		return nil
	}
}

func (l *List) handleSignOut(m request.Response[signOutResult]) tea.Cmd {
	l.progress = ""
	l.reload()
	if l.fault = model.AsFault("sign out", m.Err); l.fault != nil {
		return nil
	}
	account := m.Value.account
	masked := l.State.MaskedID(account.UserID)
	notice := nav.Notify{Text: state.Message{Text: "signed out " + account.DisplayName(),
		Masked: "signed out " + masked}, Success: true}
	if l.isShown(account) {
		return nav.Send(nav.Switched{Notice: notice})
	}
	return nav.Send(notice)
}

// Cursor returns nil: there is no text field.
func (l *List) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text field.
func (l *List) CapturesKeys() bool { return false }

// Scope is keys.Accounts, or the scope of the open question or of a running request.
func (l *List) Scope() keys.Scope {
	switch {
	case l.runner.Busy():
		return keys.Waiting
	case l.confirming && !l.signedIn(l.accounts[l.scroll.Selected]):
		return keys.RemovePrompt
	case l.confirming:
		return keys.SignOutPrompt
	}
	return keys.Accounts
}

// Title returns the frame's title.
func (l *List) Title() model.Visible { return model.Show("accounts") }

// HasUnsaved returns false: there is no text field.
func (l *List) HasUnsaved() bool { return false }
