package datasource

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
	"dossier/backend/store"
	"dossier/model"
)

// blockedCollection counts its running operations, which end when release is closed. Each of its documents is large.
type blockedCollection struct {
	collection
	running atomic.Int32
	release chan struct{}
}

func (c *blockedCollection) wait(ctx context.Context) error {
	c.running.Add(1)
	defer c.running.Add(-1)
	select {
	case <-c.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *blockedCollection) Aggregate(ctx context.Context, _ any) ([]bson.Raw, error) {
	return nil, c.wait(ctx)
}

func (c *blockedCollection) Count(ctx context.Context, _ any, _ int64) (int64, error) {
	return 0, c.wait(ctx)
}

func (c *blockedCollection) Each(ctx context.Context, _ any, _ store.Find, f func(bson.Raw) error) error {
	large, err := bson.Marshal(bson.D{{Key: "t", Value: make([]byte, lightBytes)}})
	if err != nil {
		return err
	}
	if err := f(large); err != nil {
		return err
	}
	return c.wait(ctx)
}

// start calls a function for some users, several times each. end releases the running calls and returns the errors of
// all.
func start(
	ctx context.Context, t *testing.T, c *blockedCollection, function string, users, each int,
) (end func() []error, s *Sources) {
	t.Helper()
	a, err := app.Read(app.Demo(), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s = New(a, nil, time.Now)
	s.open = func(string, string, string) (collection, bool) { return c, true }
	arg := raw(t, `{"database":"app","collection":"custom_user_data"}`)
	done := make(chan error, users*each)
	for i := range users {
		caller := rules.Caller{User: model.User{ID: string(rune('a' + i))}}
		for range each {
			go func() {
				_, err := s.Call(ctx, caller, service, function, arg)
				done <- err
			}()
		}
	}
	synctest.Wait()
	return func() []error {
		close(c.release)
		var errs []error
		for range users * each {
			if err := <-done; err != nil {
				errs = append(errs, err)
			}
		}
		return errs
	}, s
}

// TestCallsAreLimited: one user runs a few calls at a time and one heavy call, all users together a few heavy calls; no
// call fails, and no slot stays taken.
func TestCallsAreLimited(t *testing.T) {
	for _, c := range []struct {
		function             string
		users, each, running int
	}{
		{"count", 1, 100, maxUserCalls},
		{"count", 3, 10, 3 * maxUserCalls},
		{"aggregate", 1, 20, 1},
		{"aggregate", 20, 2, maxHeavyCalls},
		{"find", 1, 20, 1},
		{"find", 20, 2, maxHeavyCalls},
	} {
		synctest.Test(t, func(t *testing.T) {
			blocked := &blockedCollection{release: make(chan struct{})}
			end, s := start(t.Context(), t, blocked, c.function, c.users, c.each)
			if got := int(blocked.running.Load()); got != c.running {
				t.Errorf("%s by %d users: %d at a time, want %d", c.function, c.users, got, c.running)
			}
			if errs := end(); len(errs) > 0 {
				t.Errorf("%s by %d users: %v", c.function, c.users, errs)
			}
			if calls, heavy := s.limits.calls.InUse(), s.limits.heavy.InUse(); calls > 0 || heavy > 0 {
				t.Errorf("%s by %d users leaves %d calls and %d heavy calls behind", c.function, c.users, calls, heavy)
			}
		})
	}
}

// TestWaitingCallsEnd: a call whose context ends while it waits fails with 503 and Retry-After and frees its slots.
func TestWaitingCallsEnd(t *testing.T) {
	for _, function := range []string{"count", "aggregate", "find"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			end, s := start(ctx, t, &blockedCollection{release: make(chan struct{})}, function, 20, 20)
			stop()
			synctest.Wait()
			busy := 0
			for _, err := range end() {
				var e *api.Error
				if errors.As(err, &e) && e.Status == 503 && e.RetryAfter > 0 {
					busy++
				}
			}
			if running := map[string]int{"count": 20 * maxUserCalls, "aggregate": maxHeavyCalls,
				"find": maxHeavyCalls}[function]; busy != 400-running {
				t.Errorf("%s: %d of 400 failed as busy while %d ran", function, busy, running)
			}
			if calls, heavy := s.limits.calls.InUse(), s.limits.heavy.InUse(); calls > 0 || heavy > 0 {
				t.Errorf("%s leaves %d calls and %d heavy calls behind", function, calls, heavy)
			}
		})
	}
}
