package app

import "slices"

// Provider is one way to sign in, with its checked settings. Type determines which parts apply.
type Provider struct {
	Type          string
	Disabled      bool
	EmailPassword EmailPassword // "local-userpass"
	Token         TokenIssuer   // "custom-token" and "oauth2-…" by id token
	Function      string        // "custom-function": the function that verifies the credential
}

// EmailPassword configures how local-userpass confirms registrations and resets passwords. A function takes precedence
// over mail.
type EmailPassword struct {
	AutoConfirm     bool   // registrations need no confirmation
	ConfirmFunction string // empty: a mail with a link to ConfirmURL
	ConfirmURL      string
	ConfirmSubject  string
	ResetFunction   string // empty: a mail with a link to ResetURL
	ResetURL        string
	ResetSubject    string
}

// TokenIssuer configures which tokens of an external issuer are accepted and which claims are copied.
type TokenIssuer struct {
	Issuer      string     // required value of `iss`; empty: any
	Audience    []string   // required values of `aud`; empty: the application's id
	AnyAudience bool       // one of Audience is enough; otherwise all are required
	Algorithm   string     // "HS256", "RS256", "ES256" or "EdDSA"; empty: that of the keys in the JWKS
	Keys        []TokenKey // configured keys; empty: the JWKS
	JWKSURL     string     // URL of the issuer's key set
	JWKSFile    string     // content of a key set file in the application directory
	Metadata    []MetadataField
}

// TokenKey is a secret (HS256) or a public key in PEM. It prints as ••••.
type TokenKey struct{ text string }

// NewTokenKey wraps a secret.
func NewTokenKey(text string) TokenKey { return TokenKey{text} }

// Reveal returns the text.
func (k TokenKey) Reveal() string { return k.text }

// String returns dots.
func (k TokenKey) String() string { return "••••" }

// GoString returns dots, for %#v.
func (k TokenKey) GoString() string { return "••••" }

// MetadataField copies a claim into the user's data.
type MetadataField struct {
	Path     []string // of the claim
	Field    string   // in the user's data
	Required bool     // a token without the claim is refused
}

// The events of triggers: the first three are authentication events, and all but CREATE and LOGIN are database events.
const (
	EventCreate  = "CREATE"
	EventLogin   = "LOGIN"
	EventDelete  = "DELETE"
	EventInsert  = "INSERT"
	EventUpdate  = "UPDATE"
	EventReplace = "REPLACE"
)

// Trigger runs a function as system after an event.
type Trigger struct {
	Name, Function string
	Disabled       bool
	Authentication *AuthenticationTrigger // exactly one of the two
	Database       *DatabaseTrigger
}

// AuthenticationTrigger waits for an authentication event.
type AuthenticationTrigger struct {
	Event     string   // EventCreate, EventLogin or EventDelete
	Providers []string // types; empty: all
}

// Matches reports whether the trigger waits for an event.
func (t *AuthenticationTrigger) Matches(event, provider string) bool {
	return t.Event == event && (len(t.Providers) == 0 || slices.Contains(t.Providers, provider))
}

// DatabaseTrigger waits for changes of documents in a collection.
type DatabaseTrigger struct {
	Service      string
	Namespace    Namespace
	Events       []string // EventInsert, EventUpdate, EventReplace, EventDelete
	Match        any      // filter on the change event; nil: every change
	Project      any      // projection of the change event; nil: none
	FullDocument bool     // events have the full document
}
