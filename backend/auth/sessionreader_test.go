package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// slowSessions is a collection of sessions whose reads take a second. A session exists from its time on.
type slowSessions struct {
	mu      sync.Mutex
	batches []int // how many sessions each read asks for
	ended   map[string]bool
	err     error
}

func (s *slowSessions) aggregate(ctx context.Context, pipeline any) ([]bson.Raw, error) {
	match, _ := bson.Raw(pipeline.(bsoncore.Array)).LookupErr("0", "$match", "_id", "$in")
	ids, err := match.Array().Values()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.batches = append(s.batches, len(ids))
	var docs []bson.Raw
	for _, id := range ids {
		if !s.ended[id.StringValue()] {
			doc, _ := bson.Marshal(bson.D{{Key: "_id", Value: id}})
			docs = append(docs, doc)
		}
	}
	failure := s.err
	s.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return docs, failure
}

// Requests that arrive during a read share the next one, and each gets its own session.
func TestSessionReaderSharesReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &slowSessions{ended: map[string]bool{"s7": true}}
		r := &sessionReader{aggregate: db.aggregate}
		var all sync.WaitGroup
		for n := range 100 {
			all.Go(func() {
				id := fmt.Sprint("s", n)
				doc, err := r.read(t.Context(), id)
				if found := doc != nil && doc.Lookup("_id").StringValue() == id; err != nil || found == (n == 7) {
					t.Errorf("session %s: %s, %v", id, doc, err)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		if slices.Sort(db.batches); !slices.Equal(db.batches, []int{1, 1, 1, 1, 1, 1, 1, 1, 28, 64}) {
			t.Errorf("reads of %v sessions", db.batches)
		}
		if r.running != 0 || len(r.waiting) != 0 {
			t.Errorf("%d reads run and %d wait", r.running, len(r.waiting))
		}
	})
}

// A session that ends while a read is in progress is not found by requests after its end.
func TestSessionReaderSeesTheLatestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &slowSessions{ended: map[string]bool{}}
		r := &sessionReader{aggregate: db.aggregate}
		for range maxSessionReads {
			go func() { _, _ = r.read(t.Context(), "s") }()
		}
		synctest.Wait()
		db.mu.Lock()
		db.ended["s"] = true
		db.mu.Unlock()
		if doc, err := r.read(t.Context(), "s"); doc != nil || err != nil {
			t.Errorf("after its end the session is %s, %v", doc, err)
		}
		synctest.Wait()
	})
}

// A request that is cancelled does not fail those that share its read; a failed read fails all of them.
func TestSessionReaderFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the database does not respond")
		db := &slowSessions{}
		r := &sessionReader{aggregate: db.aggregate}
		for range maxSessionReads {
			go func() { _, _ = r.read(t.Context(), "s") }()
		}
		synctest.Wait()
		var all sync.WaitGroup
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			if _, err := r.read(ctx, "s"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the cancelled request: %v", err)
			}
		})
		all.Go(func() {
			if doc, err := r.read(t.Context(), "s"); doc == nil || err != nil {
				t.Errorf("the request beside it: %s, %v", doc, err)
			}
		})
		all.Wait()
		db.mu.Lock()
		db.err = failure
		db.mu.Unlock()
		for range 10 {
			all.Go(func() {
				if _, err := r.read(t.Context(), "s"); !errors.Is(err, failure) {
					t.Errorf("with a failing database: %v", err)
				}
			})
		}
		all.Wait()
		synctest.Wait()
	})
}

// Both ways to read a session return the same: a join, and two finds where these take less time.
func TestSessionIsReadWithItsUser(t *testing.T) {
	f := start(t)
	tokens, _ := f.mustSignIn(Credential{Provider: api.Anonymous})
	c, err := f.signer.verify(tokens.Access.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	check := func(state string, want func(row *sessionRow, u *directory.User) bool) {
		t.Helper()
		for name, find := range map[string]func(context.Context, string) (*sessionRow, *directory.User, error){
			"apart": f.sessions.findApart, "joined": f.sessions.findJoined} {
			if row, u, err := find(t.Context(), c.Issuer); err != nil || !want(row, u) {
				t.Errorf("%s, %s: %+v, %+v, %v", state, name, row, u, err)
			}
		}
		joined, user, _ := f.sessions.findJoined(t.Context(), c.Issuer)
		apart, sameUser, _ := f.sessions.findApart(t.Context(), c.Issuer)
		if !reflect.DeepEqual(joined, apart) || !reflect.DeepEqual(user, sameUser) {
			t.Errorf("%s: joined %+v, %+v; apart %+v, %+v", state, joined, user, apart, sameUser)
		}
	}
	check("signed in", func(row *sessionRow, u *directory.User) bool {
		return row.ID == c.Issuer && row.UserID == tokens.UserID && row.RefreshSHA256 != "" &&
			row.DeviceID == tokens.DeviceID &&
			row.ExpiresAt.Equal(f.now.Add(DefaultRefreshLife)) && u.ID == tokens.UserID && len(u.Identities) == 1
	})
	if err := f.directory.RevokeSessions(t.Context(), tokens.UserID); err != nil {
		t.Fatal(err)
	}
	check("revoked", func(row *sessionRow, u *directory.User) bool { return u.Epoch == row.Epoch+1 })
	if err := f.directory.DeleteUser(t.Context(), tokens.UserID); err != nil {
		t.Fatal(err)
	}
	check("user deleted", func(row *sessionRow, u *directory.User) bool { return row != nil && u == nil })
	if _, err := f.sessions.delete(t.Context(), c.Issuer); err != nil {
		t.Fatal(err)
	}
	check("signed out", func(row *sessionRow, u *directory.User) bool { return row == nil && u == nil })
}
