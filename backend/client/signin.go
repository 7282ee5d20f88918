package client

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"runtime"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// SignIn signs a user in and requests the profile.
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
		return nil, &model.Fault{Kind: model.Failed, Op: op,
			Message: "the service's response has no user id or no refresh token"}
	}
	c.mu.Lock()
	c.deviceID = login.DeviceID
	c.mu.Unlock()
	u := &User{client: c, tokens: Tokens{
		UserID: login.UserID, DeviceID: login.DeviceID, Provider: credential.Provider, Refresh: Secret(login.RefreshToken),
	}}
	if err := u.adoptToken(op, Secret(login.AccessToken)); err != nil {
		return nil, err
	}
	u.mu.Lock()
	u.refreshes, u.previous = 0, nil
	u.mu.Unlock()
	if _, err := u.Profile(ctx); err != nil {
		return nil, err
	}
	return u, nil
}

// Register registers an e-mail address and password. It does not sign in.
func (c *Client) Register(ctx context.Context, email, password string) error {
	const op = "register"
	body, err := json.Marshal(api.RegisterRequest{Email: email, Password: password})
	if err != nil {
		return model.AsFault(op, err)
	}
	_, err = c.send(ctx, op, request{method: http.MethodPost, path: api.RegisterPath(c.options.AppID), body: body})
	if err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	switch f.Code {
	case api.CodeAccountNameInUse:
		f.Kind, f.Location, f.Message = model.InvalidInput, "e-mail", "this address is already registered"
		f.Advice = "sign in with it, or use another address"
	case api.CodeBadRequest, api.CodeInvalidParameter:
		f.Kind = model.InvalidInput
	case api.CodeAuthProviderNotFound:
		f.Message = "the application does not offer e-mail addresses and passwords"
	}
	return f
}

// Resume restores a user from stored tokens without a request. The access token may be missing: the next call refreshes
// it. The refresh token may be missing: it is read from the TokenStore when it is needed.
func (c *Client) Resume(t Tokens) (*User, error) {
	u := &User{client: c, tokens: t}
	if t.UserID == "" {
		return nil, &model.Fault{Kind: model.SignedOut, Op: "resume a session", Message: "the stored session has no user id",
			Advice: "sign in again"}
	}
	if t.Access != "" {
		token, err := model.ParseToken(string(t.Access))
		if err != nil || !token.MayBelongTo(t.UserID) { // its data is not this user's
			u.tokens.Access = ""
			return u, nil
		}
		u.token = token
		u.tokens.Documents = cmp.Or(u.tokens.Documents, token.Documents)
	}
	return u, nil
}

// login sends a login request; r holds the access token and the link option when linking.
func (c *Client) login(
	ctx context.Context, op string, credential model.Credential, r request,
) (api.LoginResponse, error) {
	body, err := c.loginBody(credential)
	if err != nil {
		return api.LoginResponse{}, model.AsFault(op, err)
	}
	r.method, r.path, r.body = http.MethodPost, api.LoginPath(c.options.AppID, credential.Provider), body
	if r.link {
		r.query = url.Values{"link": {"true"}}
	}
	response, err := c.send(ctx, op, r)
	if err != nil {
		return api.LoginResponse{}, explainSignIn(err, credential.Provider, r.link)
	}
	var login api.LoginResponse
	if err := json.Unmarshal(response, &login); err != nil || login.AccessToken == "" {
		return api.LoginResponse{}, &model.Fault{Kind: model.Failed, Op: op,
			Message: "the service's response has no access token"}
	}
	return login, nil
}

// loginBody returns the body of a login request: the provider's fields and information about the device.
func (c *Client) loginBody(credential model.Credential) ([]byte, error) {
	device := bson.D{{Key: "sdk", Value: "dossier"}, {Key: "platform", Value: runtime.GOOS}, {Key: "platformVersion",
		Value: runtime.GOARCH}}
	if c.options.Version != "" {
		device = append(device, bson.E{Key: "sdkVersion", Value: c.options.Version})
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

// explainLink explains a refused link. The service responds the same for an identity of another user and for
// credentials that do not identify any user yet.
func explainLink(f *model.Fault, provider string) *model.Fault {
	f.Kind = model.IdentityTaken
	switch provider {
	case api.EmailPassword:
		f.Message, f.Advice = "this identity belongs to another account already, or its address is not confirmed yet",
			"sign in with it to see"
	case api.CustomToken:
		f.Message, f.Advice = "this identity belongs to another account already, or the service does not accept the token",
			"sign in with it to see"
	default:
		f.Message, f.Advice = "this identity belongs to another account already, or the service does not accept this sign-in",
			"sign in with it to see"
	}
	return f
}

// explainSignIn explains a refused sign-in. The service deliberately responds the same for a wrong password and an
// unknown address.
func explainSignIn(err error, provider string, link bool) error {
	f := model.AsFault("sign in", err)
	if f.Code == api.CodeAuthProviderNotFound {
		f.Message = "the application does not offer this way to sign in"
		return f
	}
	cause, ok := asUnauthorized(err)
	if !ok || link && cause.refreshable() && cause.code != "" {
		return f
	}
	f.Kind = model.InvalidCredentials
	switch {
	case link && cause.code == api.CodeAuthError:
		return explainLink(f, provider)
	case cause.code == api.CodeUserDisabled:
		f.Kind, f.Message, f.Advice = model.PermissionDenied, "this account is disabled",
			"an administrator of the application can enable it"
	case provider == api.EmailPassword && cause.code == api.CodeAuthError:
		f.Message, f.Advice = "the e-mail address or the password is wrong, or the address is not confirmed yet",
			"check all three"
	case provider == api.EmailPassword:
		f.Message, f.Advice = "the e-mail address or the password is wrong", "check both"
	case provider == api.APIKey:
		f.Message, f.Advice = "the service does not accept this API key", "it may be disabled or deleted"
	case provider == api.CustomToken:
		f.Message, f.Advice = "the service does not accept this token", "it may have expired or belong to another application"
	default:
		f.Message, f.Advice = "the service does not accept this sign-in", ""
	}
	return f
}
