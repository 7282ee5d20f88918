package embedded

import (
	"sync"
	"time"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// sessionAge is how long a session that is not used is remembered (MongoDB: localLogicalSessionTimeoutMinutes).
const sessionAge = 30 * time.Minute

// retries remembers the last write of every session, so that one sent again after a broken connection is answered
// and not done twice. It is kept in memory: who could send it again lives no longer than this process's connections.
type retries struct {
	mu       *sync.Mutex
	sessions map[string]*session
}

type session struct {
	sync.Mutex
	number int64
	reply  bson.Raw
	used   time.Time
}

func newRetries() retries { return retries{mu: &sync.Mutex{}, sessions: map[string]*session{}} }

// once runs a write, or gives the reply of the same write done before. Without a number there is nothing to remember.
func (rs *retries) once(lsid, number any, now time.Time, run func() (bson.Raw, error)) (bson.Raw, error) {
	n, ok := query.WholeNumber(number)
	if !ok || lsid == nil {
		return run()
	}
	s := rs.session(binaryKey(lsid), now)
	s.Lock()
	defer s.Unlock()
	if s.reply != nil && n == s.number {
		return s.reply, nil
	}
	if n < s.number {
		return nil, query.Errorf(query.TransactionTooOld, "Retryable write with txnNumber %d is prohibited on session because a newer retryable write with txnNumber %d has already started on this session.", n, s.number)
	}
	reply, err := run()
	s.number, s.reply = n, reply
	if err != nil {
		s.reply = nil
	}
	return reply, err
}

func (rs *retries) session(key string, now time.Time) *session {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.sessions[key]
	if s == nil {
		if len(rs.sessions)%1024 == 1023 {
			for other, old := range rs.sessions {
				if now.Sub(old.used) > sessionAge {
					delete(rs.sessions, other)
				}
			}
		}
		s = &session{number: -1}
		rs.sessions[key] = s
	}
	s.used = now
	return s
}

// end forgets sessions.
func (rs *retries) end(ids bson.A) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, id := range ids {
		delete(rs.sessions, binaryKey(id))
	}
}
