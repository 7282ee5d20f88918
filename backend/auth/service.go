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

// The lives of tokens when nothing else is configured, and the bounds of the access token's.
const (
	DefaultTokenLife   = 30 * time.Minute
	MinTokenLife       = time.Minute
	MaxTokenLife       = 5 * time.Hour
	DefaultRefreshLife = 60 * 24 * time.Hour
)

// Mail is a message to a person. Whoever reads its link can do what it is for.
type Mail struct {
	To, Subject string // one line each
	Body        Secret // plain text with the link in it
	Link        Secret
}

// Event is something that happened to an account: app.EventCreate, app.EventLogin or app.EventDelete.
type Event struct {
	Name     string
	Provider string // with which it happened; for EventDelete the first identity's
	User     model.User
	At       time.Time
}

// Options says what the service needs to know.
type Options struct {
	AppID        string
	Providers    map[string]app.Provider // by type
	TokenLife    time.Duration           // 0: DefaultTokenLife; else MinTokenLife to MaxTokenLife
	RefreshLife  time.Duration           // 0: DefaultRefreshLife
	OperatorKey  Secret                  // not empty: the provider "operator" takes it
	CustomData   func(ctx context.Context, userID string) (bson.Raw, error)
	BeforeCreate func(ctx context.Context, u model.User) error // runs once before an account exists; its error prevents the account; may be nil
	// CallFunction runs a function of the application for the service itself, on the account of a person who may be about to exist; nil: there are none.
	CallFunction func(ctx context.Context, function string, u model.User, args []bson.RawValue) (bson.RawValue, error)
	// SendMail sends a message, nil: there is no way to.
	SendMail func(ctx context.Context, m Mail) error
	Limits   Limits // of what anybody may ask for
	// OnEvent is told what happened to accounts; it must not wait. nil: nobody wants to know.
	OnEvent     func(Event)
	FetchKeySet func(ctx context.Context, url string) ([]byte, error) // gets the key sets of token issuers; nil: none can be fetched
	Now         func() time.Time
	Random      io.Reader // safe for use by several goroutines
	Cores       int       // how many passwords are hashed at a time
	HashCost    HashCost  // of passwords; zero: the cost for production
}

// Service signs people in and says whose a token is.
type Service struct {
	o         Options
	users     *directory.Directory
	passwords *store.Collection
	keys      apiKeys
	sessions  sessions
	throttle  throttle
	tickets   tickets
	limiter   limiter
	creations creations
	hasher    *hasher
	signer    *signer
	sweeper   *sweeper
	issuers   map[string]*issuer // of the providers that take tokens, by type
}

// New opens the service on a database, making its indexes and, once for all processes, its signing key.
func New(ctx context.Context, d *store.Deployment, database string, people *directory.Directory, o Options) (*Service, error) {
	if o.TokenLife == 0 {
		o.TokenLife = DefaultTokenLife
	}
	if o.TokenLife < MinTokenLife || o.TokenLife > MaxTokenLife {
		return nil, fmt.Errorf("the access token's life is %s: wants %s to %s", o.TokenLife, MinTokenLife, MaxTokenLife)
	}
	if o.RefreshLife == 0 {
		o.RefreshLife = DefaultRefreshLife
	}
	cores := max(1, o.Cores)
	h, err := newHasher(o.Random, o.HashCost, cores, 32*cores)
	if err != nil {
		return nil, err
	}
	key, err := loadKey(ctx, d.Collection(database, "keys"), o.Random, o.Now())
	if err != nil {
		return nil, err
	}
	s := &Service{
		o: o, users: people, hasher: h,
		passwords: d.Collection(database, "passwords"),
		keys:      apiKeys{rows: d.Collection(database, "api_keys"), now: o.Now, random: o.Random},
		sessions:  sessions{rows: d.Collection(database, "sessions"), now: o.Now},
		throttle:  throttle{rows: d.Collection(database, "throttles"), now: o.Now},
		tickets:   tickets{rows: d.Collection(database, "tickets"), now: o.Now, random: o.Random},
		limiter:   limiter{rows: d.Collection(database, "limits"), now: o.Now, limits: o.Limits.orDefault()},
		creations: creations{rows: d.Collection(database, "creations"), now: o.Now},
		signer:    &signer{key: key, domainID: DomainID(o.AppID), now: o.Now},
	}
	if s.issuers, err = s.readIssuers(); err != nil {
		return nil, err
	}
	s.sweeper = &sweeper{rows: []*store.Collection{s.sessions.rows, s.throttle.rows, s.tickets.rows, s.limiter.rows, s.creations.rows}, now: o.Now}
	if err := s.sessions.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.throttle.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.keys.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.tickets.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.limiter.prepare(ctx); err != nil {
		return nil, err
	}
	return s, s.sweeper.sweep(ctx)
}

// DomainID is the id of an application inside tokens and profiles.
func DomainID(appID string) string { return DerivedID("domain", appID) }

// ProviderID is the id of a provider of an application, as profiles show it.
func ProviderID(appID, provider string) string { return DerivedID("provider", appID, provider) }
