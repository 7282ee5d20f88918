package datasource

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
	"dossier/backend/store"
	"dossier/model"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// crowd is a collection that answers when it is let, and counts who is inside. Each document it gives is large.
type crowd struct {
	collection
	inside atomic.Int32
	let    chan struct{}
}

func (c *crowd) wait(ctx context.Context) error {
	c.inside.Add(1)
	defer c.inside.Add(-1)
	select {
	case <-c.let:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *crowd) Aggregate(ctx context.Context, _ any) ([]bson.Raw, error) { return nil, c.wait(ctx) }

func (c *crowd) Count(ctx context.Context, _ any, _ int64) (int64, error) { return 0, c.wait(ctx) }

func (c *crowd) Each(ctx context.Context, _ any, _ store.Find, f func(bson.Raw) error) error {
	large, err := bson.Marshal(bson.D{{Key: "t", Value: make([]byte, light)}})
	if err != nil {
		return err
	}
	if err := f(large); err != nil {
		return err
	}
	return c.wait(ctx)
}

// ask calls a function for some people, several times each, and gives what ends the calls that still run: their errors.
func ask(ctx context.Context, t *testing.T, c *crowd, function string, people, each int) (end func() []error, s *Sources) {
	t.Helper()
	a, err := app.Read(app.Demo(), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s = New(a, nil, time.Now)
	s.open = func(string, string, string) (collection, bool) { return c, true }
	arg := raw(t, `{"database":"app","collection":"custom_user_data"}`)
	done := make(chan error, people*each)
	for i := range people {
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
		close(c.let)
		var errs []error
		for range people * each {
			if err := <-done; err != nil {
				errs = append(errs, err)
			}
		}
		return errs
	}, s
}

// TestLanes: one person has a few calls at a time and one that is heavy, all people together a few of those; nobody is
// turned away, and nothing is left behind.
func TestLanes(t *testing.T) {
	for _, c := range []struct {
		function             string
		people, each, inside int
	}{
		{"count", 1, 100, maxPersonCalls},
		{"count", 3, 10, 3 * maxPersonCalls},
		{"aggregate", 1, 20, 1},
		{"aggregate", 20, 2, maxHeavy},
		{"find", 1, 20, 1},
		{"find", 20, 2, maxHeavy},
	} {
		synctest.Test(t, func(t *testing.T) {
			crowded := &crowd{let: make(chan struct{})}
			end, s := ask(t.Context(), t, crowded, c.function, c.people, c.each)
			if got := int(crowded.inside.Load()); got != c.inside {
				t.Errorf("%s by %d people: %d at a time, want %d", c.function, c.people, got, c.inside)
			}
			if errs := end(); len(errs) > 0 {
				t.Errorf("%s by %d people: %v", c.function, c.people, errs)
			}
			if len(s.lanes.each) > 0 || len(s.lanes.heavy) > 0 {
				t.Errorf("%s by %d people leaves %d lanes and %d heavy calls behind", c.function, c.people, len(s.lanes.each), len(s.lanes.heavy))
			}
		})
	}
}

// TestLanesAreLeft: whoever waits no longer than they may is told to come back, and gives back what they had.
func TestLanesAreLeft(t *testing.T) {
	for _, function := range []string{"count", "aggregate", "find"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			end, s := ask(ctx, t, &crowd{let: make(chan struct{})}, function, 20, 20)
			stop()
			synctest.Wait()
			busy := 0
			for _, err := range end() {
				var e *api.Error
				if errors.As(err, &e) && e.Status == 503 && e.RetryAfter > 0 {
					busy++
				}
			}
			if inside := map[string]int{"count": 20 * maxPersonCalls, "aggregate": maxHeavy, "find": maxHeavy}[function]; busy != 400-inside {
				t.Errorf("%s: %d of 400 were told to come back, %d were inside", function, busy, inside)
			}
			if len(s.lanes.each) > 0 || len(s.lanes.heavy) > 0 {
				t.Errorf("%s leaves %d lanes and %d heavy calls behind", function, len(s.lanes.each), len(s.lanes.heavy))
			}
		})
	}
}
