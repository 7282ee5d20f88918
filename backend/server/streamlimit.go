package server

import (
	"net/http"
	"time"

	"dossier/backend/api"
	"dossier/backend/limiter"
)

// maxStreams is how many streams one user may have open at a time. Each keeps a connection to the database.
const maxStreams = 50

// streamLimit limits the open streams of each user in this process.
type streamLimit struct{ perUser *limiter.Limiter }

func newStreamLimit() *streamLimit {
	return &streamLimit{limiter.New(limiter.Limits{PerKey: maxStreams})}
}

// acquire counts one stream until release is called. It does not wait: one too many is refused with 429.
func (l *streamLimit) acquire(user string) (release func(), err error) {
	var slots limiter.Slots
	if !slots.TryAcquire(l.perUser, user) {
		return nil, tooMany("too many streams are open: close one first")
	}
	return slots.Release, nil
}

func tooMany(message string) error {
	return &api.Error{Status: http.StatusTooManyRequests, Message: message, RetryAfter: time.Second}
}
