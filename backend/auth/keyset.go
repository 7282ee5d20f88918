package auth

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"dossier/backend/api"
)

// How long published keys are believed, and how often their issuer is asked.
const (
	keysFresh = time.Hour        // then they are fetched again before the next use
	keysLast  = 24 * time.Hour   // while the issuer does not answer, known keys hold so long
	keysPause = 10 * time.Second // between two requests: tokens with made-up key ids must not make the service hammer an issuer
)

// keySet is the keys that an issuer publishes at an address: fetched when they are needed, and again when a token names one that is not known.
type keySet struct {
	url   string
	fetch func(ctx context.Context, url string) ([]byte, error)
	now   func() time.Time
	gate  chan struct{} // held by who fetches

	mu      sync.Mutex
	keys    []verifyingKey
	fetched time.Time // when they came
	asked   time.Time // when they were last asked for
	failure error     // of that request
}

func newKeySet(url string, fetch func(context.Context, string) ([]byte, error), now func() time.Time) *keySet {
	return &keySet{url: url, fetch: fetch, now: now, gate: make(chan struct{}, 1)}
}

// find gives the keys for a key id and an algorithm, none when the issuer has none. An issuer that does not answer is 503: it says nothing
// about who somebody is.
func (s *keySet) find(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) ([]verifyingKey, error) {
	if keys, settled, err := s.known(id, algorithm); settled {
		return keys, err
	}
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if keys, settled, err := s.known(id, algorithm); settled {
		return keys, err // somebody else fetched meanwhile
	}
	s.refresh(ctx)
	keys, _, err := s.known(id, algorithm)
	return keys, err
}

// known answers from what was fetched; it is settled unless it is time to ask the issuer.
func (s *keySet) known(id string, algorithm jose.SignatureAlgorithm) (keys []verifyingKey, settled bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	age := now.Sub(s.fetched)
	if age < keysLast {
		keys = choose(s.keys, id, algorithm)
	}
	settled = age < keysFresh && len(keys) > 0 || now.Sub(s.asked) < keysPause
	if len(keys) == 0 && s.failure != nil {
		err = &api.Error{Status: http.StatusServiceUnavailable, Message: "the issuer of the tokens does not answer: try again", RetryAfter: keysPause, Err: s.failure}
	}
	return keys, settled, err
}

// refresh asks the issuer. Who asked for it may go, and shall not count as an issuer that did not answer.
func (s *keySet) refresh(ctx context.Context) {
	var keys []verifyingKey
	text, err := s.get(context.WithoutCancel(ctx))
	if err == nil {
		keys, err = parseKeySet(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.failure = s.now(), err
	if err == nil {
		s.keys, s.fetched = keys, s.asked
	}
}

func (s *keySet) get(ctx context.Context) ([]byte, error) {
	if s.fetch == nil {
		return nil, errors.New("this service fetches no key sets")
	}
	return s.fetch(ctx, s.url)
}

// choose picks the keys that a token may be signed with: the one it names, or when it names none all of its algorithm.
func choose(keys []verifyingKey, id string, algorithm jose.SignatureAlgorithm) []verifyingKey {
	var list []verifyingKey
	for _, k := range keys {
		if k.algorithm == algorithm && (id == "" || k.id == id) {
			list = append(list, k)
		}
	}
	return list
}
