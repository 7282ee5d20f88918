package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// APIKeys returns the user's API keys, as the service orders them (seed: `user.apiKeys.fetchAll()`).
func (u *User) APIKeys(ctx context.Context) ([]model.APIKey, error) {
	const op = "list the API keys"
	response, err := u.sendForKeys(ctx, op, request{method: http.MethodGet, path: api.APIKeysPath})
	if err != nil {
		return nil, err
	}
	var sent []api.KeyResponse
	if err := json.Unmarshal(response, &sent); err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: "the service's response is not a list of API keys",
			Err: err}
	}
	keys := make([]model.APIKey, len(sent))
	for i, k := range sent {
		keys[i] = apiKeyOf(k)
	}
	return keys, nil
}

// CreateAPIKey creates an API key and returns it with its text, which cannot be read again (seed:
// `user.apiKeys.create(name)`).
func (u *User) CreateAPIKey(ctx context.Context, name string) (model.APIKey, string, error) {
	const op = "create an API key"
	body, err := json.Marshal(map[string]string{"name": name})
	if err != nil {
		return model.APIKey{}, "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: err.Error(), Err: err}
	}
	response, err := u.sendForKeys(ctx, op, request{method: http.MethodPost, path: api.APIKeysPath, body: body})
	if mayStillRun(err) {
		f := *model.AsFault(op, err)
		f.Message += "; it is unknown whether the key was created"
		f.Advice = "list the keys again, and delete one whose text nothing has"
		err = &f
	}
	if err != nil {
		return model.APIKey{}, "", err
	}
	var sent api.KeyResponse
	if err := json.Unmarshal(response, &sent); err != nil || sent.Key == "" || sent.ID == "" {
		return model.APIKey{}, "", &model.Fault{Kind: model.Failed, Op: op, // without the cause, which may quote the key
			Message: "the service's response is not an API key"}
	}
	return apiKeyOf(sent), sent.Key, nil
}

// SetAPIKeyDisabled disables or enables an API key. Disabling ends its sessions.
func (u *User) SetAPIKeyDisabled(ctx context.Context, id string, disabled bool) error {
	op, step := "enable the API key", "/enable"
	if disabled {
		op, step = "disable the API key", "/disable"
	}
	_, err := u.sendForKeys(ctx, op, request{method: http.MethodPut, path: apiKeyPath(id) + step})
	return err
}

// DeleteAPIKey deletes an API key and ends its sessions.
func (u *User) DeleteAPIKey(ctx context.Context, id string) error {
	_, err := u.sendForKeys(ctx, "delete the API key", request{method: http.MethodDelete, path: apiKeyPath(id)})
	return err
}

func apiKeyPath(id string) string { return api.APIKeysPath + "/" + url.PathEscape(id) }

func apiKeyOf(sent api.KeyResponse) model.APIKey {
	k := model.APIKey{ID: sent.ID, Name: sent.Name, Disabled: sent.Disabled}
	if id, err := bson.ObjectIDFromHex(sent.ID); err == nil {
		k.CreatedAt = id.Timestamp()
	}
	return k
}

// sendForKeys makes a request of the endpoints of API keys, which take the refresh token.
func (u *User) sendForKeys(ctx context.Context, op string, r request) ([]byte, error) {
	if u.Tokens().SignedOut {
		return nil, signedOutFault(op)
	}
	if r.bearer = u.refreshToken(""); r.bearer == "" {
		return nil, &model.Fault{Kind: model.SignedOut, Op: op, Message: "the refresh token is not available",
			Advice: "unlock the keyring, or sign in again"}
	}
	response, err := u.client.send(ctx, op, r)
	if err == nil {
		return response, nil
	}
	f := *model.AsFault(op, err)
	cause, unauthorized := asUnauthorized(err)
	switch {
	case f.Code == api.CodeAuthProviderNotFound:
		f.Message, f.Advice = "API keys are not enabled in this application",
			"enable the provider api-key in auth/providers.json"
	case f.Code == api.CodeAPIKeyNotFound:
		f.Message, f.Advice = "the key does not exist any more", ""
	case unauthorized && (cause.code != "" || cause.message != ""):
		u.endSession()
		return nil, signedOutFault(op)
	case f.Kind == model.PermissionDenied:
		f.Advice = ""
	case f.Kind == model.Failed && f.Code == "" && f.Advice != "": // no response of the client API
		f.Message, f.Advice = "this service does not offer API keys: "+f.Message, ""
	}
	return nil, &f
}
