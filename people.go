package main

import (
	"context"

	"dossier/backend/accounts"
	"dossier/model"
	"dossier/ui/port"
)

// people introduces the accounts to the screen and the commands: what they give out as *client.Person is a port.Person there.
type people struct{ *accounts.People }

// Current is the person whose data is shown.
func (p people) Current() (port.User, bool) {
	person, ok := p.People.Current()
	if !ok {
		return nil, false
	}
	return person, true
}

// Use makes another account the current one.
func (p people) Use(ctx context.Context, accountID string) (port.User, error) {
	person, err := p.People.Use(ctx, accountID)
	if err != nil {
		return nil, model.AsFault("switch account", err)
	}
	return person, nil
}

// SignIn signs a person in.
func (p people) SignIn(ctx context.Context, c model.Credential) (port.User, error) {
	person, err := p.People.SignIn(ctx, c)
	if err != nil {
		return nil, model.AsFault("sign in", err)
	}
	return person, nil
}
