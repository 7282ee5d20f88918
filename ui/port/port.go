// Package port declares the interfaces through which the screen and the commands reach the service and the disk.
// Package program connects the implementations.
//
// May import: model.
package port

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// User is a signed-in user, accessed through the client API. Every error is a *model.Fault. Every call with the user's
// tokens can refresh an expired access token; Session then returns the new one. Safe for concurrent use.
type User interface {
	// Account returns the user's account on this machine.
	Account() model.Account
	// Session returns the current tokens' session and snapshot. It makes no call: reading them must not refresh.
	Session() model.Session
	// CachedProfile returns the last profile that the service sent. It makes no call.
	CachedProfile() model.User
	// Ping reports whether the service answers. It sends no token.
	Ping(ctx context.Context) error
	// Profile reads the user's profile.
	Profile(ctx context.Context) (model.User, error)
	// Refresh refreshes the access token and so the snapshot (seed: `refreshCustomData()`).
	Refresh(ctx context.Context) (model.Session, error)
	// Check reads the custom data document from the database.
	Check(ctx context.Context) (model.CheckResult, error)
	// Save sends one guarded updateOne. On a conflict the result holds the document as it is now.
	Save(ctx context.Context, u model.Update) (model.WriteResult, error)
	// Call runs a function of the application and returns its result.
	Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error)
	// Watch sends every change of the user's document until ctx ends, and then returns nil. Where the deployment has no
	// change streams it returns a fault at once.
	Watch(ctx context.Context, send func(model.ChangeEvent)) error
	// DeleteDocument deletes the document that a check read, if it was not changed since.
	DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error)
	// APIKeys returns the user's API keys.
	APIKeys(ctx context.Context) ([]model.APIKey, error)
	// CreateAPIKey creates an API key and returns it with its text, which cannot be read again.
	CreateAPIKey(ctx context.Context, name string) (model.APIKey, string, error)
	// SetAPIKeyDisabled disables or enables an API key. Disabling ends its sessions.
	SetAPIKeyDisabled(ctx context.Context, id string, disabled bool) error
	// DeleteAPIKey deletes an API key and ends its sessions.
	DeleteAPIKey(ctx context.Context, id string) error
	// Link adds an identity to the user.
	Link(ctx context.Context, c model.Credential) error
}

// Accounts is the accounts on this machine.
type Accounts interface {
	// List returns the accounts, the current one first.
	List() []model.Account
	// Current returns the user of the current account; false: there is none.
	Current() (User, bool)
	// Use makes another account the current one.
	Use(ctx context.Context, accountID string) (User, error)
	// SignIn signs a user in and makes their account the current one.
	SignIn(ctx context.Context, c model.Credential) (User, error)
	// Register creates a user with e-mail and password, without signing in.
	Register(ctx context.Context, email, password string) error
	// SignOut ends the account's session at the service and deletes its tokens here.
	SignOut(ctx context.Context, accountID string) error
	// Remove deletes a signed-out account and its draft from this machine.
	Remove(accountID string) error
}

// CallArguments stores the arguments with which an account last called each function. They survive the process.
type CallArguments interface {
	// Load returns the arguments of an account by function.
	Load(accountID string) (map[string]string, error)
	// Save stores the arguments of a function in place of those before.
	Save(accountID, function, arguments string) error
}

// Files is the files of the machine, for exports. A path may start with "~/".
type Files interface {
	// Write writes a file with mode 0600 and returns its absolute path. The file is complete or not there at all. With an
	// existing file it fails with fs.ErrExist in the chain, unless replace is set.
	Write(ctx context.Context, path, content string, replace bool) (string, error)
	// Complete returns the paths, at most eight, that a typed path could continue as; those of directories end with a
	// slash.
	Complete(ctx context.Context, path string) []string
}

// SimulatedApp is the demo's mobile app on another device of the user.
type SimulatedApp interface {
	// WriteAsApp sets top-level fields of a user's document in the database.
	WriteAsApp(ctx context.Context, userID string, fields bson.D) error
}

// Drafts stores unsaved edits by account. They survive the process.
type Drafts interface {
	// TakeOver returns the draft that was stored for an account before it was opened; nil: there is none. It may take over
	// the draft of an ended process, which a later Save replaces: the caller keeps the draft in memory.
	TakeOver(accountID string) (*model.Draft, error)
	// Save stores the draft of an account in place of the one before.
	Save(accountID string, d *model.Draft) error
	// Delete deletes the draft of an account.
	Delete(accountID string) error
}

// TextEditor edits text in the program that the user edits text with, such as vi. The program uses the terminal.
type TextEditor interface {
	// Edit writes the newest pending input of a draft to a private file, runs the program and returns what it saved, with
	// an error, too: the program may have saved text before it failed. Without a saved text it returns that of the input.
	// The file stays until Close: if this process ends before, the next one finds the text as pending input of the draft.
	// Its error is a *model.Fault.
	Edit(ctx context.Context, accountID string, draft *model.Draft) (string, error)
	// Close deletes the file of the last Edit.
	Close(accountID string) error
}

// Saves stores the saves of accounts, so that a later run can undo them. Their number and size are limited.
type Saves interface {
	// Saves returns the saves of an account, newest first.
	Saves(accountID string) ([]model.SavedChange, error)
	// AddSave stores a save, in place of the one of the same time.
	AddSave(accountID string, s model.SavedChange) error
}

// WithHints is implemented by users whose service may have hints of the custom data.
type WithHints interface {
	// Hints returns the hints of the fields; none if the service has none.
	Hints(ctx context.Context) (model.Hints, error)
}
