package client

import (
	"context"
	"encoding/json"
	"net/http"

	"dossier/backend/api"
	"dossier/model"
)

// Profile asks the service who the person is.
func (p *User) Profile(ctx context.Context) (model.User, error) {
	const op = "read the profile"
	answer, _, err := p.do(ctx, op, request{method: http.MethodGet, path: api.ProfilePath})
	if err != nil {
		return model.User{}, err
	}
	var sent api.ProfileResponse
	if err := json.Unmarshal(answer, &sent); err != nil {
		return model.User{}, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's answer is no profile", Err: err}
	}
	user, err := userOf(sent)
	if err != nil {
		return model.User{}, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	if user.ID == "" {
		user.ID = p.ID()
	}
	p.mu.Lock()
	p.tokens.Profile = user
	kept := p.kept()
	p.mu.Unlock()
	p.keep(kept)
	return user, nil
}

func userOf(sent api.ProfileResponse) (model.User, error) {
	u := model.User{ID: sent.UserID, Type: sent.Type, Identities: []model.Identity{}}
	var err error
	if len(sent.Data) > 0 && string(sent.Data) != "null" {
		if u.Data, err = model.ReadDocument(string(sent.Data)); err != nil {
			return u, err
		}
	}
	for _, i := range sent.Identities {
		identity := model.Identity{ID: i.ID, ProviderType: i.ProviderType}
		if len(i.ProviderData) > 0 && string(i.ProviderData) != "null" {
			if identity.Data, err = model.ReadDocument(string(i.ProviderData)); err != nil {
				return u, err
			}
		}
		u.Identities = append(u.Identities, identity)
	}
	if d := sent.Dossier; d != nil {
		c := d.CustomUserData
		u.App = model.AppInfo{
			CustomData: model.CustomDataConfig{
				Enabled: c.Enabled, Service: c.MongoServiceName, Database: c.DatabaseName, Collection: c.CollectionName, UserIDField: c.UserIDField,
			},
			Functions: d.Functions,
		}
	}
	return u, nil
}

// config says where the custom data lives: what flags say, else what the service says.
func (p *User) config() model.CustomDataConfig {
	c := p.client.o.CustomData
	if !c.Complete() {
		p.mu.Lock()
		c = p.tokens.Profile.App.CustomData
		p.mu.Unlock()
	}
	if c.Service == "" {
		c.Service = "mongodb-atlas" // what the pages' code says: mongoClient("mongodb-atlas")
	}
	return c
}

// collection is where the custom data lives.
func (p *User) collection(op string) (Collection, string, error) {
	c := p.config()
	if !c.Complete() {
		return Collection{}, "", &model.Fault{
			Kind: model.Failed, Op: op, Message: "the service does not say where the custom data lives",
			Advice: "name it with --database, --collection and --user-id-field, or enable custom user data in the application",
		}
	}
	return p.MongoClient(c.Service).Database(c.Database).Collection(c.Collection), c.UserIDField, nil
}

// Link adds another identity to the person; an e-mail and password identity has to be registered before.
func (p *User) Link(ctx context.Context, credential model.Credential) error {
	const op = "link an identity"
	p.mu.Lock()
	access, out := p.tokens.Access, p.tokens.SignedOut
	p.mu.Unlock()
	if out {
		return signedOut(op)
	}
	login, err := p.client.login(ctx, op, credential, request{bearer: access, link: true})
	if u, ok := is401(err); ok && u.renewable() {
		if err := p.renewed(ctx, op, access); err != nil {
			return err
		}
		login, err = p.client.login(ctx, op, credential, request{bearer: p.Tokens().Access, link: true})
	}
	if err != nil {
		return p.refusedLink(credential.Provider, err)
	}
	if login.UserID != "" && login.UserID != p.ID() {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service answered for another person"}
	}
	p.mu.Lock()
	if p.tokens.Provider == api.Anonymous { // nobody can sign in that way again
		p.tokens.Provider = credential.Provider
	}
	p.mu.Unlock()
	if err := p.adopt(op, Secret(login.AccessToken)); err != nil {
		return err
	}
	_, err = p.Profile(ctx)
	return err
}

// refusedLink says more of a link that was refused than the service does: the person may have an e-mail address and a password already, and gets no second one.
func (p *User) refusedLink(provider string, err error) error {
	f := model.AsFault("link an identity", err)
	if f.Kind != model.IdentityTaken || provider != api.EmailPassword {
		return f
	}
	for _, has := range p.CachedProfile().Identities {
		if has.ProviderType == api.EmailPassword {
			f.Message, f.Advice = "this account has an e-mail address and a password already, and this identity is not one of its own", ""
		}
	}
	return f
}

// SignOut ends the session at the service and forgets the tokens here, in any case; the error only says that the service was not told.
func (p *User) SignOut(ctx context.Context) error {
	const op = "sign out"
	p.mu.Lock()
	refresh, out := p.tokens.Refresh, p.tokens.SignedOut
	p.mu.Unlock()
	if out {
		return nil
	}
	_, err := p.client.send(ctx, op, request{method: http.MethodDelete, path: api.SessionPath, bearer: refresh})
	p.end()
	if _, gone := is401(err); gone || err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	f.Message, f.Advice = "signed out here, but the service was not told: "+f.Message, ""
	return f
}
