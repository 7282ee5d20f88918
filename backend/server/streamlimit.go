package server

import (
	"net/http"
	"sync"
	"time"

	"dossier/backend/api"
)

// quota is how many of something one person may have at a time in this process, so that they do not take what is for all.
type quota struct {
	most  int
	words string // of the refusal

	mu   sync.Mutex
	held map[string]int // by user id, while there are any
}

func newQuota(most int, words string) *quota {
	return &quota{most: most, words: words, held: map[string]int{}}
}

// enter counts one until leave is called, and refuses one too many with 429.
func (q *quota) enter(user string) (leave func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held[user] >= q.most {
		return nil, &api.Error{Status: http.StatusTooManyRequests, Message: q.words, RetryAfter: time.Second}
	}
	q.held[user]++
	return func() { q.left(user) }, nil
}

func (q *quota) left(user string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held[user]--; q.held[user] == 0 {
		delete(q.held, user)
	}
}
