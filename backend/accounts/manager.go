package accounts

import (
	"context"
	"sync"

	"dossier/backend/client"
	"dossier/model"
)

// Manager manages the signed-in users of one service: it combines a store of accounts with a client.
type Manager struct {
	store  *Store
	client *client.Client

	mu    sync.Mutex
	users map[string]*client.User // by account id: one User per account in this process
}

// NewManager returns a manager. The client's TokenStore must be the store.
func NewManager(s *Store, c *client.Client) *Manager {
	return &Manager{store: s, client: c, users: map[string]*client.User{}}
}

// List returns the accounts, the current one first.
func (m *Manager) List() []model.Account { return m.store.List() }

// Current returns the current user, whose data is shown; false when no user is signed in. It makes no request.
func (m *Manager) Current() (*client.User, bool) {
	a, ok := m.store.Current()
	if !ok || !a.SignedIn {
		return nil, false
	}
	user, err := m.resume(a.ID)
	return user, err == nil
}

// Use makes an account the current one.
func (m *Manager) Use(_ context.Context, accountID string) (*client.User, error) {
	user, err := m.resume(accountID)
	if err != nil {
		return nil, err
	}
	return user, m.store.Use(accountID)
}

func (m *Manager) resume(accountID string) (*client.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if user, ok := m.users[accountID]; ok && user.Session().SignedIn {
		return user, nil
	}
	tokens, err := m.store.Tokens(accountID)
	if err != nil {
		return nil, err
	}
	user, err := m.client.Resume(tokens)
	if err == nil {
		m.users[accountID] = user
	}
	return user, err
}

// SignIn signs a user in and makes the account the current one.
func (m *Manager) SignIn(ctx context.Context, c model.Credential) (*client.User, error) {
	user, err := m.client.SignIn(ctx, c)
	if err != nil {
		return nil, err
	}
	a := user.Account()
	if err := m.store.Add(a, user.Tokens()); err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.users[a.ID] = user
	m.mu.Unlock()
	return user, nil
}

// Register registers an e-mail address and password. It does not sign in.
func (m *Manager) Register(ctx context.Context, email, password string) error {
	return m.client.Register(ctx, email, password)
}

// SignOut ends the session at the service and always deletes its tokens here. An error may mean only that the session
// at the service has not ended.
func (m *Manager) SignOut(ctx context.Context, accountID string) error {
	user, err := m.resume(accountID)
	if err != nil {
		return err
	}
	signOutErr := user.SignOut(ctx)
	m.mu.Lock()
	delete(m.users, accountID)
	m.mu.Unlock()
	if err := m.store.MarkSignedOut(accountID); err != nil {
		return err
	}
	return signOutErr
}

// Remove deletes a signed-out account and its drafts from this machine. It makes no request.
func (m *Manager) Remove(accountID string) error {
	m.mu.Lock()
	delete(m.users, accountID)
	m.mu.Unlock()
	return m.store.Remove(accountID)
}

// Confirm confirms an e-mail address with the token and the token id of the link in the confirmation e-mail.
func (m *Manager) Confirm(ctx context.Context, token, tokenID string) error {
	return m.client.Confirm(ctx, token, tokenID)
}

// SendConfirmation requests another confirmation e-mail.
func (m *Manager) SendConfirmation(ctx context.Context, email string) error {
	return m.client.SendConfirmation(ctx, email)
}

// Reset sets a new password with the token and the token id of the link in the reset e-mail.
func (m *Manager) Reset(ctx context.Context, token, tokenID, password string) error {
	return m.client.Reset(ctx, token, tokenID, password)
}

// SendReset requests a password reset e-mail.
func (m *Manager) SendReset(ctx context.Context, email string) error {
	return m.client.SendReset(ctx, email)
}
