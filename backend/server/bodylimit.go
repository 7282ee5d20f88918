package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"dossier/backend/api"
	"dossier/backend/limiter"
)

// The limits on calls with large bodies. Without them a few slow clients would hold all of the memory.
const (
	smallBody        = 1 << 20          // bytes; a call with a longer body is large
	maxLargeCalls    = 16               // at a time; further ones wait with what they sent so far
	maxLargePerUser  = 8                // at a time; further ones are refused
	largeBodyTimeout = 30 * time.Second // to send the rest of a large body
)

// bodyLimit limits the concurrent calls with large bodies.
type bodyLimit struct{ perUser, total *limiter.Limiter }

func newBodyLimit() *bodyLimit {
	return &bodyLimit{
		perUser: limiter.New(limiter.Limits{PerKey: maxLargePerUser}),
		total:   limiter.New(limiter.Limits{Total: maxLargeCalls}),
	}
}

// acquire counts one large call until release is called. It refuses a call too many of one user with 429, and waits
// while all users together have too many.
func (l *bodyLimit) acquire(ctx context.Context, user string) (release func(), err error) {
	var slots limiter.Slots
	if !slots.TryAcquire(l.perUser, user) {
		return nil, tooMany("too many large calls at a time: wait until one of yours ends")
	}
	if err := slots.Acquire(ctx, l.total, user); err != nil {
		slots.Release()
		return nil, err
	}
	return slots.Release, nil
}

// readCallBody reads the body of a user's call. A large one counts as such until release is called.
func (s *Server) readCallBody(w http.ResponseWriter, r *http.Request, user string) (text []byte, release func(),
	err error) {
	body := http.MaxBytesReader(w, r.Body, api.MaxCallBody)
	text, err = readAll(io.LimitReader(body, smallBody+1), api.MaxCallBody)
	if err != nil || len(text) <= smallBody {
		return text, func() {}, err
	}
	if release, err = s.bodies.acquire(r.Context(), user); err != nil {
		return nil, nil, err
	}
	timeout := time.AfterFunc(largeBodyTimeout, func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1,
			0))
	})
	defer timeout.Stop()
	if text, err = readAll(io.MultiReader(bytes.NewReader(text), body), api.MaxCallBody); err != nil {
		release()
		return nil, nil, err
	}
	return text, release, nil
}
