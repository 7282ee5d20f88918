package program

import (
	"context"

	"dossier/backend/accounts"
	"dossier/backend/client"
	"dossier/backend/workspace"
	"dossier/model"
	"dossier/ui/cli"
	"dossier/ui/port"
)

// connect opens the accounts kept in a state directory for one service, and a client of it.
func (r *runner) connect(o cli.Options, c client.Options, stateDir string) (*accounts.Manager, *accounts.Store, error) {
	server := c.Server
	if server == "" {
		server = c.BaseURL
	}
	store, err := accounts.Open(accounts.Options{
		Dir: stateDir, Server: server, AppID: c.AppID, Now: r.Now, Log: r.log, Keyring: r.Keyring,
	})
	if err != nil {
		return nil, nil, err
	}
	c.Now, c.TokenStore, c.Version, c.CustomData, c.Timeout = r.Now, store, r.Version.Version, customData(o), o.Timeout
	return accounts.NewManager(store, client.New(c)), store, nil
}

// signInFirstUser signs in the user whom the options name or, on first use of the embedded workspace, the demo user, so
// that the first screen shows data and not a form.
func signInFirstUser(ctx context.Context, w *workspace.Workspace, p *accounts.Manager, o cli.Options) error {
	known := p.List()
	switch {
	case o.As != "":
		if kept, err := useKept(ctx, p, o); kept {
			return err
		}
		return signInAs(ctx, w, p, o.As)
	case o.URI != "" && o.App == "" && len(known) == 0:
		return model.InvalidInputf("--uri", "needs --as ID: the user whose custom data to show")
	case o.URI == "" && o.App == "" && len(known) == 0:
		_, err := p.SignIn(ctx, w.DemoCredential())
		return err
	}
	return nil
}

// useKept makes the account that the options name the current one, or leaves the one that is; false if it is not kept
// or not signed in. It makes no request.
func useKept(ctx context.Context, p *accounts.Manager, o cli.Options) (bool, error) {
	if o.As == "" {
		_, ok := p.Current()
		return ok, nil
	}
	for _, a := range p.List() {
		if a.UserID == o.As && a.SignedIn {
			_, err := p.Use(ctx, a.ID)
			return true, err
		}
	}
	return false, nil
}

// signInAs signs the account of a user id in as the operator and makes it the current one.
func signInAs(ctx context.Context, w *workspace.Workspace, p *accounts.Manager, userID string) error {
	credential, err := w.OperatorCredential(userID)
	if err != nil {
		return err
	}
	_, err = p.SignIn(ctx, credential)
	return err
}

// userAccounts implements port.Accounts: it returns the client's users as that interface.
type userAccounts struct{ *accounts.Manager }

// Current returns the user whose data is shown.
func (a userAccounts) Current() (port.User, bool) {
	user, ok := a.Manager.Current()
	if !ok {
		return nil, false
	}
	return user, true
}

// Use makes another account the current one.
func (a userAccounts) Use(ctx context.Context, accountID string) (port.User, error) {
	user, err := a.Manager.Use(ctx, accountID)
	if err != nil {
		return nil, model.AsFault("switch account", err)
	}
	return user, nil
}

// SignIn signs a user in.
func (a userAccounts) SignIn(ctx context.Context, c model.Credential) (port.User, error) {
	user, err := a.Manager.SignIn(ctx, c)
	if err != nil {
		return nil, model.AsFault("sign in", err)
	}
	return user, nil
}

// saves returns the store of saves beside these drafts; nil if there is none.
func saves(drafts port.Drafts) port.Saves {
	if store, ok := drafts.(port.Saves); ok {
		return store
	}
	return nil
}
