package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"runtime"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// SignIn signs a person in and asks who they are.
func (c *Client) SignIn(ctx context.Context, credential model.Credential) (*User, error) {
	const op = "sign in"
	login, err := c.login(ctx, op, credential, request{})
	if err != nil {
		return nil, err
	}
	if login.UserID == "" {
		if token, err := model.ParseToken(login.AccessToken); err == nil {
			login.UserID = token.UserID
		}
	}
	if login.UserID == "" || login.RefreshToken == "" {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's answer lacks the user id or the refresh token"}
	}
	c.mu.Lock()
	c.deviceID = login.DeviceID
	c.mu.Unlock()
	p := &User{client: c, tokens: Tokens{
		UserID: login.UserID, DeviceID: login.DeviceID, Provider: credential.Provider, Refresh: Secret(login.RefreshToken),
	}}
	if err := p.adopt(op, Secret(login.AccessToken)); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.renewals, p.previous = 0, nil
	p.mu.Unlock()
	if _, err := p.Profile(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Register makes an e-mail and password registration; signing in is a step of its own.
func (c *Client) Register(ctx context.Context, email, password string) error {
	const op = "register"
	body, err := json.Marshal(api.RegisterRequest{Email: email, Password: password})
	if err != nil {
		return model.AsFault(op, err)
	}
	_, err = c.send(ctx, op, request{method: http.MethodPost, path: api.RegisterPath(c.o.AppID), body: body})
	if err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	switch f.Code {
	case api.CodeAccountNameInUse:
		f.Kind, f.Location, f.Advice = model.InvalidInput, "e-mail", "sign in with it, or take another"
	case api.CodeBadRequest, api.CodeInvalidParameter:
		f.Kind = model.InvalidInput
	case api.CodeAuthProviderNotFound:
		f.Message = "the application does not offer e-mail addresses and passwords"
	}
	return f
}

// Resume makes a person out of kept tokens, without a call. A lost access token is no error: the next call renews it. Neither is a refresh token that the keyring does
// not give out: the access token is good until it expires.
func (c *Client) Resume(t Tokens) (*User, error) {
	p := &User{client: c, tokens: t, checkedAt: t.CheckedAt, staleSince: t.StaleSince}
	if t.UserID == "" {
		return nil, &model.Fault{Kind: model.SignedOut, Op: "resume a session", Message: "what is kept names nobody", Advice: "sign in again"}
	}
	if t.Access != "" {
		token, err := model.ParseToken(string(t.Access))
		if err != nil || !token.MayBelongTo(t.UserID) {
			p.tokens.Access = ""
		}
		p.token = token
	}
	return p, nil
}

// login sends credentials; r carries what linking adds.
func (c *Client) login(ctx context.Context, op string, credential model.Credential, r request) (api.LoginResponse, error) {
	body, err := c.loginBody(credential)
	if err != nil {
		return api.LoginResponse{}, model.AsFault(op, err)
	}
	r.method, r.path, r.body = http.MethodPost, api.LoginPath(c.o.AppID, credential.Provider), body
	if r.link {
		r.query = url.Values{"link": {"true"}}
	}
	answer, err := c.send(ctx, op, r)
	if err != nil {
		return api.LoginResponse{}, badLogin(err, credential.Provider, r.link)
	}
	var login api.LoginResponse
	if err := json.Unmarshal(answer, &login); err != nil || login.AccessToken == "" {
		return api.LoginResponse{}, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's answer holds no access token"}
	}
	return login, nil
}

// loginBody is the provider's fields at top level plus what this machine is.
func (c *Client) loginBody(credential model.Credential) ([]byte, error) {
	device := bson.D{{Key: "sdk", Value: "dossier"}, {Key: "platform", Value: runtime.GOOS}, {Key: "platformVersion", Value: runtime.GOARCH}}
	if c.o.Version != "" {
		device = append(device, bson.E{Key: "sdkVersion", Value: c.o.Version})
	}
	c.mu.Lock()
	id, err := bson.ObjectIDFromHex(c.deviceID)
	c.mu.Unlock()
	if err == nil && !id.IsZero() {
		device = append(device, bson.E{Key: "deviceId", Value: id})
	}
	body := append(bson.D{}, credential.Fields...)
	body = append(body, bson.E{Key: "options", Value: bson.D{{Key: "device", Value: device}}})
	return bson.MarshalExtJSON(body, true, false)
}

// noLink says what a refused link means where the password was right. The service answers the same for an identity that is somebody else's and for one that proves
// nobody yet.
func noLink(f *model.Fault, provider string) *model.Fault {
	f.Kind = model.IdentityTaken
	switch provider {
	case api.EmailPassword:
		f.Message, f.Advice = "this identity belongs to another account already, or its address is not confirmed yet", "sign in with it to see"
	case api.CustomToken:
		f.Message, f.Advice = "this identity belongs to another account already, or the service does not accept the token", "sign in with it to see"
	default:
		f.Message, f.Advice = "this identity belongs to another account already, or the service does not accept this sign-in", "sign in with it to see"
	}
	return f
}

// badLogin says what a refused sign-in means. The service tells the same for a wrong password and an unknown address on purpose.
func badLogin(err error, provider string, link bool) error {
	f := model.AsFault("sign in", err)
	if f.Code == api.CodeAuthProviderNotFound {
		f.Message = "the application does not offer this way to sign in"
		return f
	}
	u, ok := is401(err)
	if !ok || link && u.renewable() && u.code != "" {
		return f
	}
	f.Kind = model.InvalidCredentials
	switch {
	case link && u.code == api.CodeAuthError:
		return noLink(f, provider)
	case u.code == api.CodeUserDisabled:
		f.Kind, f.Message, f.Advice = model.PermissionDenied, "this account is disabled", "somebody who looks after the application can enable it"
	case provider == api.EmailPassword && u.code == api.CodeAuthError:
		f.Message, f.Advice = "the e-mail address or the password is wrong, or the address is not confirmed yet", "check all three"
	case provider == api.EmailPassword:
		f.Message, f.Advice = "the e-mail address or the password is wrong", "check both"
	case provider == api.APIKey:
		f.Message, f.Advice = "the service does not accept this key", "it may be disabled or deleted"
	case provider == api.CustomToken:
		f.Message, f.Advice = "the service does not accept this token", "it may have expired, or be for another application"
	default:
		f.Message, f.Advice = "the service does not accept this sign-in", ""
	}
	return f
}
