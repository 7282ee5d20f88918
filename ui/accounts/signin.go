package accounts

import (
	"context"
	"image"
	"slices"
	"strings"

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

var _ pane.Overlay = (*SignIn)(nil)

// SignIn is the dialog that signs in, creates an account, or links an identity to the current user.
type SignIn struct {
	Config
	runner      *request.Runner
	account     *model.Account // the account whose session has ended; nil: none
	linkTo      port.User      // the user that gets another identity; nil: sign in
	parent      pane.Overlay   // the list that closes with this dialog; nil: none
	providers   []providerForm
	provider    int
	focused     int // the field with the focus
	registering bool
	faultyField int // the field that fault is about; -1: none
	fault       *model.Fault
}

// signInResult is the response to signing in or linking.
type signInResult struct{ registered bool }

// NewSignIn returns the dialog. With an account whose session has ended, its name and provider are filled in.
func NewSignIn(c Config, account *model.Account) *SignIn {
	s := &SignIn{Config: c, runner: request.New(c.Ctx, c.Timeout), account: account, providers: providerForms(),
		faultyField: -1}
	s.applyMask()
	if account == nil {
		return s
	}
	for i, k := range s.providers {
		if k.name == account.Provider {
			s.provider = i
		}
	}
	if account.Provider == emailPassword && account.Name != "" {
		line := &s.providers[s.provider].fields[0].line
		line.SetValue(account.Name)
		line.Hidden = true
		s.focused = 1
	}
	return s
}

// NewLink returns the dialog that links another identity to a user.
func NewLink(c Config, u port.User) *SignIn {
	s := NewSignIn(c, nil)
	s.linkTo = u
	linkable := s.providers[:0]
	for _, k := range s.providers {
		if k.name != anonymous && k.name != apiKey { // these always are users of their own and cannot be linked
			linkable = append(linkable, k)
		}
	}
	s.providers = linkable
	return s
}

// applyMask hides secrets, and all input while personal data is masked.
func (s *SignIn) applyMask() {
	for i := range s.providers {
		for j := range s.providers[i].fields {
			f := &s.providers[i].fields[j]
			f.line.MaxBytes = 1 << 20
			f.line.Mask = ""
			if f.secret || s.State.Masked {
				f.line.Mask = s.Styles.Glyphs.Mask
			}
		}
	}
}

func (s *SignIn) fields() []field { return s.providers[s.provider].fields }

// Update handles responses, state and style changes, keys, pastes and the mouse.
func (s *SignIn) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		s.Styles = m.Styles
		s.applyMask()
	case state.Changed:
		s.State = m.State
		s.applyMask()
	case state.Tick:
		s.Now = m.Now
	case tea.WindowSizeMsg:
		s.Screen = image.Pt(m.Width, m.Height)
	case request.Response[signInResult]:
		if request.Accept(s.runner, m) {
			return s.handleResult(m)
		}
	case tea.PasteMsg:
		if s.CapturesKeys() {
			s.clearFault()
			s.fields()[s.focused].line.Paste(m.Content)
		}
	case tea.MouseClickMsg:
		if i := m.Y - firstFieldRow; i >= 0 && i < len(s.fields()) {
			s.focused = i
		}
	case tea.KeyPressMsg:
		return s.press(m)
	}
	return nil
}

func (s *SignIn) press(m tea.KeyPressMsg) tea.Cmd {
	if m.Text == "" {
		if a, ok := s.Keys.Resolve(m, keys.SignInForm); ok {
			return s.Handle(a)
		}
	}
	if s.CapturesKeys() && !s.runner.Busy() && s.fields()[s.focused].line.HandleKey(m) {
		s.clearFault()
	}
	return nil
}

// clearFault removes the fault of the previous input.
func (s *SignIn) clearFault() { s.fault, s.faultyField = nil, -1 }

// Handle performs an action.
func (s *SignIn) Handle(a keys.Action) tea.Cmd {
	if s.runner.Busy() {
		if a == keys.Cancel {
			s.runner.Cancel()
		}
		return nil
	}
	n := max(1, len(s.fields()))
	switch a {
	case keys.NextField:
		s.focused = (s.focused + 1) % n
	case keys.PreviousField:
		s.focused = (s.focused + n - 1) % n
	case keys.OtherProvider:
		s.provider, s.focused, s.registering = (s.provider+1)%len(s.providers), 0, false
		s.clearFault()
	case keys.Register:
		if s.providers[s.provider].name == emailPassword {
			s.registering = !s.registering
			s.clearFault()
		}
	case keys.Accept:
		if s.focused+1 < len(s.fields()) && s.fields()[s.focused+1].line.Value() == "" {
			s.focused++
			return nil
		}
		return s.submit()
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: s})
	}
	return nil
}

// submit sends what was typed.
func (s *SignIn) submit() tea.Cmd {
	c, missing, fault := s.providers[s.provider].credential()
	if fault == nil && s.registering {
		missing, fault = 1, checkPassword(s.fields()[1].line.Value())
	}
	if fault != nil {
		s.fault, s.faultyField, s.focused = fault, missing, missing
		return nil
	}
	s.clearFault()
	accounts, link, register := s.Accounts, s.linkTo, s.registering
	email, secret := "", ""
	if register {
		email, secret = s.fields()[0].line.Value(), s.fields()[1].line.Value()
	}
	return request.Start(s.runner, func(ctx context.Context) (signInResult, error) {
		if register {
			if err := accounts.Register(ctx, email, secret); err != nil {
				return signInResult{}, err
			}
		}
		if link != nil {
			return signInResult{registered: register}, link.Link(ctx, c)
		}
		_, err := accounts.SignIn(ctx, c)
		return signInResult{registered: register}, err
	})
}

// hasPassword reports whether the current user already has an e-mail and password identity.
func (s *SignIn) hasPassword() bool {
	return slices.ContainsFunc(s.State.User.Identities,
		func(i model.Identity) bool { return i.ProviderType == emailPassword })
}

// checkPassword checks the length of a new password.
func checkPassword(p string) *model.Fault {
	if n := len([]rune(p)); n < 6 || n > 128 {
		return model.InvalidInputf("", "a password has 6 to 128 characters; this one has %d", n)
	}
	return nil
}

// handleResult closes the dialog, or shows the fault below the fields; the input stays.
func (s *SignIn) handleResult(m request.Response[signInResult]) tea.Cmd {
	if m.Value.registered { // the account exists now, even if a later step failed
		s.registering = false
	}
	if m.Err != nil {
		s.fault = model.AsFault("", m.Err)
		s.faultyField = -1
		if m.Value.registered && (s.fault.Kind == model.InvalidCredentials || s.fault.Kind == model.IdentityTaken &&
			!s.hasPassword()) {
			s.fault = model.UnconfirmedFault(m.Err)
			if s.linkTo != nil {
				s.fault.Op, s.fault.Advice = "link an identity", "follow the link in its mail, then link it here"
			}
			return nil
		}
		if s.fault.Kind == model.InvalidCredentials || s.fault.Kind == model.InvalidInput {
			s.faultyField = len(s.fields()) - 1
			s.focused = max(0, s.faultyField)
		}
		if s.linkTo != nil && s.fault.Kind == model.InvalidCredentials && s.providers[s.provider].name == emailPassword &&
			!s.registering {
			unknown := *s.fault
			unknown.Advice = "check both; if there is no such account yet, create it first (see the keys below)"
			s.fault = &unknown
		}
		return nil
	}
	for i := range s.providers {
		for j := range s.providers[i].fields {
			s.providers[i].fields[j].line.SetValue("")
		}
	}
	cmds := []tea.Cmd{nav.Send(nav.Close{Overlay: s})}
	if s.linkTo != nil {
		return tea.Batch(append(cmds, nav.Send(nav.Linked{Provider: s.providers[s.provider].title}))...)
	}
	if s.parent != nil {
		cmds = append(cmds, nav.Send(nav.Close{Overlay: s.parent}))
	}
	return tea.Batch(append(cmds, nav.Send(nav.SignedIn{}))...)
}

// The row of the first field, and the width of the labels.
const (
	firstFieldRow = 4
	labelWidth    = 11
)

// View draws the dialog.
func (s *SignIn) View(size image.Point) string {
	lines, cursor := s.draw(size)
	return pane.Fill(lines[scrollOffset(cursor, size.Y):], size)
}

// scrollOffset returns the number of lines to skip so that the cursor is visible.
func scrollOffset(cursor *image.Point, height int) int {
	if cursor == nil {
		return 0
	}
	return max(0, cursor.Y-height+1)
}

func (s *SignIn) draw(size image.Point) (lines []string, cursor *image.Point) {
	st, form := s.Styles, &s.providers[s.provider]
	lines = []string{" " + st.Text.Render(s.heading().Clip(max(1, size.X-2)).String()), ""}
	lines = append(lines, " "+st.Muted.Render(model.Show("provider").Pad(labelWidth-1).String())+"  "+
		st.Strong.Render(model.Show(form.title).Clip(max(1, size.X-labelWidth-3)).String()), "")
	available := max(1, size.X-labelWidth-3)
	for i := range form.fields {
		f := &form.fields[i]
		prompt := "  "
		if i == s.focused {
			prompt = st.Prompt.Render(st.Glyphs.Cursor) + " "
			cursor = &image.Point{X: labelWidth + 2 + f.line.Cursor(available), Y: len(lines)}
		}
		inputStyle := st.Input
		if i == s.faultyField {
			inputStyle = st.InputError
		}
		lines = append(lines, " "+st.Muted.Render(model.Show(f.label).Pad(labelWidth-1).String())+prompt+
			inputStyle.Render(f.line.View(available)))
	}
	addText := func(textStyle style.Style, sentence string) {
		for _, w := range model.Show(sentence).Wrap(max(1, size.X-labelWidth-3)) {
			lines = append(lines, strings.Repeat(" ", labelWidth+2)+textStyle.Render(w.String()))
		}
	}
	switch {
	case s.runner.Busy():
		addText(st.Warn, "waiting for the service"+st.Glyphs.Ellipsis+s.Keys.Expand(" {waiting.cancel} stops waiting"))
	case s.fault != nil:
		addText(st.Bad, st.Glyphs.Bad+" "+s.State.FaultText(s.fault))
	case form.about != "":
		addText(st.Faint, form.about)
	}
	if s.Hint != "" && !s.State.Masked && form.name == emailPassword && !s.registering && s.linkTo == nil &&
		s.fault == nil {
		addText(st.Faint, s.Hint)
	}
	switch {
	case s.registering && s.linkTo != nil:
		addText(st.Info, "creates this identity first, then links it")
	case s.registering:
		addText(st.Info, "creates the account first, then signs in")
	}
	return lines, cursor
}

// heading returns the sentence above the fields.
func (s *SignIn) heading() model.Visible {
	switch {
	case s.linkTo != nil:
		return model.Concat(model.Show("Add an identity to "), s.State.UserName())
	case s.account != nil:
		return model.Concat(model.Show("The session of "), s.State.AccountName(*s.account),
			model.Show(" has ended; sign in again"))
	case s.registering:
		return model.Show("A new account")
	}
	return model.Show("Sign in")
}

// Cursor returns the position of the text cursor.
func (s *SignIn) Cursor() *tea.Cursor {
	inner := pane.Inner(s.Size(s.Screen))
	_, cursor := s.draw(inner)
	if cursor == nil || s.runner.Busy() {
		return nil
	}
	y := cursor.Y - scrollOffset(cursor, inner.Y)
	if !image.Pt(cursor.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(cursor.X, y)
}

// Size is the size of a small dialog.
func (s *SignIn) Size(screen image.Point) image.Point { return dialogSize(screen, 76, 13) }

// CapturesKeys reports whether the provider has fields.
func (s *SignIn) CapturesKeys() bool { return len(s.fields()) > 0 }

// Scope is keys.SignInForm, or keys.Waiting while a request is under way.
func (s *SignIn) Scope() keys.Scope {
	if s.runner.Busy() {
		return keys.Waiting
	}
	return keys.SignInForm
}

// Title returns the frame's title.
func (s *SignIn) Title() model.Visible {
	switch {
	case s.linkTo != nil:
		return model.Show("link an identity")
	case s.registering:
		return model.Show("create an account")
	}
	return model.Show("sign in")
}

// HasUnsaved returns false: a credential can be typed account.
func (s *SignIn) HasUnsaved() bool { return false }
