package workspace

import (
	"context"
	"errors"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// ServerKeys manages the keys that servers sign in with. Only the process that runs the service can: the client API does not know them. Every error is a
// *model.Fault.
type ServerKeys struct{ auth *auth.Service }

// ServerKeys gives the server keys of an application. It fails as unreachable when another process holds the workspace, and on a deployment without an
// application directory, which nobody signs in to.
func (w *Workspace) ServerKeys() (ServerKeys, error) {
	const op = "manage server keys"
	if w.operator != "" {
		return ServerKeys{}, &model.Fault{
			Kind: model.InvalidInput, Op: op, Message: "a deployment without an application directory has none", Advice: "name the directory with --app",
		}
	}
	h := w.share.holder()
	if h == nil {
		return ServerKeys{}, &model.Fault{
			Kind: model.Unreachable, Op: op, Message: "another dossier has the workspace open, a screen or a service, and only it could change them",
			Advice: "end it and try again; with --uri and --app, keys can be managed beside running services",
		}
	}
	return ServerKeys{h.service.Auth()}, nil
}

// Create makes a key and returns it with its text, which is told this once.
func (k ServerKeys) Create(ctx context.Context, name string) (model.APIKey, string, error) {
	made, key, err := k.auth.CreateServerKey(ctx, name)
	if err != nil {
		return made, "", keyFault("create the server key "+name, err)
	}
	return made, key.Reveal(), nil
}

// List gives the keys, the oldest first.
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

// Delete forgets a key, its account and its sessions.
func (k ServerKeys) Delete(ctx context.Context, id string) error {
	return keyFault("delete the server key "+id, k.auth.DeleteServerKey(ctx, id))
}

// keyFault says what a refusal means to a person; nil stays nil.
func keyFault(op string, err error) error {
	var said *api.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &said):
		return faultOf(op, err)
	}
	f := &model.Fault{Kind: model.InvalidInput, Op: op, Message: said.Message, Code: said.Code, Err: err}
	switch {
	case said.Code == api.CodeInvalidParameter:
		f.Message = "the name " + said.Message
	case said.Code == api.CodeAuthProviderNotFound:
		f.Message, f.Advice = "the application does not let API keys sign in", "enable api-key in its auth/providers.json"
	case said.Status >= http.StatusInternalServerError:
		f.Kind = model.Failed
	}
	return f
}
