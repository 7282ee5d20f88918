package cli

import (
	"context"
	"io"
	"time"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/port"
)

// Options is the settings that all commands share, from flags, environment and configuration file in that precedence.
type Options struct {
	Data        string // directory of the embedded workspace
	URI         string // connection string of a MongoDB deployment
	Database    string
	Collection  string
	UserIDField string
	Service     string   // name of the data source; empty: the service's, else mongodb-atlas
	As          string   // with URI: id of the user whose data to show
	App         string   // an application directory
	Apps        []string // all application directories; only `serve` accepts several
	Server      string   // base URL of a service elsewhere
	AppID       string
	Demo        bool
	Theme       string
	Background  string // "dark", "light" or "auto"
	ASCII       bool
	NoMouse     bool
	JSON        bool
	NoTips      bool
	// ScreenReader prints lines of text in place of the screen.
	ScreenReader bool
	Timeout      time.Duration // of one call
	Keys         keys.Map      // for the screen
}

// Connection is an open connection to a service, with the accounts kept for it.
type Connection struct {
	Accounts      port.Accounts
	Registrations Registrations
	Drafts        port.Drafts
	Arguments     port.CallArguments
	Service       string            // display name of the service
	App           port.SimulatedApp // of the demo; nil: there is none
	Close         func() error      // closes what Open opened
}

// Registrations is the steps of e-mail and password accounts that need a mail. The link in a mail has a token and its
// id.
type Registrations interface {
	// Confirm confirms an address with the link in its mail.
	Confirm(ctx context.Context, token, tokenID string) error
	// SendConfirmation requests that mail again.
	SendConfirmation(ctx context.Context, email string) error
	// Reset replaces a password with the link in a mail.
	Reset(ctx context.Context, token, tokenID, password string) error
	// SendReset requests that mail.
	SendReset(ctx context.Context, email string) error
}

// ServerKeys manages the API keys of servers, at the service in this process or the one that serves the workspace.
type ServerKeys interface {
	// Create creates a key and returns it with its text, which cannot be read again.
	Create(ctx context.Context, name string) (model.APIKey, string, error)
	// List returns the keys, the oldest first.
	List(ctx context.Context) ([]model.APIKey, error)
	// SetDisabled disables or enables a key; disabling ends its sessions.
	SetDisabled(ctx context.Context, id string, disabled bool) error
	// Delete deletes a key, its account and its sessions.
	Delete(ctx context.Context, id string) error
}

// ServeOptions is the settings of `serve` alone.
type ServeOptions struct {
	Listen     string
	PublicURL  string        // URL that clients use; empty: the one they connect to
	TokenLife  time.Duration // of access tokens, 1 min to 5 h; 0: the service's default
	TLSCert    string        // PEM file; set together with TLSKey
	TLSKey     string        // PEM file
	TrustProxy []string      // networks or addresses of proxies whose forwarding headers are trusted
	Rate       float64       // requests per second from one address; 0: unlimited
	Notice     time.Duration // time between the first signal and the end of accepting connections, not ready
	Grace      time.Duration // then, time for requests to finish
	SMTP       string        // URL of the mail server with its password; empty: mails go to the log
	HTTPHosts  []string      // hosts that functions may send requests to, as "name" or "name:port"
	Metrics    string        // address that serves metrics; empty: none
	Log        string        // file; "-": standard error
	LogFormat  string        // "text" or "json"
	// Ready is called with the base URL and the applications' ids when the service accepts requests.
	Ready func(url string, appIDs []string)
}

// Config is what the commands depend on.
type Config struct {
	Open   func(ctx context.Context, o Options) (*Connection, error)
	Screen func(ctx context.Context, o Options) error
	// Script prints the demo's story without a screen.
	Script func(ctx context.Context, o Options, out io.Writer) error
	Serve  func(ctx context.Context, o Options, s ServeOptions) error
	Init   func(dir, appID string) (string, error) // writes an application and returns its id; appID may be empty
	// Examine checks an application directory. Its functions' modules run until ctx ends.
	Examine func(ctx context.Context, dir string) (Report, error)
	// Keys opens the workspace, calls the function with its server keys, and closes it.
	Keys func(ctx context.Context, o Options, do func(context.Context, ServerKeys) error) error

	In       io.Reader
	Out      io.Writer
	Err      io.Writer
	Terminal bool                   // standard input and output are a terminal
	Password func() (string, error) // reads a password without echo; nil without a terminal
	Now      func() time.Time
	Getenv   func(string) string
	Environ  func() []string // the environment as "NAME=value"; may be nil
	Settings string          // path of the configuration file
	Themes   func() []string // names of the themes, for completion; may be nil
	Version  Version
}
