package auth

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

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

// Provider is how an application configures one way to sign in.
type Provider struct {
	Disabled    bool
	AutoConfirm bool // local-userpass: a registration is good at once
}

// Options says what the service needs to know.
type Options struct {
	AppID       string
	Providers   map[string]Provider // by type
	TokenLife   time.Duration       // 0: DefaultTokenLife; else MinTokenLife to MaxTokenLife
	RefreshLife time.Duration       // 0: DefaultRefreshLife
	OperatorKey Secret              // not empty: the provider "operator" takes it
	CustomData  func(ctx context.Context, userID string) (bson.Raw, error)
	Creating    func(ctx context.Context, u model.User) error // runs before an account exists; its error prevents the account; may be nil
	Now         func() time.Time
	Random      io.Reader // safe for use by several goroutines
	Cores       int       // how many passwords are hashed at a time
}

// Service signs people in and says whose a token is.
type Service struct {
	o         Options
	people    *directory.Directory
	passwords *store.Collection
	sessions  sessions
	throttle  throttle
	hasher    *hasher
	signer    *signer
	sweeper   *sweeper
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
	h, err := newHasher(o.Random, cores, 32*cores)
	if err != nil {
		return nil, err
	}
	key, err := loadKey(ctx, d.Collection(database, "keys"), o.Random, o.Now())
	if err != nil {
		return nil, err
	}
	s := &Service{
		o: o, people: people, hasher: h,
		passwords: d.Collection(database, "passwords"),
		sessions:  sessions{rows: d.Collection(database, "sessions"), now: o.Now},
		throttle:  throttle{rows: d.Collection(database, "throttles"), now: o.Now},
		signer:    &signer{key: key, domainID: DomainID(o.AppID), now: o.Now},
	}
	s.sweeper = &sweeper{rows: []*store.Collection{s.sessions.rows, s.throttle.rows}, now: o.Now}
	if err := s.sessions.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.throttle.prepare(ctx); err != nil {
		return nil, err
	}
	return s, s.sweeper.sweep(ctx)
}

// DomainID is the id of an application inside tokens and profiles.
func DomainID(appID string) string { return FixedID("domain", appID) }

// ProviderID is the id of a provider of an application, as profiles show it.
func ProviderID(appID, provider string) string { return FixedID("provider", appID, provider) }
