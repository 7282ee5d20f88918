package embedded

import (
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// sessionTimeout is the lifetime of an unused session (MongoDB: localLogicalSessionTimeoutMinutes).
const sessionTimeout = 30 * time.Minute

// retryableWrites keeps the reply of the last write of every session, so that a write repeated after a broken
// connection is not applied twice. It is in memory only: a client that can repeat a write does not outlive this
// process's connections.
type retryableWrites struct {
	mu       *sync.Mutex
	sessions map[string]*session
}

type session struct {
	sync.Mutex
	number int64
	reply  [][]byte
	used   time.Time
}

func newRetryableWrites() retryableWrites {
	return retryableWrites{mu: &sync.Mutex{}, sessions: map[string]*session{}}
}

// once runs a write, or returns the reply of the same earlier write. A write without a number always runs.
func (rs *retryableWrites) once(lsid, number any, now time.Time, run func() ([][]byte, error)) ([][]byte, error) {
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
		return nil, query.Errorf(query.TransactionTooOld,
			"Retryable write with txnNumber %d is prohibited on session because a newer retryable write with txnNumber %d has "+
				"already started on this session.", n, s.number)
	}
	reply, err := run()
	s.number, s.reply = n, reply
	if err != nil {
		s.reply = nil
	}
	return reply, err
}

func (rs *retryableWrites) session(key string, now time.Time) *session {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.sessions[key]
	if s == nil {
		if len(rs.sessions)%1024 == 1023 {
			for other, old := range rs.sessions {
				if now.Sub(old.used) > sessionTimeout {
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

// end removes sessions.
func (rs *retryableWrites) end(ids bson.A) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, id := range ids {
		delete(rs.sessions, binaryKey(id))
	}
}
