package apikeys

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
	"dossier/ui/text"
)

// Config is what the dialog needs.
type Config struct {
	Ctx     context.Context
	Timeout time.Duration // limits each request; zero: request.DefaultTimeout
	User    port.User     // the owner of the keys
	Keys    keys.Map
	Styles  *style.Styles
	State   *state.State
	Screen  image.Point // the terminal size
}

// step is one page of the dialog.
type step int

const (
	stepList step = iota
	stepName      // of a new key
	stepCreated
	stepLeave  // asks before the text of a new key is forgotten
	stepDelete // asks before a key is deleted
)

// secretText is the text of a new key. It is not printed by mistake.
type secretText struct{ text string }

// String hides the text.
func (secretText) String() string { return "••••" }

// GoString hides the text from %#v too.
func (s secretText) GoString() string { return s.String() }

var _ pane.Overlay = (*Dialog)(nil)

// Dialog manages the API keys of the user.
type Dialog struct {
	Config
	requests *request.Runner
	step     step
	list     []model.APIKey
	listed   bool // the service has sent the list
	scroll   pane.Scroll
	progress string // what the running request does
	changing bool   // the running request changes the keys
	fault    *model.Fault

	name     text.Line
	created  model.APIKey
	secret   secretText // of created; forgotten when its page closes
	sent     bool       // the secret was sent to a clipboard
	saved    bool       // the system's clipboard has taken the secret
	revealed bool       // the secret is shown although personal data is masked
}

// The responses to the dialog's requests.
type (
	listResult struct {
		keys   []model.APIKey
		notice string // what was changed; empty: nothing
		unread error  // why the keys were not read after the change; nil: they were
	}
	createResult struct {
		key    model.APIKey
		secret secretText
	}
)

// New opens the dialog, which starts by listing the keys.
func New(c Config) (*Dialog, tea.Cmd) {
	d := &Dialog{Config: c, requests: request.New(c.Ctx, c.Timeout)}
	return d, d.load("reading the keys", "", nil)
}

// load changes the keys by a function, which may be nil, and lists them.
func (d *Dialog) load(progress, notice string, change func(context.Context, port.User) error) tea.Cmd {
	d.progress, d.fault, d.changing = progress, nil, change != nil
	user := d.User
	return request.Start(d.requests, func(ctx context.Context) (listResult, error) {
		if change != nil {
			if err := change(ctx, user); err != nil {
				return listResult{}, err
			}
		}
		list, err := user.APIKeys(ctx)
		if err != nil && change != nil {
			return listResult{notice: notice, unread: err}, nil
		}
		return listResult{keys: list, notice: notice}, err
	})
}

// Update handles responses, keys, pastes, the mouse and broadcasts.
func (d *Dialog) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case style.Changed:
		d.Styles = m.Styles
	case state.Changed:
		d.revealed = d.revealed && m.State.Masked
		d.State = m.State
	case tea.WindowSizeMsg:
		d.Screen = image.Pt(m.Width, m.Height)
		d.fit()
	case nav.Copied:
		d.saved = d.saved || d.secret.text != "" && m.Text == d.secret.text
	case request.Response[listResult]:
		if request.Accept(d.requests, m) {
			return d.handleList(m)
		}
	case request.Response[createResult]:
		if request.Accept(d.requests, m) {
			return d.handleCreated(m)
		}
	case tea.PasteMsg:
		if d.step == stepName && !d.requests.Busy() && d.name.Paste(m.Content) {
			d.fault = nil
		}
	case tea.MouseWheelMsg:
		if d.step == stepList {
			d.scroll.Select(d.scroll.Selected + pane.WheelRows(m, 1))
		}
	case tea.MouseClickMsg:
		if i := d.scroll.Top + m.Y - headerRows; d.step == stepList && m.Y >= headerRows && i < len(d.list) {
			d.scroll.Select(i)
		}
	case tea.KeyPressMsg:
		return d.press(m)
	}
	return nil
}

func (d *Dialog) press(m tea.KeyPressMsg) tea.Cmd {
	if m.Text == "" {
		if a, ok := d.Keys.Resolve(m, d.Scope()); ok {
			return d.Handle(a)
		}
	}
	if d.step == stepName && !d.requests.Busy() && d.name.HandleKey(m) {
		d.fault = nil
	}
	return nil
}

// Handle runs an action.
func (d *Dialog) Handle(a keys.Action) tea.Cmd {
	if d.requests.Busy() {
		if a == keys.Cancel {
			return d.stopWaiting()
		}
		return nil
	}
	switch d.step {
	case stepName:
		return d.handleName(a)
	case stepCreated, stepLeave:
		return d.handleSecret(a)
	case stepDelete:
		return d.handleDelete(a)
	}
	return d.handleRows(a)
}

// stopWaiting stops waiting for a request. One that changes keys may have been executed.
func (d *Dialog) stopWaiting() tea.Cmd {
	d.requests.Cancel()
	switch {
	case !d.listed && !d.changing:
		return nav.Send(nav.Close{Overlay: d})
	case !d.changing:
		return nil
	}
	d.fault = &model.Fault{Kind: model.Failed, Message: "stopped waiting: the change may or may not have been made",
		Advice: d.Keys.Expand("{api-keys.refresh} reads the keys again")}
	return nil
}

// handleRows runs an action on the list.
func (d *Dialog) handleRows(a keys.Action) tea.Cmd {
	if d.scroll.Move(a) {
		return nil
	}
	switch a {
	case keys.Refresh:
		return d.load("reading the keys", "", nil)
	case keys.CreateKey:
		if reason := d.refusal(); reason != "" {
			d.fault = model.InvalidInputf("", "%s", reason)
			return nil
		}
		d.step, d.fault, d.name = stepName, nil, text.Line{MaxBytes: 1024, JoinLines: true}
	case keys.Toggle:
		return d.toggle()
	case keys.RemoveField:
		if len(d.list) > 0 {
			d.step, d.fault = stepDelete, nil
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: d})
	}
	return nil
}

// fit adapts the scroll range to the list and the screen.
func (d *Dialog) fit() {
	const below = 3
	d.scroll.Resize(len(d.list), max(1, pane.Inner(d.Size(d.Screen)).Y-headerRows-below))
}

// toggle disables or enables the key under the cursor.
func (d *Dialog) toggle() tea.Cmd {
	if len(d.list) == 0 {
		return nil
	}
	k := d.list[d.scroll.Selected]
	progress, done := "disabling "+k.Name, "disabled the API key "+k.Name
	if k.Disabled {
		progress, done = "enabling "+k.Name, "enabled the API key "+k.Name
	}
	return d.load(progress, done, func(ctx context.Context, u port.User) error {
		return u.SetAPIKeyDisabled(ctx, k.ID, !k.Disabled)
	})
}

// handleDelete answers the question whether to delete a key.
func (d *Dialog) handleDelete(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		d.step = stepList
		k := d.list[d.scroll.Selected]
		return d.load("deleting "+k.Name, "deleted the API key "+k.Name, func(ctx context.Context, u port.User) error {
			return u.DeleteAPIKey(ctx, k.ID)
		})
	case keys.Cancel:
		d.step = stepList
	}
	return nil
}

// handleName runs an action on the form of a new key.
func (d *Dialog) handleName(a keys.Action) tea.Cmd {
	switch a {
	case keys.Accept:
		name := d.name.Value()
		if name == "" {
			d.fault = model.InvalidInputf("", "the name of the key is missing")
			return nil
		}
		d.progress, d.fault, d.changing = "creating the key", nil, true
		user := d.User
		return request.Start(d.requests, func(ctx context.Context) (createResult, error) {
			k, secret, err := user.CreateAPIKey(ctx, name)
			return createResult{k, secretText{secret}}, err
		})
	case keys.Cancel:
		d.step, d.fault = stepList, nil
	}
	return nil
}

// handleSecret runs an action while the text of a new key is shown, or on the question before it is forgotten.
func (d *Dialog) handleSecret(a keys.Action) tea.Cmd {
	switch {
	case a == keys.RevealValue && d.State.Masked:
		d.revealed = !d.revealed
	case a == keys.CopyValue && d.State.Masked && !d.revealed: // the root says why not
		return nav.Send(nav.Copy{Text: d.secret.text, Label: "the API key"})
	case a == keys.CopyValue:
		d.sent = true
		return nav.Send(nav.Copy{Text: d.secret.text, Label: "the API key", Public: d.revealed})
	case a == keys.Cancel && d.step == stepLeave:
		d.step = stepCreated
	case (a == keys.Accept || a == keys.Cancel) && !d.saved:
		d.step = stepLeave
	case a == keys.Accept, a == keys.Cancel, a == keys.Discard && d.step == stepLeave:
		d.secret, d.step = secretText{}, stepList
		return d.load("reading the keys", "", nil)
	}
	return nil
}

// handleList shows the list, and says what was changed.
func (d *Dialog) handleList(m request.Response[listResult]) tea.Cmd {
	d.progress = ""
	if m.Err != nil {
		return d.fail(m.Err)
	}
	var notify tea.Cmd
	if m.Value.notice != "" {
		notify = nav.Send(nav.Notify{Success: true,
			Text: state.Message{Text: m.Value.notice, Masked: "changed an API key"}})
	}
	if m.Value.unread != nil {
		d.list, d.listed = nil, false // it is not as before the change
		d.fit()
		return tea.Batch(notify, d.failReading(m.Value.unread))
	}
	selected := ""
	if d.scroll.Selected < len(d.list) {
		selected = d.list[d.scroll.Selected].ID
	}
	d.list, d.listed = m.Value.keys, true
	d.fit()
	if i := slices.IndexFunc(d.list, func(k model.APIKey) bool { return k.ID == selected }); i >= 0 {
		d.scroll.Select(i)
	}
	return notify
}

// failReading says that the change was made and that the list could not be read after it.
func (d *Dialog) failReading(err error) tea.Cmd {
	cmd := d.fail(err)
	f := *d.fault
	f.Message = "the change was made, the list could not be read: " + f.Message
	if f.Advice == "" {
		f.Advice = d.Keys.Expand("{api-keys.refresh} reads the keys again")
	}
	d.fault = &f
	return cmd
}

// handleCreated shows the text of the new key.
func (d *Dialog) handleCreated(m request.Response[createResult]) tea.Cmd {
	d.progress = ""
	if m.Err != nil {
		return d.fail(m.Err)
	}
	d.created, d.secret, d.step = m.Value.key, m.Value.secret, stepCreated
	d.sent, d.saved, d.revealed = false, false, false
	d.list = append(slices.Clone(d.list), d.created)
	d.fit()
	d.scroll.Select(len(d.list) - 1)
	return nav.Send(nav.Notify{Success: true, Text: state.Message{Text: "created the API key " + d.created.Name,
		Masked: "created an API key"}})
}

// fail shows a fault; the root acts on the end of the session.
func (d *Dialog) fail(err error) tea.Cmd {
	d.fault = model.AsFault("", err)
	if d.fault.Kind == model.SignedOut || d.fault.Kind == model.Unreachable {
		return nav.Send(nav.ShowFault{Fault: d.fault})
	}
	return nil
}

// refusal returns why the user cannot have API keys; empty: they can.
func (d *Dialog) refusal() string {
	u := d.State.User
	if u.Type == "server" {
		return "This user is the API key of a server; it cannot create others."
	}
	for _, i := range u.Identities {
		if i.ProviderType != "anon-user" && i.ProviderType != "api-key" {
			return ""
		}
	}
	if len(u.Identities) == 0 {
		return ""
	}
	return d.Keys.Expand("An anonymous user cannot create API keys: link another identity first, " +
		"{accounts.link-identity} in the accounts.")
}

// Scope returns the key scope of the step, or keys.Waiting during a request.
func (d *Dialog) Scope() keys.Scope {
	if d.requests.Busy() {
		return keys.Waiting
	}
	return [...]keys.Scope{keys.APIKeys, keys.NewKey, keys.CreatedKey, keys.ForgetPrompt, keys.DeleteKeyPrompt}[d.step]
}

// CapturesKeys reports whether a name is being typed.
func (d *Dialog) CapturesKeys() bool { return d.step == stepName }

// Title returns the title of the dialog.
func (d *Dialog) Title() model.Visible { return model.Show("API keys") }

// HasUnsaved reports whether the text of a new key would be lost.
func (d *Dialog) HasUnsaved() bool { return d.secret.text != "" && !d.saved }
