package auth

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/backend/store"
	"dossier/model"
)

// The default lifetimes of tokens, and the limits of the access token's.
const (
	DefaultTokenLife   = 30 * time.Minute
	MinTokenLife       = time.Minute
	demoTokenLife      = 10 * time.Second // the least with Options.ShortTokens
	MaxTokenLife       = 5 * time.Hour
	DefaultRefreshLife = 60 * 24 * time.Hour
)

// Mail is a message to a user. Its link is a credential.
type Mail struct {
	To, Subject string // one line each
	Body        Secret // plain text with the link in it
	Link        Secret
}

// Event is an authentication event: app.EventCreate, app.EventLogin or app.EventDelete.
type Event struct {
	Name     string
	Provider string // of the sign-in; for EventDelete that of the first identity
	User     model.User
	At       time.Time
}

// Options configure the service.
type Options struct {
	AppID       string
	Providers   map[string]app.Provider // by type
	TokenLife   time.Duration           // 0: DefaultTokenLife; else MinTokenLife to MaxTokenLife
	ShortTokens bool                    // TokenLife may be 10 seconds, for a demo
	RefreshLife time.Duration           // 0: DefaultRefreshLife
	OperatorKey Secret                  // enables the provider "operator"; empty: disabled
	CustomData  func(ctx context.Context, userID string) (doc bson.Raw, documents int, err error)
	// runs once before an account exists; its error prevents the account; may be nil
	BeforeCreate func(ctx context.Context, u model.User) error
	// CallFunction calls a function of the application as system, about a user who may not exist yet; nil: no functions.
	CallFunction func(ctx context.Context, function string, u model.User, args []bson.RawValue) (bson.RawValue, error)
	// SendMail sends a message; nil: mail is not available.
	SendMail func(ctx context.Context, m Mail) error
	Limits   Limits // of unauthenticated requests
	// OnEvent receives authentication events and must not block; nil: no receiver.
	OnEvent func(Event)
	// gets the key sets of token issuers; nil: none can be fetched
	FetchKeySet func(ctx context.Context, url string) ([]byte, error)
	Now         func() time.Time
	Random      io.Reader // safe for use by several goroutines
	Cores       int       // number of passwords hashed concurrently
	HashCost    HashCost  // of passwords; zero: the cost for production
}

// Service signs users in and verifies tokens.
type Service struct {
	options        Options
	directory      *directory.Directory
	passwords      *store.Collection
	apiKeys        apiKeyStore
	sessions       sessionStore
	throttle       throttle
	oneTimeTokens  oneTimeTokens
	rateLimiter    rateLimiter
	creationLeases creationLeases
	hasher         *hasher
	signer         *signer
	sweeper        *sweeper
	issuers        map[string]*issuer // of the providers that accept tokens, by type
}

// New opens the service on a database. It creates the indexes and, once for all processes, the signing key.
func New(ctx context.Context, d *store.Deployment, database string, users *directory.Directory, o Options) (*Service,
	error) {
	if o.TokenLife == 0 {
		o.TokenLife = DefaultTokenLife
	}
	least := MinTokenLife
	if o.ShortTokens {
		least = demoTokenLife
	}
	if o.TokenLife < least || o.TokenLife > MaxTokenLife {
		return nil, fmt.Errorf("invalid access token lifetime %s: expected %s to %s", o.TokenLife, least, MaxTokenLife)
	}
	if o.RefreshLife == 0 {
		o.RefreshLife = DefaultRefreshLife
	}
	cores := max(1, o.Cores)
	h, err := newHasher(o.Random, o.HashCost, cores, 32*cores)
	if err != nil {
		return nil, err
	}
	key, err := loadSigningKey(ctx, d.Collection(database, "keys"), o.Random, o.Now())
	if err != nil {
		return nil, err
	}
	s := &Service{
		options: o, directory: users, hasher: h,
		passwords:      d.Collection(database, "passwords"),
		apiKeys:        apiKeyStore{rows: d.Collection(database, "api_keys"), now: o.Now, random: o.Random},
		sessions:       newSessionStore(d.Collection(database, "sessions"), users, o.Now),
		throttle:       throttle{rows: d.Collection(database, "throttles"), now: o.Now},
		oneTimeTokens:  oneTimeTokens{rows: d.Collection(database, "tickets"), now: o.Now, random: o.Random},
		rateLimiter:    rateLimiter{rows: d.Collection(database, "limits"), now: o.Now, limits: o.Limits.withDefaults()},
		creationLeases: creationLeases{rows: d.Collection(database, "creations"), now: o.Now},
	}
	if s.signer, err = newSigner(key, DomainID(o.AppID), o.Now); err != nil {
		return nil, err
	}
	if s.issuers, err = s.readIssuers(); err != nil {
		return nil, err
	}
	s.sweeper = &sweeper{rows: []*store.Collection{s.sessions.rows, s.throttle.rows, s.oneTimeTokens.rows,
		s.rateLimiter.rows, s.creationLeases.rows}, now: o.Now}
	if err := s.sessions.ensureIndexes(ctx); err != nil {
		return nil, err
	}
	if err := s.throttle.ensureIndexes(ctx); err != nil {
		return nil, err
	}
	if err := s.apiKeys.ensureIndexes(ctx); err != nil {
		return nil, err
	}
	if err := s.oneTimeTokens.ensureIndexes(ctx); err != nil {
		return nil, err
	}
	if err := s.rateLimiter.ensureIndexes(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends what runs in the background. The deployment stays open.
func (s *Service) Close() { s.sweeper.close() }

// DomainID returns the id of an application in tokens and profiles.
func DomainID(appID string) string { return DerivedID("domain", appID) }

// ProviderID returns the id of an application's provider in profiles.
func ProviderID(appID, provider string) string { return DerivedID("provider", appID, provider) }
