package accounts

import (
	"context"
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

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

// SignIn is the dialog that signs a person in, creates an account, or links another identity to the current person.
type SignIn struct {
	Config
	asker    *request.Runner
	again    *model.Account // whose session has ended; nil: anybody
	link     port.User      // who gets another identity; nil: signing in
	below    pane.Overlay   // the list that closes with this dialog; nil: there is none
	ways     []kind
	way      int
	at       int // the field with the focus
	register bool
	wrong    int // the field that the fault is about; -1: none
	fault    *model.Fault
}

// entered is the answer to signing in or linking.
type entered struct{ registered bool }

// NewSignIn opens the dialog. With an account, whose session has ended, it is filled in as far as that is known.
func NewSignIn(c Config, again *model.Account) *SignIn {
	s := &SignIn{Config: c, asker: request.New(c.Ctx, c.Timeout), again: again, ways: providers(), wrong: -1}
	s.disguise()
	if again == nil {
		return s
	}
	for i, k := range s.ways {
		if k.name == again.Provider {
			s.way = i
		}
	}
	if again.Provider == emailPassword && again.Name != "" {
		s.ways[s.way].fields[0].line.SetValue(again.Name)
		s.at = 1
	}
	return s
}

// NewLink opens the dialog that adds another identity to a person.
func NewLink(c Config, p port.User) *SignIn {
	s := NewSignIn(c, nil)
	s.link = p
	kept := s.ways[:0]
	for _, k := range s.ways {
		if k.name != anonymous && k.name != apiKey { // these prove somebody by themselves and are added to nobody
			kept = append(kept, k)
		}
	}
	s.ways = kept
	return s
}

// disguise hides what is secret, and the rest too while personal data is masked.
func (s *SignIn) disguise() {
	for i := range s.ways {
		for j := range s.ways[i].fields {
			f := &s.ways[i].fields[j]
			f.line.MaxBytes = 1 << 20
			f.line.Mask = ""
			if f.secret || s.State.Masked {
				f.line.Mask = s.Styles.Glyphs.Mask
			}
		}
	}
}

func (s *SignIn) fields() []field { return s.ways[s.way].fields }

// Update takes answers, raw keys and pastes, and what is broadcast.
func (s *SignIn) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		s.Styles = m.Styles
		s.disguise()
	case state.Changed:
		s.State = m.State
		s.disguise()
	case state.Tick:
		s.Now = m.Now
	case tea.WindowSizeMsg:
		s.Screen = image.Pt(m.Width, m.Height)
	case request.Response[entered]:
		if request.Accept(s.asker, m) {
			return s.entered(m)
		}
	case tea.PasteMsg:
		if s.CapturesKeys() {
			s.typed()
			s.fields()[s.at].line.Paste(strings.TrimRight(m.Content, "\r\n"))
		}
	case tea.MouseClickMsg:
		if i := m.Y - fieldsAt; i >= 0 && i < len(s.fields()) {
			s.at = i
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
	if s.CapturesKeys() && !s.asker.Busy() && s.fields()[s.at].line.HandleKey(m) {
		s.typed()
	}
	return nil
}

// typed takes the complaint about what stood there before away.
func (s *SignIn) typed() { s.fault, s.wrong = nil, -1 }

// Handle carries an action out.
func (s *SignIn) Handle(a keys.Action) tea.Cmd {
	if s.asker.Busy() {
		if a == keys.Cancel {
			s.asker.Cancel()
		}
		return nil
	}
	n := max(1, len(s.fields()))
	switch a {
	case keys.NextField:
		s.at = (s.at + 1) % n
	case keys.PreviousField:
		s.at = (s.at + n - 1) % n
	case keys.OtherProvider:
		s.way, s.at, s.register = (s.way+1)%len(s.ways), 0, false
		s.typed()
	case keys.Register:
		if s.ways[s.way].name == emailPassword {
			s.register = !s.register
			s.typed()
		}
	case keys.Accept:
		if s.at+1 < len(s.fields()) && s.fields()[s.at+1].line.Value() == "" {
			s.at++
			return nil
		}
		return s.enter()
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: s})
	}
	return nil
}

// enter sends what was typed.
func (s *SignIn) enter() tea.Cmd {
	c, missing, fault := s.ways[s.way].credential()
	if fault == nil && s.register {
		missing, fault = 1, password(s.fields()[1].line.Value())
	}
	if fault != nil {
		s.fault, s.wrong, s.at = fault, missing, missing
		return nil
	}
	s.typed()
	accounts, link, register := s.Accounts, s.link, s.register
	email, secret := "", ""
	if register {
		email, secret = s.fields()[0].line.Value(), s.fields()[1].line.Value()
	}
	return request.Start(s.asker, func(ctx context.Context) (entered, error) {
		if register {
			if err := accounts.Register(ctx, email, secret); err != nil {
				return entered{}, err
			}
		}
		if link != nil {
			return entered{registered: register}, link.Link(ctx, c)
		}
		_, err := accounts.SignIn(ctx, c)
		return entered{registered: register}, err
	})
}

// hasPassword reports that the current person signs in by e-mail and password already, and so gets no second identity of that kind.
func (s *SignIn) hasPassword() bool {
	return slices.ContainsFunc(s.State.User.Identities, func(i model.Identity) bool { return i.ProviderType == emailPassword })
}

// password says what is wrong with a new password.
func password(p string) *model.Fault {
	if n := len([]rune(p)); n < 6 || n > 128 {
		return model.InvalidInputf("", "a password has 6 to 128 characters; this one has %d", n)
	}
	return nil
}

// entered closes the dialog, or says under the field what is wrong; what was typed stays.
func (s *SignIn) entered(m request.Response[entered]) tea.Cmd {
	if m.Value.registered { // the account exists now, whatever came after
		s.register = false
	}
	if m.Err != nil {
		s.fault = model.AsFault("", m.Err)
		s.wrong = -1
		if m.Value.registered && (s.fault.Kind == model.InvalidCredentials || s.fault.Kind == model.IdentityTaken && !s.hasPassword()) {
			s.fault = model.UnconfirmedFault(m.Err)
			if s.link != nil {
				s.fault.Op, s.fault.Advice = "link an identity", "follow the link in its mail, then link it here"
			}
			return nil
		}
		if s.fault.Kind == model.InvalidCredentials || s.fault.Kind == model.InvalidInput {
			s.wrong = len(s.fields()) - 1
			s.at = max(0, s.wrong)
		}
		if s.link != nil && s.fault.Kind == model.InvalidCredentials && s.ways[s.way].name == emailPassword && !s.register {
			unknown := *s.fault
			unknown.Advice = "check both; if there is no such account yet, create it first (see the keys below)"
			s.fault = &unknown
		}
		return nil
	}
	for i := range s.ways {
		for j := range s.ways[i].fields {
			s.ways[i].fields[j].line.SetValue("")
		}
	}
	cmds := []tea.Cmd{nav.Send(nav.Close{Overlay: s})}
	if s.link != nil {
		return tea.Batch(append(cmds, nav.Send(nav.Linked{Provider: s.ways[s.way].title}))...)
	}
	if s.below != nil {
		cmds = append(cmds, nav.Send(nav.Close{Overlay: s.below}))
	}
	return tea.Batch(append(cmds, nav.Send(nav.SignedIn{}))...)
}

// Where the fields stand, and how wide their labels are.
const (
	fieldsAt = 4
	label    = 11
)

// View draws the dialog.
func (s *SignIn) View(size image.Point) string {
	lines, at := s.draw(size)
	return pane.Fill(lines[scrolled(at, size.Y):], size)
}

// scrolled is how many lines go so that the cursor's is seen.
func scrolled(at *image.Point, height int) int {
	if at == nil {
		return 0
	}
	return max(0, at.Y-height+1)
}

func (s *SignIn) draw(size image.Point) (lines []string, at *image.Point) {
	st, way := s.Styles, &s.ways[s.way]
	lines = []string{" " + st.Text.Render(s.sentence().Clip(max(1, size.X-2)).String()), ""}
	lines = append(lines, " "+st.Muted.Render(model.Show("by").Pad(label-1).String())+"  "+st.Strong.Render(model.Show(way.title).Clip(max(1, size.X-label-3)).String()), "")
	room := max(1, size.X-label-3)
	for i := range way.fields {
		f := &way.fields[i]
		prompt := "  "
		if i == s.at {
			prompt = st.Prompt.Render(st.Glyphs.Cursor) + " "
			at = &image.Point{X: label + 2 + f.line.Cursor(room), Y: len(lines)}
		}
		how := st.Input
		if i == s.wrong {
			how = st.InputError
		}
		lines = append(lines, " "+st.Muted.Render(model.Show(f.label).Pad(label-1).String())+prompt+style.Draw(how, f.line.View(room)))
	}
	say := func(look lipgloss.Style, sentence string) {
		for _, w := range model.Show(sentence).Wrap(max(1, size.X-label-3)) {
			lines = append(lines, strings.Repeat(" ", label+2)+style.Draw(look, w.String()))
		}
	}
	switch {
	case s.asker.Busy():
		say(st.Warn, "asking the service"+st.Glyphs.Ellipsis+" esc stops waiting")
	case s.fault != nil:
		say(st.Bad, st.Glyphs.Bad+" "+s.fault.Error())
	case way.about != "":
		say(st.Faint, way.about)
	}
	if s.Hint != "" && way.name == emailPassword && !s.register && s.link == nil && s.fault == nil {
		say(st.Faint, s.Hint)
	}
	switch {
	case s.register && s.link != nil:
		say(st.Info, "creates this identity first, then links it")
	case s.register:
		say(st.Info, "creates the account first, then signs in")
	}
	return lines, at
}

// sentence says what the dialog is about.
func (s *SignIn) sentence() model.Visible {
	switch {
	case s.link != nil:
		return model.Show("Another way to sign in for " + s.State.Text(s.State.DisplayName()).String())
	case s.again != nil:
		return model.Show("The session of " + s.State.Text(s.again.DisplayName()).String() + " has ended; sign in again")
	case s.register:
		return model.Show("A new account")
	}
	return model.Show("Sign in")
}

// Cursor is where the text cursor stands.
func (s *SignIn) Cursor() *tea.Cursor {
	inner := pane.Inner(s.Size(s.Screen))
	_, at := s.draw(inner)
	if at == nil || s.asker.Busy() {
		return nil
	}
	y := at.Y - scrolled(at, inner.Y)
	if !image.Pt(at.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(at.X, y)
}

// Size is a small dialog's.
func (s *SignIn) Size(screen image.Point) image.Point { return fitted(screen, 76, 13) }

// CapturesKeys reports that something is typed: some ways to sign in need nothing.
func (s *SignIn) CapturesKeys() bool { return len(s.fields()) > 0 }

// Scope is the sign-in dialogs'.
func (s *SignIn) Scope() keys.Scope { return keys.SignInForm }

// Title heads the dialog.
func (s *SignIn) Title() model.Visible {
	switch {
	case s.link != nil:
		return model.Show("link an identity")
	case s.register:
		return model.Show("create an account")
	}
	return model.Show("sign in")
}

// HasUnsaved is false: a password half typed is no loss.
func (s *SignIn) HasUnsaved() bool { return false }
