package accounts

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
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
	selected   int
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
	case tea.MouseWheelMsg:
		if n := pane.WheelRows(m, 1); n != 0 {
			l.move(n)
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
	if l.selected < len(l.accounts) {
		selected = l.accounts[l.selected].ID
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
	l.move(0)
	if i := slices.IndexFunc(l.accounts, func(a model.Account) bool { return a.ID == selected }); i >= 0 {
		l.selected, l.confirming = i, confirming
	}
}

// isShown reports whether the screen shows an account. Another process may have made another one the current account
// of this machine.
func (l *List) isShown(a model.Account) bool { return l.State.HasUser && a.ID == l.State.Account.ID }

// signedIn reports whether an account has a session, as far as this process or this machine knows.
func (l *List) signedIn(a model.Account) bool {
	return a.SignedIn && (!l.isShown(a) || l.State.Session.SignedIn)
}

func (l *List) move(by int) {
	l.confirming = false
	l.selected = min(max(0, l.selected+by), max(0, len(l.accounts)-1))
}

// click selects the account in a row.
func (l *List) click(m tea.MouseClickMsg) {
	inner := pane.Inner(l.Size(l.Screen))
	if i := l.firstVisible(inner.Y) + (m.Y-headerRows)/rowsPerAccount; m.Y >= headerRows && i < len(l.accounts) {
		l.move(i - l.selected)
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
	const page = 5
	switch a {
	case keys.Up:
		l.move(-1)
	case keys.Down:
		l.move(1)
	case keys.PageUp:
		l.move(-page)
	case keys.PageDown:
		l.move(page)
	case keys.Top:
		l.move(-len(l.accounts))
	case keys.Bottom:
		l.move(len(l.accounts))
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
	return names, l.selected
}

// SelectName selects an account.
func (l *List) SelectName(i int) tea.Cmd {
	if !l.runner.Busy() {
		l.move(i - l.selected)
	}
	return nil
}

// Use switches to an account, as Accept does for the selected one.
func (l *List) Use(accountID string) tea.Cmd {
	i := slices.IndexFunc(l.accounts, func(a model.Account) bool { return a.ID == accountID })
	if i < 0 {
		return nil
	}
	l.move(i - l.selected)
	return l.accept()
}

// accept signs the selected account out, or removes it, when that awaits confirmation; otherwise it switches to it.
func (l *List) accept() tea.Cmd {
	if l.selected >= len(l.accounts) {
		return nav.Send(nav.Open{Overlay: l.newSignIn(nil)})
	}
	account, accounts := l.accounts[l.selected], l.Accounts
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
	notice := nav.Send(nav.Notify{Text: state.Message{Text: "removed " + account.DisplayName(),
		Masked: "removed " + l.State.MaskedID(account.UserID)}, Success: true})
	if shown {
		return tea.Batch(notice, nav.Send(nav.Switched{}))
	}
	return notice
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
	notice := nav.Send(nav.Notify{Text: state.Message{Text: "signed out " + account.DisplayName(),
		Masked: "signed out " + masked}, Success: true})
	if l.isShown(account) {
		return tea.Batch(notice, nav.Send(nav.Switched{}))
	}
	return notice
}

// The rows above the accounts, and the rows of each.
const (
	headerRows     = 1
	rowsPerAccount = 2
)

// firstVisible returns the index of the first visible account.
func (l *List) firstVisible(height int) int {
	fit := max(1, (height-headerRows-2)/rowsPerAccount)
	return max(0, min(l.selected-fit/2, len(l.accounts)-fit))
}

// View draws the list.
func (l *List) View(size image.Point) string {
	s := l.Styles
	lines := []string{""}
	if len(l.accounts) == 0 {
		lines = append(lines, " "+s.Muted.Render("No accounts on this machine; enter signs in."))
	}
	fit := max(1, (size.Y-headerRows-2)/rowsPerAccount)
	top := l.firstVisible(size.Y)
	for i := top; i < min(len(l.accounts), top+fit); i++ {
		lines = append(lines, l.row(i, size.X)...)
	}
	return pane.Fill(append(lines, l.footer(size.X)...), size)
}

// row draws one account on two lines.
func (l *List) row(i, width int) []string {
	s, a := l.Styles, l.accounts[i]
	cursor, nameStyle := "  ", s.Text
	if i == l.selected {
		cursor, nameStyle = s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
	}
	state := s.Faint.Render("signed out")
	switch {
	case l.isShown(a) && l.signedIn(a):
		state = s.Good.Render(s.Glyphs.Good + " current")
	case l.signedIn(a):
		state = s.Muted.Render(l.lastUsed(a.LastUsed, l.Now))
	}
	available := max(1, width-22)
	first := cursor + nameStyle.Render(l.State.AccountName(a).Pad(available).String()) + "  " + state
	where := fmt.Sprintf("%s %s %s %s %s", formFor(a.Provider).title, s.Glyphs.Separator, a.AppID, s.Glyphs.Separator,
		a.Server)
	return []string{first, "  " + s.Muted.Render(model.Show(where).Clip(max(1, width-3)).String())}
}

// ClockText returns when the accounts were used, as it is written at a time.
func (l *List) ClockText(now time.Time) string {
	var b strings.Builder
	for _, a := range l.State.Accounts {
		b.WriteString(l.lastUsed(a.LastUsed, now) + "\n")
	}
	return b.String()
}

// lastUsed returns how long before now an account was used.
func (l *List) lastUsed(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case at.IsZero():
		return "signed in"
	case d < time.Minute:
		return "used just now"
	case d < time.Hour:
		return fmt.Sprintf("used %d min ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("used %d h ago", d/time.Hour)
	}
	return "used " + at.In(now.Location()).Format("2 Jan 2006")
}

func (l *List) footer(width int) []string {
	s := l.Styles
	switch {
	case l.progress != "":
		return []string{" " + s.Warn.Render(l.progress+s.Glyphs.Ellipsis)}
	case l.fault != nil:
		return faultLines(s, l.State.FaultText(l.fault), width)
	case l.confirming:
		name := l.State.AccountName(l.accounts[l.selected])
		question := model.Concat(model.Show("Sign out "), name, model.Show("? enter signs out, esc cancels."))
		if !l.signedIn(l.accounts[l.selected]) {
			question = model.Concat(model.Show("Remove "), name,
				model.Show(" and its unsaved changes from this machine? enter removes, esc cancels."))
		}
		var lines []string
		for _, w := range question.Wrap(max(1, width-2)) {
			lines = append(lines, " "+s.Warn.Render(w.String()))
		}
		return lines
	}
	return nil
}

// faultLines returns a fault as wrapped lines.
func faultLines(s *style.Styles, fault string, width int) (lines []string) {
	for _, w := range model.Show(s.Glyphs.Bad + " " + fault).Wrap(max(1, width-2)) {
		lines = append(lines, " "+s.Bad.Render(w.String()))
	}
	return lines
}

// Size fits the accounts.
func (l *List) Size(screen image.Point) image.Point {
	return dialogSize(screen, 76, headerRows+rowsPerAccount*max(1, len(l.accounts))+5)
}

// dialogSize limits a dialog to the screen, one row free above and below; on a narrow screen it takes the full width.
func dialogSize(screen image.Point, width, height int) image.Point {
	if screen.X < 70 {
		width = screen.X
	}
	return image.Pt(min(width, screen.X), min(height, screen.Y-2))
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
	case l.confirming && !l.signedIn(l.accounts[l.selected]):
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
