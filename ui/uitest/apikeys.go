package uitest

import (
	"context"
	"fmt"
	"slices"

	"dossier/model"
)

// APIKeys lists the API keys.
func (u *User) APIKeys(ctx context.Context) ([]model.APIKey, error) {
	if err := u.authorize(ctx, "list the API keys"); err != nil {
		return nil, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if u.backend.failure == Denied {
		return nil, &model.Fault{Kind: model.Failed, Op: "list the API keys",
			Message: "API keys are not enabled in this application", Code: "AuthProviderNotFound"}
	}
	if u.keysUnreadable {
		return nil, &model.Fault{Kind: model.Failed, Op: "list the API keys", Message: "the service is restarting"}
	}
	return slices.Clone(u.apiKeys), nil
}

// SetAPIKeysUnreadable lets the list of API keys fail, and nothing else.
func (u *User) SetAPIKeysUnreadable(on bool) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.keysUnreadable = on
}

// CreateAPIKey creates an API key, whose text is "secret-of-" and its name.
func (u *User) CreateAPIKey(ctx context.Context, name string) (model.APIKey, string, error) {
	if err := u.authorize(ctx, "create an API key"); err != nil {
		return model.APIKey{}, "", err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if slices.ContainsFunc(u.apiKeys, func(k model.APIKey) bool { return k.Name == name }) {
		return model.APIKey{}, "", &model.Fault{Kind: model.Failed, Op: "create an API key",
			Message: "API key with name already exists", Code: "APIKeyAlreadyExists"}
	}
	k := model.APIKey{ID: fmt.Sprintf("6a1f216e82df4a7979f9c%03x", len(u.apiKeys)), Name: name,
		CreatedAt: u.backend.nowLocked()}
	u.apiKeys = append(u.apiKeys, k)
	return k, "secret-of-" + name, nil
}

// SetAPIKeyDisabled disables or enables an API key.
func (u *User) SetAPIKeyDisabled(ctx context.Context, id string, disabled bool) error {
	if err := u.authorize(ctx, "change the API key"); err != nil {
		return err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	for i := range u.apiKeys {
		if u.apiKeys[i].ID == id {
			u.apiKeys[i].Disabled = disabled
			return nil
		}
	}
	return noSuchKey
}

// DeleteAPIKey deletes an API key.
func (u *User) DeleteAPIKey(ctx context.Context, id string) error {
	if err := u.authorize(ctx, "delete the API key"); err != nil {
		return err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(u.apiKeys), func(k model.APIKey) bool { return k.ID == id })
	if len(left) == len(u.apiKeys) {
		return noSuchKey
	}
	u.apiKeys = left
	return nil
}

var noSuchKey = &model.Fault{Kind: model.Failed, Op: "change the API key", Message: "the key does not exist any more",
	Code: "APIKeyNotFound"}
