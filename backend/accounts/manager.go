package accounts

import (
	"context"
	"sync"

	"dossier/backend/client"
	"dossier/model"
)

// Manager is the accounts as persons who can be asked: the book and the client together.
type Manager struct {
	store  *Store
	client *client.Client

	mu    sync.Mutex
	users map[string]*client.User // by account id, so that one process has one Person an account
}

// NewManager joins a book with a client whose Keeper it is.
func NewManager(b *Store, c *client.Client) *Manager {
	return &Manager{store: b, client: c, users: map[string]*client.User{}}
}

// List gives the accounts, the current one first.
func (p *Manager) List() []model.Account { return p.store.List() }

// Current is the person whose data is shown; false when nobody is signed in. It makes no call to the service.
func (p *Manager) Current() (*client.User, bool) {
	a, ok := p.store.Current()
	if !ok || !a.SignedIn {
		return nil, false
	}
	person, err := p.resume(a.ID)
	return person, err == nil
}

// Use makes another account the current one.
func (p *Manager) Use(_ context.Context, accountID string) (*client.User, error) {
	person, err := p.resume(accountID)
	if err != nil {
		return nil, err
	}
	return person, p.store.Use(accountID)
}

func (p *Manager) resume(accountID string) (*client.User, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if person, ok := p.users[accountID]; ok && person.Session().SignedIn {
		return person, nil
	}
	tokens, err := p.store.Tokens(accountID)
	if err != nil {
		return nil, err
	}
	person, err := p.client.Resume(tokens)
	if err == nil {
		p.users[accountID] = person
	}
	return person, err
}

// SignIn signs a person in and makes them the current one.
func (p *Manager) SignIn(ctx context.Context, c model.Credential) (*client.User, error) {
	person, err := p.client.SignIn(ctx, c)
	if err != nil {
		return nil, err
	}
	a := person.Account()
	if err := p.store.Add(a, person.Tokens()); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.users[a.ID] = person
	p.mu.Unlock()
	return person, nil
}

// Register makes an e-mail and password account; signing in is a step of its own.
func (p *Manager) Register(ctx context.Context, email, password string) error {
	return p.client.Register(ctx, email, password)
}

// SignOut ends the session at the service and forgets it here, in any case; an error may only say that the service was not told.
func (p *Manager) SignOut(ctx context.Context, accountID string) error {
	person, err := p.resume(accountID)
	if err != nil {
		return err
	}
	told := person.SignOut(ctx)
	p.mu.Lock()
	delete(p.users, accountID)
	p.mu.Unlock()
	if err := p.store.MarkSignedOut(accountID); err != nil {
		return err
	}
	return told
}

// Confirm confirms an e-mail address by the two parts of the link in its mail.
func (p *Manager) Confirm(ctx context.Context, token, tokenID string) error {
	return p.client.Confirm(ctx, token, tokenID)
}

// SendConfirmation asks for the mail with that link once more.
func (p *Manager) SendConfirmation(ctx context.Context, email string) error {
	return p.client.SendConfirmation(ctx, email)
}

// Reset replaces a password by the two parts of the link in a mail.
func (p *Manager) Reset(ctx context.Context, token, tokenID, password string) error {
	return p.client.Reset(ctx, token, tokenID, password)
}

// SendReset asks for the mail with that link.
func (p *Manager) SendReset(ctx context.Context, email string) error {
	return p.client.SendReset(ctx, email)
}
