package app

import "slices"

// Provider is one way to sign in, its settings read and checked. Which of the parts below counts depends on Type.
type Provider struct {
	Type          string
	Disabled      bool
	EmailPassword EmailPassword // "local-userpass"
	Token         TokenIssuer   // "custom-token" and "oauth2-…" by id token
	Function      string        // "custom-function": the function that says who somebody is
}

// EmailPassword is how local-userpass confirms registrations and resets passwords. A function takes precedence over mail.
type EmailPassword struct {
	AutoConfirm     bool   // a registration is good at once
	ConfirmFunction string // empty: a mail with a link to ConfirmURL
	ConfirmURL      string
	ConfirmSubject  string
	ResetFunction   string // empty: a mail with a link to ResetURL
	ResetURL        string
	ResetSubject    string
}

// TokenIssuer says which signed tokens of somebody else are believed and what is taken from them.
type TokenIssuer struct {
	Issuer      string     // has to be the token's `iss`; empty: anybody whose key fits
	Audience    []string   // has to be among the token's `aud`; empty: the application's id
	AnyAudience bool       // one of Audience is enough; otherwise all of them
	Algorithm   string     // "HS256", "RS256", "ES256" or "EdDSA"; empty with a JWKS: what its keys say
	Keys        []TokenKey // known keys; empty: the JWKS
	JWKSURL     string     // where the issuer publishes its keys
	JWKSFile    string     // or a file of the application directory that holds them, as it was read
	Metadata    []MetadataField
}

// TokenKey is a secret (HS256) or a public key in PEM. Its text never prints.
type TokenKey struct{ text string }

// NewTokenKey wraps a secret.
func NewTokenKey(text string) TokenKey { return TokenKey{text} }

// Reveal gives the text.
func (k TokenKey) Reveal() string { return k.text }

// String hides the key.
func (k TokenKey) String() string { return "••••" }

// GoString hides the key from %#v too.
func (k TokenKey) GoString() string { return "••••" }

// MetadataField copies a claim into the person's data.
type MetadataField struct {
	Path     []string // of the claim
	Field    string   // in the person's data
	Required bool     // a token without the claim is refused
}

// The events of a Trigger: AuthenticationEvents of people, DatabaseEvents of documents.
const (
	EventCreate  = "CREATE"
	EventLogin   = "LOGIN"
	EventDelete  = "DELETE"
	EventInsert  = "INSERT"
	EventUpdate  = "UPDATE"
	EventReplace = "REPLACE"
)

// Trigger runs a function, as system, after something happened.
type Trigger struct {
	Name, Function string
	Disabled       bool
	Authentication *AuthenticationTrigger // exactly one of the two
	Database       *DatabaseTrigger
}

// AuthenticationTrigger is what somebody did: signed in for the first time, signed in, or was deleted.
type AuthenticationTrigger struct {
	Event     string   // EventCreate, EventLogin or EventDelete
	Providers []string // types; empty: all
}

// Matches reports whether an event is one that the trigger waits for.
func (t *AuthenticationTrigger) Matches(event, provider string) bool {
	return t.Event == event && (len(t.Providers) == 0 || slices.Contains(t.Providers, provider))
}

// DatabaseTrigger is a change of a document.
type DatabaseTrigger struct {
	Service      string
	Namespace    Namespace
	Events       []string // EventInsert, EventUpdate, EventReplace, EventDelete
	Match        any      // of the change event, as a filter; nil: every change
	Project      any      // of the change event; nil: whole
	FullDocument bool     // with the document as it is
}
