package workspace

import (
	"context"
	"errors"
	"net/http"

	"dossier/backend/api"
	"dossier/model"
)

// ServerKeys manages the API keys of servers. The client API has no routes for them: the process that runs the service
// changes them, and serves this to other processes of the same operating system user. Every error is a *model.Fault.
type ServerKeys struct{ workspace *Workspace }

// ServerKeys returns the server keys of an application. It fails as invalid input on a deployment without an
// application directory.
func (w *Workspace) ServerKeys() (ServerKeys, error) {
	if w.operatorKeyFile != "" {
		return ServerKeys{}, &model.Fault{
			Kind: model.InvalidInput, Op: opServerKeys,
			Message: "a deployment without an application directory has no server keys", Advice: "name the directory with --app",
		}
	}
	return ServerKeys{w}, nil
}

const opServerKeys = "manage server keys"

// Create creates a key and returns it with its text, which cannot be read again.
func (k ServerKeys) Create(ctx context.Context, name string) (model.APIKey, string, error) {
	r, err := k.run(ctx, keyRequest{Operation: createKey, Name: name})
	if err != nil || len(r.Keys) != 1 {
		return model.APIKey{}, "", err
	}
	return r.Keys[0], r.Secret, nil
}

// List returns the keys, oldest first.
func (k ServerKeys) List(ctx context.Context) ([]model.APIKey, error) {
	r, err := k.run(ctx, keyRequest{Operation: listKeys})
	return r.Keys, err
}

// SetDisabled disables or enables a key.
func (k ServerKeys) SetDisabled(ctx context.Context, id string, disabled bool) error {
	operation := enableKey
	if disabled {
		operation = disableKey
	}
	_, err := k.run(ctx, keyRequest{Operation: operation, ID: id})
	return err
}

// Delete deletes a key, its user and its sessions.
func (k ServerKeys) Delete(ctx context.Context, id string) error {
	_, err := k.run(ctx, keyRequest{Operation: deleteKey, ID: id})
	return err
}

// run performs an operation in the process that serves the workspace: this one, or that behind the socket.
func (k ServerKeys) run(ctx context.Context, r keyRequest) (keyResponse, error) {
	handover := k.workspace.handover
	if h := handover.instance(); h != nil {
		return r.run(ctx, h.service.Auth()).result()
	}
	response, err := r.send(ctx, handover.socket)
	if noListener(err) {
		if err := k.workspace.Connect(ctx); err != nil {
			return keyResponse{}, err
		}
		if h := handover.instance(); h != nil { // the other process has ended
			return r.run(ctx, h.service.Auth()).result()
		}
		return keyResponse{}, &model.Fault{
			Kind: model.Unreachable, Op: opServerKeys,
			Message: "the process that has the workspace open does not manage server keys for other processes",
			Advice:  "end it and try again", Err: err,
		}
	}
	if err != nil {
		return keyResponse{}, asFault(opServerKeys, err)
	}
	return response.result()
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
