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

// Failure is a way for the made-up service to misbehave.
type Failure int

// The failures; they last until another one is set.
const (
	None   Failure = iota
	Dead           // nothing answers
	Slow           // calls wait until Release, or until they are cancelled
	Denied         // writes and functions are not allowed, nor is linking
	Broken         // everything fails on the server's side
)

// Life is how long a made-up access token lives, as in the seeds.
const Life = 30 * time.Minute

// World is a made-up service with its database and the people signed in on this machine. It is safe for concurrent use.
type World struct {
	Events   bool             // the deployment has change events
	Confirms bool             // a new account signs in only once its address is confirmed, which never happens
	Clock    func() time.Time // the time; nil: the world's own, which Driver.Wait moves

	mu       sync.Mutex
	settled  *sync.Cond
	now      time.Time
	failure  Failure
	people   []*Person // known to the service
	signedIn []*Person // on this machine, the current one first
	nobody   bool
	drafts   map[string]*model.Draft
	proofs   map[string]*Person // by proof
	running  int                // commands under way and not parked
	parked   []*place           // calls that wait for Release
	calls    []string
	brought  []tea.Msg // what ended commands answered, not yet delivered
}

// place is where a slow call waits.
type place struct{ free chan struct{} }

var (
	_ port.Accounts = (*World)(nil)
	_ port.Drafts   = (*World)(nil)
)

// NewWorld makes an empty world at a time.
func NewWorld(now time.Time) *World {
	w := &World{now: now, drafts: map[string]*model.Draft{}, Events: true}
	w.settled = sync.NewCond(&w.mu)
	return w
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time()
}

// time is Now for who holds the lock.
func (w *World) time() time.Time {
	if w.Clock != nil {
		return w.Clock()
	}
	return w.now
}

// Fail makes the service misbehave from now on; None mends it.
func (w *World) Fail(f Failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = f
}

// Calls lists what was asked of the service so far, such as "refresh" and "save".
func (w *World) Calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// Pass moves the clock before the screen is opened; once it is, Driver.Wait does.
func (w *World) Pass(span time.Duration) { w.advance(w.Now().Add(span)) }

// advance moves the clock.
func (w *World) advance(to time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = to
}

// enter is the start of every call: it counts it, waits where the world is slow, and fails where it is to fail. Callers hold no lock.
func (w *World) enter(ctx context.Context, op string) *model.Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, op)
	if w.failure == Slow {
		if !w.park(ctx) {
			return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service took too long", Advice: "press r to try again", Err: ctx.Err()}
		}
	}
	switch w.failure {
	case Dead:
		return &model.Fault{Kind: model.Unreachable, Op: op, Message: "the service does not answer", Advice: "press r to try again"}
	case Broken:
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service failed", Code: "InternalServerError"}
	}
	return nil
}

// park waits until Release or the end of ctx; false means the latter. The lock is held before and after.
func (w *World) park(ctx context.Context) bool {
	p := &place{free: make(chan struct{})}
	w.parked = append(w.parked, p)
	w.running--
	w.settled.Broadcast()
	w.mu.Unlock()
	select {
	case <-p.free:
	case <-ctx.Done():
	}
	w.mu.Lock()
	if i := slices.Index(w.parked, p); i >= 0 { // given up, not released
		w.parked = slices.Delete(w.parked, i, i+1)
		w.running++
	}
	return ctx.Err() == nil
}

// release lets the call go on that has waited longest; false when none waits.
func (w *World) release() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.parked) == 0 {
		return false
	}
	p := w.parked[0]
	w.parked = w.parked[1:]
	w.running++
	close(p.free)
	return true
}

// Release ends Slow and resumes every waiting call.
func (w *World) Release() {
	w.Fail(None)
	for w.release() {
	}
}

// answer keeps what a command brought until the driver delivers it.
func (w *World) answer(msg tea.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.brought = append(w.brought, msg)
}

// answers takes what commands brought.
func (w *World) answers() []tea.Msg {
	w.mu.Lock()
	defer w.mu.Unlock()
	msgs := w.brought
	w.brought = nil
	return msgs
}

func (w *World) started() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running++
}

func (w *World) ended() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.settled.Broadcast()
}

// settle waits until no command runs: each has ended or waits in the world.
func (w *World) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.running > 0 {
		w.settled.Wait()
	}
}

// List gives the accounts, the current one first.
func (w *World) List() []model.Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []model.Account
	for i, p := range w.signedIn {
		a := p.account
		a.IsCurrent = i == 0 && !w.nobody
		a.SignedIn = !p.ended
		found = append(found, a)
	}
	return found
}

// Current is the person whose data is shown.
func (w *World) Current() (port.User, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.signedIn) == 0 || w.nobody {
		return nil, false
	}
	return w.signedIn[0], true
}

// Use makes another account the current one.
func (w *World) Use(ctx context.Context, accountID string) (port.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, p := range w.signedIn {
		if p.account.ID == accountID {
			w.first(i)
			return p, nil
		}
	}
	return nil, &model.Fault{Kind: model.Failed, Op: "switch the account", Message: fmt.Sprintf("no account %s is signed in here", accountID)}
}

// first brings a signed-in person to the front.
func (w *World) first(i int) {
	p := w.signedIn[i]
	w.signedIn = slices.Insert(slices.Delete(w.signedIn, i, i+1), 0, p)
	w.nobody = false
}

// SignIn signs a person in by e-mail and password, or anonymously, and makes them the current one.
func (w *World) SignIn(ctx context.Context, c model.Credential) (port.User, error) {
	if err := w.enter(ctx, "sign in"); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	who := w.find(c)
	if who == nil {
		return nil, &model.Fault{Kind: model.InvalidCredentials, Op: "sign in", Message: "the e-mail address or the password is wrong", Code: "InvalidPassword"}
	}
	if i := slices.Index(w.signedIn, who); i >= 0 {
		w.first(i)
	} else {
		w.signedIn = slices.Insert(w.signedIn, 0, who)
		w.nobody = false
	}
	who.ended = false
	who.mint()
	return who, nil
}

// Prove lets a field of a credential, such as the key of "api-key", sign a person in.
func (w *World) Prove(p *Person, provider, key string, value any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proofs == nil {
		w.proofs = map[string]*Person{}
	}
	w.proofs[proof(provider, key, value)] = p
}

func proof(provider, key string, value any) string { return fmt.Sprint(provider, " ", key, " ", value) }

// find is the person whom a credential proves.
func (w *World) find(c model.Credential) *Person {
	field := func(name string) string {
		for _, f := range c.Fields {
			if f.Key == name {
				return fmt.Sprint(f.Value)
			}
		}
		return ""
	}
	for _, f := range c.Fields {
		if p := w.proofs[proof(c.Provider, f.Key, f.Value)]; p != nil {
			return p
		}
	}
	if c.Provider == "anon-user" {
		p := w.invent("", "")
		w.people = append(w.people, p)
		return p
	}
	for _, p := range w.people {
		if p.email != "" && !p.unconfirmed && p.email == field("username") && p.password == field("password") {
			return p
		}
	}
	return nil
}

// Register makes an e-mail and password account.
func (w *World) Register(ctx context.Context, email, password string) error {
	if err := w.enter(ctx, "register"); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.people {
		if p.email == email {
			return &model.Fault{Kind: model.InvalidInput, Op: "create the account", Message: "somebody has this e-mail address already", Location: "email", Code: "AccountNameInUse"}
		}
	}
	p := w.invent(email, password)
	p.unconfirmed = w.Confirms
	w.people = append(w.people, p)
	return nil
}

// SignOut ends the session and forgets it here.
func (w *World) SignOut(ctx context.Context, accountID string) error {
	if err := w.enter(ctx, "sign out"); err != nil && err.Kind != model.Unreachable {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, p := range w.signedIn {
		if p.account.ID == accountID {
			w.signedIn = slices.Delete(w.signedIn, i, i+1)
			w.nobody = i == 0 && w.nobody
			return nil
		}
	}
	return nil
}

// Load returns the draft kept for an account.
func (w *World) Load(accountID string) (*model.Draft, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drafts[accountID], nil
}

// Save stores a draft.
func (w *World) Save(accountID string, d *model.Draft) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drafts[accountID] = d
	return nil
}

// Delete forgets a draft.
func (w *World) Delete(accountID string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.drafts, accountID)
	return nil
}
