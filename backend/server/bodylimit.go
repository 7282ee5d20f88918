package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"dossier/backend/api"
)

// The bounds of calls with large bodies: a few slow ones would otherwise hold all the memory there is.
const (
	smallBody     = 1 << 20          // bytes; a call that sends more is large
	maxLargeCalls = 16               // at a time; the others wait with what they sent so far
	maxOwnLarge   = 8                // of one person
	largeTime     = 30 * time.Second // for the rest of a large body
)

// large is the room for large calls.
type large struct {
	places chan struct{}
	quota  *quota
}

func newLarge() large {
	return large{make(chan struct{}, maxLargeCalls), newQuota(maxOwnLarge, "too many large calls are going on: wait for one first")}
}

// enter waits for room until leave is called.
func (l large) enter(ctx context.Context, user string) (leave func(), err error) {
	left, err := l.quota.enter(user)
	if err != nil {
		return nil, err
	}
	select {
	case l.places <- struct{}{}:
		return func() { <-l.places; left() }, nil
	case <-ctx.Done():
		left()
		return nil, ctx.Err()
	}
}

// readCall reads the body of somebody's call. A large one has room until leave is called.
func (s *Server) readCall(w http.ResponseWriter, r *http.Request, user string) (text []byte, leave func(), err error) {
	body := http.MaxBytesReader(w, r.Body, api.MaxCallBody)
	text, err = readAll(io.LimitReader(body, smallBody+1), api.MaxCallBody)
	if err != nil || len(text) <= smallBody {
		return text, func() {}, err
	}
	if leave, err = s.large.enter(r.Context(), user); err != nil {
		return nil, nil, err
	}
	late := time.AfterFunc(largeTime, func() { _ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	if text, err = readAll(io.MultiReader(bytes.NewReader(text), body), api.MaxCallBody); err != nil {
		leave()
		return nil, nil, err
	}
	return text, leave, nil
}
