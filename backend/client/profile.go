package client

import (
	"context"
	"encoding/json"
	"net/http"

	"dossier/backend/api"
	"dossier/model"
)

// Profile requests the user's profile and stores it.
func (u *User) Profile(ctx context.Context) (model.User, error) {
	const op = "read the profile"
	response, _, err := u.send(ctx, op, request{method: http.MethodGet, path: api.ProfilePath})
	if err != nil {
		return model.User{}, err
	}
	var sent api.ProfileResponse
	if err := json.Unmarshal(response, &sent); err != nil {
		return model.User{}, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's response is not a profile",
			Err: err}
	}
	user, err := userOf(sent)
	if err != nil {
		return model.User{}, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	if user.ID == "" {
		user.ID = u.ID()
	}
	u.mu.Lock()
	u.tokens.Profile = user
	tokens := u.tokens
	u.mu.Unlock()
	u.storeTokens(tokens)
	return u.withFlags(user), nil
}

// Hints requests the hints of the custom data. Services other than dossier's have none.
func (u *User) Hints(ctx context.Context) (model.Hints, error) {
	const op = "read the hints"
	response, _, err := u.send(ctx, op, request{method: http.MethodGet, path: api.HintsPath})
	if err != nil {
		return nil, err
	}
	var sent []api.Hint
	if err := json.Unmarshal(response, &sent); err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's response is not a list of hints",
			Err: err}
	}
	hints, err := api.DecodeHints(sent)
	if err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	return hints, nil
}

func userOf(sent api.ProfileResponse) (model.User, error) {
	user := model.User{ID: sent.UserID, Type: sent.Type, Identities: []model.Identity{}}
	var err error
	if len(sent.Data) > 0 && string(sent.Data) != "null" {
		if user.Data, err = model.ReadDocument(string(sent.Data)); err != nil {
			return user, err
		}
	}
	for _, i := range sent.Identities {
		identity := model.Identity{ID: i.ID, ProviderType: i.ProviderType}
		if len(i.ProviderData) > 0 && string(i.ProviderData) != "null" {
			if identity.Data, err = model.ReadDocument(string(i.ProviderData)); err != nil {
				return user, err
			}
		}
		user.Identities = append(user.Identities, identity)
	}
	if d := sent.Dossier; d != nil {
		c := d.CustomUserData
		user.App = model.AppInfo{
			CustomData: model.CustomDataConfig{
				Enabled: c.Enabled, Service: c.MongoServiceName, Database: c.DatabaseName, Collection: c.CollectionName,
				UserIDField: c.UserIDField,
			},
			Functions: d.Functions,
		}
	}
	return user, nil
}

// withFlags returns a profile whose custom data configuration has the values of the flags, which override the
// service's.
func (u *User) withFlags(profile model.User) model.User {
	c := &profile.App.CustomData
	*c = c.Override(u.client.options.CustomData)
	return profile
}

// config returns where the custom data is stored: from flags, else from the service.
func (u *User) config() model.CustomDataConfig {
	c := u.CachedProfile().App.CustomData
	if c.Service == "" {
		c.Service = "mongodb-atlas" // the name in the documentation's examples: mongoClient("mongodb-atlas")
	}
	return c
}

// collection returns the collection of the custom data and the user id field.
func (u *User) collection(op string) (Collection, string, error) {
	c := u.config()
	if !c.Complete() {
		f := c.MissingError(op)
		f.Advice += ", or enable custom user data in the application"
		return Collection{}, "", f
	}
	return u.MongoClient(c.Service).Database(c.Database).Collection(c.Collection), c.UserIDField, nil
}

// Link adds an identity to the user. An e-mail and password identity must be registered before.
func (u *User) Link(ctx context.Context, credential model.Credential) error {
	const op = "link an identity"
	u.mu.Lock()
	access, out := u.tokens.Access, u.tokens.SignedOut
	u.mu.Unlock()
	if out {
		return signedOutFault(op)
	}
	login, err := u.client.login(ctx, op, credential, request{bearer: access, link: true})
	if cause, ok := asUnauthorized(err); ok && cause.refreshable() {
		if err := u.ensureRefreshed(ctx, op, access); err != nil {
			return err
		}
		login, err = u.client.login(ctx, op, credential, request{bearer: u.Tokens().Access, link: true})
	}
	if err != nil {
		return u.explainRefusedLink(credential.Provider, err)
	}
	if login.UserID != "" && login.UserID != u.ID() {
		return &model.Fault{Kind: model.Failed, Op: op, Message: "the service's response is for another user"}
	}
	u.mu.Lock()
	if u.tokens.Provider == api.Anonymous { // an anonymous user cannot sign in again
		u.tokens.Provider = credential.Provider
	}
	u.mu.Unlock()
	if err := u.adoptToken(op, Secret(login.AccessToken)); err != nil {
		return err
	}
	_, err = u.Profile(ctx)
	return err
}

// explainRefusedLink adds what the service does not report: the link may be refused because the user already has an
// e-mail and password identity and cannot have a second one.
func (u *User) explainRefusedLink(provider string, err error) error {
	f := model.AsFault("link an identity", err)
	if f.Kind != model.IdentityTaken || provider != api.EmailPassword {
		return f
	}
	for _, has := range u.CachedProfile().Identities {
		if has.ProviderType == api.EmailPassword {
			f.Message, f.Advice = "this account already has an e-mail address and password; it cannot get another", ""
		}
	}
	return f
}

// SignOut ends the session at the service and always deletes the tokens here. An error means that the session at the
// service may not have ended.
func (u *User) SignOut(ctx context.Context) error {
	const op = "sign out"
	t := u.Tokens()
	if t.SignedOut {
		return nil
	}
	_, err := u.client.send(ctx, op,
		request{method: http.MethodDelete, path: api.SessionPath, bearer: u.refreshToken(t.SessionID)})
	u.endSession()
	if _, gone := asUnauthorized(err); gone || err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	f.Message, f.Advice = "signed out here, but the service could not be notified: "+f.Message, ""
	return f
}
