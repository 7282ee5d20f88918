package auth

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/semaphore"

	"dossier/backend/api"
)

// How long a fetched key set is used, and how often it is fetched.
const (
	keySetTTL        = time.Hour        // fetched again before the next use
	keySetMaxAge     = 24 * time.Hour   // used this long while the issuer does not respond
	keySetRetryDelay = 10 * time.Second // between fetches: tokens with invented key ids must not cause a request each
)

// keySet is an issuer's published key set (JWKS): fetched when first used, and again when a token names an unknown key.
type keySet struct {
	url      string
	fetch    func(ctx context.Context, url string) ([]byte, error)
	now      func() time.Time
	fetching *semaphore.Weighted // one fetch at a time

	mu          sync.Mutex
	keys        []verificationKey
	fetchedAt   time.Time // time of the last successful fetch
	attemptedAt time.Time // time of the last fetch
	fetchErr    error     // of the last fetch
}

func newKeySet(url string, fetch func(context.Context, string) ([]byte, error), now func() time.Time) *keySet {
	return &keySet{url: url, fetch: fetch, now: now, fetching: semaphore.NewWeighted(1)}
}

// find returns the keys for a key id and an algorithm; none when the issuer has none. It fails with 503 when the issuer
// does not respond: that says nothing about the token.
func (s *keySet) find(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) ([]verificationKey, error) {
	if keys, settled, err := s.cached(id, algorithm); settled {
		return keys, err
	}
	if err := s.fetching.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.fetching.Release(1)
	if keys, settled, err := s.cached(id, algorithm); settled {
		return keys, err // another request fetched the set
	}
	s.refresh(ctx)
	keys, _, err := s.cached(id, algorithm)
	return keys, err
}

// cached returns the cached keys that match; settled reports that no fetch is needed now.
func (s *keySet) cached(id string, algorithm jose.SignatureAlgorithm) (keys []verificationKey, settled bool,
	err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	age := now.Sub(s.fetchedAt)
	if age < keySetMaxAge {
		keys = selectKeys(s.keys, id, algorithm)
	}
	settled = age < keySetTTL && len(keys) > 0 || now.Sub(s.attemptedAt) < keySetRetryDelay
	if len(keys) == 0 && s.fetchErr != nil {
		err = &api.Error{Status: http.StatusServiceUnavailable, Message: "the token issuer does not respond: try again",
			RetryAfter: keySetRetryDelay, Err: s.fetchErr}
	}
	return keys, settled, err
}

// refresh fetches the set. A request that is cancelled does not cancel the fetch and does not count as a failed one.
func (s *keySet) refresh(ctx context.Context) {
	var keys []verificationKey
	text, err := s.fetchSet(context.WithoutCancel(ctx))
	if err == nil {
		keys, err = parseKeySet(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attemptedAt, s.fetchErr = s.now(), err
	if err == nil {
		s.keys, s.fetchedAt = keys, s.attemptedAt
	}
}

func (s *keySet) fetchSet(ctx context.Context) ([]byte, error) {
	if s.fetch == nil {
		return nil, errors.New("fetch a key set: no fetcher is configured")
	}
	return s.fetch(ctx, s.url)
}

// selectKeys returns the keys that match a token's algorithm and, if it names one, its key id.
func selectKeys(keys []verificationKey, id string, algorithm jose.SignatureAlgorithm) []verificationKey {
	var list []verificationKey
	for _, k := range keys {
		if k.algorithm == algorithm && (id == "" || k.id == id) {
			list = append(list, k)
		}
	}
	return list
}
