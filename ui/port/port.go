// Package port declares what the screen and the commands need from the world; whoever satisfies it is introduced in main.
//
// May import: model.
package port

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// User is one signed-in person, seen through the client API. Every error is a *model.Fault. Every call may renew an expired token;
// Session says so afterwards.
type User interface {
	// Account is how the person is kept on this machine.
	Account() model.Account
	// Session is what the application holds now; it makes no call, because looking must not refresh.
	Session() model.Session
	// CachedProfile is the profile as the service last gave it; it makes no call.
	CachedProfile() model.User
	// Ping asks whether the service answers, without using the person's tokens.
	Ping(ctx context.Context) error
	// Profile asks who the person is.
	Profile(ctx context.Context) (model.User, error)
	// Refresh renews the access token and so the snapshot (seed: `refreshCustomData()`).
	Refresh(ctx context.Context) (model.Session, error)
	// Check reads what the database holds now.
	Check(ctx context.Context) (model.CheckResult, error)
	// Save makes one guarded updateOne; how the database was seen to differ is then known from the read that a conflict needs.
	Save(ctx context.Context, u model.Update) (model.WriteResult, error)
	// Call runs a function of the application and returns what it returned.
	Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error)
	// Watch tells of every change of the person's document until ctx ends. It returns nil then, and a fault at once where the deployment has no
	// change events.
	Watch(ctx context.Context, tell func(model.ChangeEvent)) error
	// DeleteDocument deletes the document that was read, if it is still as it was read.
	DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error)
	// Link adds another identity to the person.
	Link(ctx context.Context, c model.Credential) error
}

// Accounts is the people signed in on this machine.
type Accounts interface {
	// List gives the accounts, the current one first.
	List() []model.Account
	// Current is the person whose data is shown; false when nobody is signed in.
	Current() (User, bool)
	// Use makes another account the current one.
	Use(ctx context.Context, accountID string) (User, error)
	// SignIn signs a person in and makes them the current one.
	SignIn(ctx context.Context, c model.Credential) (User, error)
	// Register makes an e-mail and password account; signing in is a step of its own.
	Register(ctx context.Context, email, password string) error
	// SignOut ends the session at the service and forgets it here.
	SignOut(ctx context.Context, accountID string) error
}

// Drafts keeps what was typed and not saved, by account, across a kill.
type Drafts interface {
	// Load returns the draft kept for an account; nil when there is none.
	Load(accountID string) (*model.Draft, error)
	// Save stores the draft, replacing an older one.
	Save(accountID string, d *model.Draft) error
	// Delete forgets it.
	Delete(accountID string) error
}
