package accounts

import (
	"context"
	"sync"

	"dossier/backend/client"
	"dossier/model"
)

// People is the accounts as persons who can be asked: the book and the client together.
type People struct {
	book   *Book
	client *client.Client

	mu      sync.Mutex
	persons map[string]*client.Person // by account id, so that one process has one Person an account
}

// NewPeople joins a book with a client whose Keeper it is.
func NewPeople(b *Book, c *client.Client) *People {
	return &People{book: b, client: c, persons: map[string]*client.Person{}}
}

// List gives the accounts, the current one first.
func (p *People) List() []model.Account { return p.book.List() }

// Current is the person whose data is shown; false when nobody is signed in. It makes no call to the service.
func (p *People) Current() (*client.Person, bool) {
	a, ok := p.book.Current()
	if !ok || !a.SignedIn {
		return nil, false
	}
	person, err := p.resume(a.ID)
	return person, err == nil
}

// Use makes another account the current one.
func (p *People) Use(_ context.Context, accountID string) (*client.Person, error) {
	person, err := p.resume(accountID)
	if err != nil {
		return nil, err
	}
	return person, p.book.Use(accountID)
}

func (p *People) resume(accountID string) (*client.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if person, ok := p.persons[accountID]; ok && person.Session().SignedIn {
		return person, nil
	}
	tokens, err := p.book.Tokens(accountID)
	if err != nil {
		return nil, err
	}
	person, err := p.client.Resume(tokens)
	if err == nil {
		p.persons[accountID] = person
	}
	return person, err
}

// SignIn signs a person in and makes them the current one.
func (p *People) SignIn(ctx context.Context, c model.Credential) (*client.Person, error) {
	person, err := p.client.SignIn(ctx, c)
	if err != nil {
		return nil, err
	}
	a := person.Account()
	if err := p.book.Put(a, person.Tokens()); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.persons[a.ID] = person
	p.mu.Unlock()
	return person, nil
}

// Register makes an e-mail and password account; signing in is a step of its own.
func (p *People) Register(ctx context.Context, email, password string) error {
	return p.client.Register(ctx, email, password)
}

// SignOut ends the session at the service and forgets it here, in any case; an error may only say that the service was not told.
func (p *People) SignOut(ctx context.Context, accountID string) error {
	person, err := p.resume(accountID)
	if err != nil {
		return err
	}
	told := person.SignOut(ctx)
	p.mu.Lock()
	delete(p.persons, accountID)
	p.mu.Unlock()
	if err := p.book.SignedOut(accountID); err != nil {
		return err
	}
	return told
}

// Confirm confirms an e-mail address by the two parts of the link in its mail.
func (p *People) Confirm(ctx context.Context, token, tokenID string) error {
	return p.client.Confirm(ctx, token, tokenID)
}

// SendConfirmation asks for the mail with that link once more.
func (p *People) SendConfirmation(ctx context.Context, email string) error {
	return p.client.SendConfirmation(ctx, email)
}

// Reset replaces a password by the two parts of the link in a mail.
func (p *People) Reset(ctx context.Context, token, tokenID, password string) error {
	return p.client.Reset(ctx, token, tokenID, password)
}

// SendReset asks for the mail with that link.
func (p *People) SendReset(ctx context.Context, email string) error {
	return p.client.SendReset(ctx, email)
}
