package server

import (
	"net/http"
	"sync"
	"time"

	"dossier/backend/api"
)

// maxWatches is how many streams one person may have open at a time in this process. Each keeps a connection to the database.
const maxWatches = 50

// watchers counts the open streams of each person.
type watchers struct {
	mu   sync.Mutex
	open map[string]int // by user id, while there are any
}

// enter counts a stream until leave is called. It refuses one too many: a person must not take the streams of all.
func (w *watchers) enter(user string) (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[user] >= maxWatches {
		return nil, &api.Error{Status: http.StatusTooManyRequests, Message: "too many streams are open: close one first", RetryAfter: time.Second}
	}
	w.open[user]++
	return func() { w.left(user) }, nil
}

func (w *watchers) left(user string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[user]--; w.open[user] == 0 {
		delete(w.open, user)
	}
}
