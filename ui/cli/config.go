package cli

import (
	"context"
	"io"
	"time"

	"dossier/model"
	"dossier/ui/port"
)

// Options is what flags, environment and the configuration file say, in that order of precedence.
type Options struct {
	Data        string // the embedded workspace's directory
	URI         string // a MongoDB deployment
	Database    string
	Collection  string
	UserIDField string
	Service     string   // the data source's name
	As          string   // with URI: the user id to look at the data as
	App         string   // an application directory
	Apps        []string // every one that was named; only `serve` takes several
	Server      string   // base address of a service elsewhere
	AppID       string
	Demo        bool
	Theme       string
	Background  string // "dark", "light" or "auto"
	ASCII       bool
	JSON        bool
	Timeout     time.Duration // for one call
}

// World is what a command works on, once it is open.
type World struct {
	Accounts      port.Accounts
	Registrations Registrations
	Drafts        port.Drafts
	Service       string       // where the data comes from, for people
	Close         func() error // ends what Open started
}

// Registrations is the steps of e-mail and password accounts that go by mail; a link in it has two parts.
type Registrations interface {
	// Confirm confirms an address by the link in its mail.
	Confirm(ctx context.Context, token, tokenID string) error
	// SendConfirmation asks for that mail once more.
	SendConfirmation(ctx context.Context, email string) error
	// Reset replaces a password by the link in a mail.
	Reset(ctx context.Context, token, tokenID, password string) error
	// SendReset asks for that mail.
	SendReset(ctx context.Context, email string) error
}

// ServerKeys manages the keys that servers sign in with, at the service that runs here.
type ServerKeys interface {
	// Create makes a key and returns it with its text, which is told this once.
	Create(ctx context.Context, name string) (model.APIKey, string, error)
	// List gives the keys, the oldest first.
	List(ctx context.Context) ([]model.APIKey, error)
	// SetDisabled disables or enables a key; disabling ends its sessions.
	SetDisabled(ctx context.Context, id string, disabled bool) error
	// Delete forgets a key, its account and its sessions.
	Delete(ctx context.Context, id string) error
}

// ServeOptions is what only `serve` takes.
type ServeOptions struct {
	Listen     string
	PublicURL  string        // address that clients use; empty: the one they ask at
	TokenLife  time.Duration // of access tokens, a minute to five hours; 0: the service's own choice
	TLSCert    string        // PEM files; both or neither
	TLSKey     string        //
	TrustProxy []string      // networks or addresses of proxies whose word about a client's address counts
	Rate       float64       // requests a second from one address; 0: any number
	Notice     time.Duration // how long to go on after the first signal, not ready any more
	Grace      time.Duration // how long requests may take to finish then
	SMTP       string        // mail server, its password included; empty: mails are logged
	HTTPHosts  []string      // where functions may send requests to, as "name" or "name:port"; empty: nowhere
	Metrics    string        // address to show figures at; empty: nowhere
	Log        string        // file; "-": standard error
	LogFormat  string        // "text" or "json"
	// Ready is told the base address and the applications' ids as soon as the service answers.
	Ready func(url string, appIDs []string)
}

// Config is what the commands need from outside; main fills it in.
type Config struct {
	Open   func(ctx context.Context, o Options) (*World, error)
	Screen func(ctx context.Context, o Options) error
	Serve  func(ctx context.Context, o Options, s ServeOptions) error
	Init   func(dir, appID string) (string, error) // writes an application, and returns its id; appID may be empty
	// Examine looks at an application directory.
	Examine func(dir string) (Examined, error)
	// Keys opens the server keys, calls the function with them and closes everything again.
	Keys func(ctx context.Context, o Options, do func(context.Context, ServerKeys) error) error

	In       io.Reader
	Out      io.Writer
	Err      io.Writer
	Terminal bool                   // standard output is a terminal
	Password func() (string, error) // asks a person at the terminal without echo; nil when there is nobody to ask
	Now      func() time.Time
	Getenv   func(string) string
	Environ  func() []string // the environment as "NAME=value"; may be nil
	Settings string          // the configuration file's path
	Themes   func() []string // the themes' names, for completion; may be nil
	Version  Version
}
