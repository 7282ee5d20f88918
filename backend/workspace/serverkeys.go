package workspace

import (
	"context"
	"errors"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// ServerKeys manages the API keys of servers. Only the process that runs the service can: the client API has no routes
// for them. Every error is a *model.Fault.
type ServerKeys struct{ auth *auth.Service }

// ServerKeys returns the server keys of an application. It fails as unreachable when another process serves the
// workspace, and as invalid input on a deployment without an application directory.
func (w *Workspace) ServerKeys() (ServerKeys, error) {
	const op = "manage server keys"
	if w.operatorKeyFile != "" {
		return ServerKeys{}, &model.Fault{
			Kind: model.InvalidInput, Op: op, Message: "a deployment without an application directory has no server keys",
			Advice: "name the directory with --app",
		}
	}
	h := w.handover.instance()
	if h == nil {
		return ServerKeys{}, &model.Fault{
			Kind: model.Unreachable, Op: op, Message: "another dossier process has the workspace open, and only that process " +
				"can change its server keys",
			Advice: "end it and try again; with --uri and --app, keys can be managed while services run",
		}
	}
	return ServerKeys{h.service.Auth()}, nil
}

// Create creates a key and returns it with its text, which cannot be read again.
func (k ServerKeys) Create(ctx context.Context, name string) (model.APIKey, string, error) {
	key, secret, err := k.auth.CreateServerKey(ctx, name)
	if err != nil {
		return key, "", keyFault("create the server key "+name, err)
	}
	return key, secret.Reveal(), nil
}

// List returns the keys, oldest first.
func (k ServerKeys) List(ctx context.Context) ([]model.APIKey, error) {
	list, err := k.auth.ServerKeys(ctx)
	if err != nil {
		return nil, keyFault("list the server keys", err)
	}
	return list, nil
}

// SetDisabled disables or enables a key.
func (k ServerKeys) SetDisabled(ctx context.Context, id string, disabled bool) error {
	op := "enable the server key "
	if disabled {
		op = "disable the server key "
	}
	return keyFault(op+id, k.auth.SetServerKeyDisabled(ctx, id, disabled))
}

// Delete deletes a key, its user and its sessions.
func (k ServerKeys) Delete(ctx context.Context, id string) error {
	return keyFault("delete the server key "+id, k.auth.DeleteServerKey(ctx, id))
}

// keyFault converts a refusal to a fault; nil stays nil.
func keyFault(op string, err error) error {
	var refusal *api.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refusal):
		return asFault(op, err)
	}
	f := &model.Fault{Kind: model.InvalidInput, Op: op, Message: refusal.Message, Code: refusal.Code, Err: err}
	switch {
	case refusal.Code == api.CodeInvalidParameter:
		f.Message = "the name " + refusal.Message
	case refusal.Code == api.CodeAuthProviderNotFound:
		f.Message, f.Advice = "the application does not accept API keys", "enable api-key in its auth/providers.json"
	case refusal.Status >= http.StatusInternalServerError:
		f.Kind = model.Failed
	}
	return f
}
