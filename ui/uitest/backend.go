package uitest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/port"
)

// Failure is how the fake service fails.
type Failure int

// The failures. Each lasts until another one is set.
const (
	NoFailure   Failure = iota
	Unreachable         // no call is answered
	Slow                // calls block until Release or the end of their context
	Denied              // writes, function calls and links are refused
	ServerError         // every call fails with a server error
)

// TokenLifetime is the lifetime of an access token, as in the seeds.
const TokenLifetime = 30 * time.Minute

// Backend is a fake service with its database, and the accounts on this machine. Safe for concurrent use. Create it
// with NewBackend; set the exported fields before the screen is opened.
type Backend struct {
	ChangeStreams        bool             // the deployment has change streams
	RequiresConfirmation bool             // a registered user cannot sign in: the address is never confirmed
	OpenError            error            // of Open
	DraftError           error            // of storing a draft
	TokenLife            time.Duration    // of access tokens; 0: TokenLifetime
	Clock                func() time.Time // the current time; nil: a clock that Driver.Wait advances

	mu          sync.Mutex
	settled     *sync.Cond
	now         time.Time
	failure     Failure
	users       []*User // of the service
	signedIn    []*User // the accounts on this machine, the current one first
	noneCurrent bool
	drafts      map[string]*model.Draft
	arguments   map[string]map[string]string // of calls, by account and function
	credentials map[string]*User             // by credentialKey
	running     int                          // commands under way that do not block
	waiting     []*waitingCall               // calls that block until Release
	calls       []string
	messages    []tea.Msg // the results of commands, not yet delivered
}

// waitingCall is a call that blocks until resume is closed.
type waitingCall struct{ resume chan struct{} }

var (
	_ port.Accounts = (*Backend)(nil)
	_ port.Drafts   = (*Backend)(nil)
)

// NewBackend returns a backend without users, with change streams, at a time.
func NewBackend(now time.Time) *Backend {
	b := &Backend{now: now, drafts: map[string]*model.Draft{}, ChangeStreams: true}
	b.settled = sync.NewCond(&b.mu)
	return b
}

// Now returns the current time.
func (b *Backend) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.nowLocked()
}

// nowLocked is Now for callers that hold the lock.
func (b *Backend) nowLocked() time.Time {
	if b.Clock != nil {
		return b.Clock()
	}
	return b.now
}

// SetFailure makes the calls from now on fail; NoFailure ends that.
func (b *Backend) SetFailure(f Failure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failure = f
}

// Calls lists the operations of the calls so far, such as "refresh" and "save".
func (b *Backend) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Advance advances the clock before the screen is opened. Afterwards, Driver.Wait does.
func (b *Backend) Advance(span time.Duration) { b.setNow(b.Now().Add(span)) }

func (b *Backend) setNow(to time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = to
}

// enter starts a call: it records the call, blocks if the backend is slow, and fails as SetFailure says. Callers do not
// hold the lock.
func (b *Backend) enter(ctx context.Context, op string) *model.Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, op)
	if b.failure == Slow {
		if !b.waitForRelease(ctx) {
			return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service took too long",
				Advice: "press r to try again", Err: ctx.Err()}
		}
	}
	switch b.failure {
	case Unreachable:
		return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service does not answer",
			Advice: "press r to try again"}
	case ServerError:
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service failed", Code: "InternalServerError"}
	}
	return nil
}

// Open opens the service: like every call it blocks while the service is slow. It fails with OpenError.
func (b *Backend) Open(ctx context.Context) error {
	if f := b.enter(ctx, "open"); f != nil {
		return f
	}
	return b.OpenError
}

// waitForRelease blocks until Release or the end of ctx; false means the latter. Callers hold the lock.
func (b *Backend) waitForRelease(ctx context.Context) bool {
	call := &waitingCall{resume: make(chan struct{})}
	b.waiting = append(b.waiting, call)
	b.running--
	b.settled.Broadcast()
	b.mu.Unlock()
	select {
	case <-call.resume:
	case <-ctx.Done():
	}
	b.mu.Lock()
	if i := slices.Index(b.waiting, call); i >= 0 { // ctx ended
		b.waiting = slices.Delete(b.waiting, i, i+1)
		b.running++
	}
	return ctx.Err() == nil
}

// release resumes the call that has waited longest; false: none waits.
func (b *Backend) release() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		return false
	}
	call := b.waiting[0]
	b.waiting = b.waiting[1:]
	b.running++
	close(call.resume)
	return true
}

// Release ends Slow and resumes every waiting call.
func (b *Backend) Release() {
	b.SetFailure(NoFailure)
	for b.release() {
	}
}

// deliver stores the result of a command for the driver.
func (b *Backend) deliver(msg tea.Msg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, msg)
}

// takeMessages removes and returns the results of commands.
func (b *Backend) takeMessages() []tea.Msg {
	b.mu.Lock()
	defer b.mu.Unlock()
	msgs := b.messages
	b.messages = nil
	return msgs
}

func (b *Backend) commandStarted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running++
}

func (b *Backend) commandEnded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	b.settled.Broadcast()
}

// settle waits until every command has ended or blocks.
func (b *Backend) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.running > 0 {
		b.settled.Wait()
	}
}

// List returns the accounts, the current one first.
func (b *Backend) List() []model.Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []model.Account
	for i, u := range b.signedIn {
		a := u.account
		a.IsCurrent = i == 0 && !b.noneCurrent
		a.SignedIn = !u.sessionEnded
		list = append(list, a)
	}
	return list
}

// Current returns the user of the current account.
func (b *Backend) Current() (port.User, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.signedIn) == 0 || b.noneCurrent {
		return nil, false
	}
	return b.signedIn[0], true
}

// Use makes another account the current one.
func (b *Backend) Use(ctx context.Context, accountID string) (port.User, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, u := range b.signedIn {
		if u.account.ID == accountID {
			b.makeCurrent(i)
			return u, nil
		}
	}
	return nil, &model.Fault{Kind: model.Failed, Op: "switch the account",
		Message: fmt.Sprintf("no account %s is signed in here", accountID)}
}

// makeCurrent moves an account to the front.
func (b *Backend) makeCurrent(i int) {
	u := b.signedIn[i]
	b.signedIn = slices.Insert(slices.Delete(b.signedIn, i, i+1), 0, u)
	b.noneCurrent = false
}

// SignIn signs a user in by e-mail and password, a credential of AddCredential, or as a new anonymous user.
func (b *Backend) SignIn(ctx context.Context, c model.Credential) (port.User, error) {
	if err := b.enter(ctx, "sign in"); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.find(c)
	if u == nil {
		return nil, &model.Fault{Kind: model.InvalidCredentials, Op: "sign in",
			Message: "the e-mail address or the password is wrong", Code: "InvalidPassword"}
	}
	if i := slices.Index(b.signedIn, u); i >= 0 {
		b.makeCurrent(i)
	} else {
		b.signedIn = slices.Insert(b.signedIn, 0, u)
		b.noneCurrent = false
	}
	u.sessionEnded = false
	u.issueToken()
	return u, nil
}

// AddCredential accepts a field of a credential, such as the key of "api-key", as a sign-in of a user.
func (b *Backend) AddCredential(u *User, provider, key string, value any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.credentials == nil {
		b.credentials = map[string]*User{}
	}
	b.credentials[credentialKey(provider, key, value)] = u
}

func credentialKey(provider, key string, value any) string {
	return fmt.Sprint(provider, " ", key, " ", value)
}

// find returns the user of a credential, nil if it is wrong.
func (b *Backend) find(c model.Credential) *User {
	field := func(name string) string {
		for _, f := range c.Fields {
			if f.Key == name {
				return fmt.Sprint(f.Value)
			}
		}
		return ""
	}
	for _, f := range c.Fields {
		if u := b.credentials[credentialKey(c.Provider, f.Key, f.Value)]; u != nil {
			return u
		}
	}
	if c.Provider == "anon-user" {
		u := b.newUser("", "")
		b.users = append(b.users, u)
		return u
	}
	for _, u := range b.users {
		if u.email != "" && !u.unconfirmed && u.email == field("username") && u.password == field("password") {
			return u
		}
	}
	return nil
}

// Register creates a user with e-mail and password.
func (b *Backend) Register(ctx context.Context, email, password string) error {
	if err := b.enter(ctx, "register"); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.users {
		if u.email == email {
			return &model.Fault{Kind: model.InvalidInput, Op: "create the account",
				Message: "this e-mail address is already registered", Location: "email", Code: "AccountNameInUse"}
		}
	}
	u := b.newUser(email, password)
	u.unconfirmed = b.RequiresConfirmation
	b.users = append(b.users, u)
	return nil
}

// SignOut removes the account from this machine.
func (b *Backend) SignOut(ctx context.Context, accountID string) error {
	if err := b.enter(ctx, "sign out"); err != nil && err.Kind != model.Unreachable {
		return err
	}
	return b.Remove(accountID)
}

// Remove removes the account from this machine.
func (b *Backend) Remove(accountID string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, u := range b.signedIn {
		if u.account.ID == accountID {
			b.signedIn = slices.Delete(b.signedIn, i, i+1)
			b.noneCurrent = i == 0 && b.noneCurrent
			return nil
		}
	}
	return nil
}

// TakeOver returns the draft of an account, nil if there is none.
func (b *Backend) TakeOver(accountID string) (*model.Draft, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.drafts[accountID], nil
}

// Save stores a draft.
func (b *Backend) Save(accountID string, d *model.Draft) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.DraftError != nil {
		return b.DraftError
	}
	b.drafts[accountID] = d
	return nil
}

// Delete deletes a draft.
func (b *Backend) Delete(accountID string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.drafts, accountID)
	return nil
}
