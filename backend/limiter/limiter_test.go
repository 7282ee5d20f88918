package limiter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// expectIdle checks that no operation holds a slot and that no key is remembered.
func expectIdle(t *testing.T, l *Limiter) {
	t.Helper()
	if n := l.InUse(); n != 0 || len(l.keys) != 0 {
		t.Errorf("%d operations and %d keys are left, want none", n, len(l.keys))
	}
}

// run starts n operations per key, each of which holds its slot for a second, and returns how long all of them take.
func run(t *testing.T, l *Limiter, n int, keys ...string) time.Duration {
	t.Helper()
	start := time.Now()
	errs := make(chan error)
	for _, key := range keys {
		for range n {
			go func() {
				var s Slots
				defer s.Release()
				err := s.Acquire(t.Context(), l, key)
				time.Sleep(time.Second)
				errs <- err
			}()
		}
	}
	for range n * len(keys) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	synctest.Wait()
	return time.Since(start)
}

func TestAcquireLimitsConcurrency(t *testing.T) {
	for name, c := range map[string]struct {
		limits Limits
		n      int
		keys   []string
		took   time.Duration
	}{
		"no limits":        {Limits{}, 20, []string{"a", "b"}, time.Second},
		"one key":          {Limits{PerKey: 8}, 24, []string{"a"}, 3 * time.Second},
		"several keys":     {Limits{PerKey: 8}, 16, []string{"a", "b", "c"}, 2 * time.Second},
		"total":            {Limits{Total: 4}, 8, []string{"a", "b"}, 4 * time.Second},
		"one per key":      {Limits{PerKey: 1, Total: 4}, 3, []string{"a"}, 3 * time.Second},
		"key and total":    {Limits{PerKey: 1, Total: 2}, 1, []string{"a", "b", "c", "d"}, 2 * time.Second},
		"fewer than slots": {Limits{PerKey: 8, Total: 8}, 1, []string{"a", "b"}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(c.limits)
				if took := run(t, l, c.n, c.keys...); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
				expectIdle(t, l)
			})
		})
	}
}

func TestTryAcquireDoesNotWait(t *testing.T) {
	l := New(Limits{PerKey: 2, Total: 3})
	var a, b Slots
	for _, c := range []struct {
		slots *Slots
		key   string
		want  bool
	}{{&a, "a", true}, {&a, "a", true}, {&a, "a", false}, {&b, "b", true}, {&b, "b", false}, {&b, "c", false}} {
		if got := c.slots.TryAcquire(l, c.key); got != c.want {
			t.Errorf("key %s with %d in use: %t, want %t", c.key, l.InUse(), got, c.want)
		}
	}
	if n := l.InUse(); n != 3 {
		t.Errorf("%d in use, want 3", n)
	}
	a.Release()
	a.Release()
	if !b.TryAcquire(l, "b") || b.TryAcquire(l, "b") {
		t.Error("key b has not exactly one slot left")
	}
	b.Release()
	expectIdle(t, l)
}

// An operation may take slots of several limiters, one after the other; one Release frees them all.
func TestSlotsOfSeveralLimiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, heavy := New(Limits{PerKey: 8}), New(Limits{PerKey: 1, Total: 4})
		var first, second Slots
		for _, s := range []*Slots{&first, &second} {
			if err := s.Acquire(t.Context(), calls, "a"); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.Acquire(t.Context(), heavy, "a"); err != nil {
			t.Fatal(err)
		}
		acquired := make(chan error, 1)
		go func() { acquired <- second.Acquire(t.Context(), heavy, "a") }()
		synctest.Wait()
		if len(acquired) != 0 || calls.InUse() != 2 || heavy.InUse() != 2 {
			t.Fatalf("acquired %d times, with %d calls and %d heavy ones in use", len(acquired), calls.InUse(), heavy.InUse())
		}
		first.Release()
		if err := <-acquired; err != nil {
			t.Fatal(err)
		}
		second.Release()
		expectIdle(t, calls)
		expectIdle(t, heavy)
	})
}

// A context that ends while an operation waits, for the key's slot or for the total, leaves nothing behind.
func TestAcquireEndsWithItsContext(t *testing.T) {
	for name, limits := range map[string]Limits{"key": {PerKey: 1}, "total": {PerKey: 2, Total: 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(limits)
				var holder, waiter Slots
				if !holder.TryAcquire(l, "a") {
					t.Fatal("a new limiter has no slot")
				}
				tooLong := errors.New("too long")
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, tooLong)
				defer cancel()
				if err := waiter.Acquire(ctx, l, "a"); !errors.Is(err, tooLong) {
					t.Errorf("got %v, want %v", err, tooLong)
				}
				if n := l.InUse(); n != 1 {
					t.Errorf("%d in use, want 1", n)
				}
				waiter.Release()
				holder.Release()
				expectIdle(t, l)
				if !waiter.TryAcquire(l, "a") {
					t.Error("the slot is not free again")
				}
			})
		})
	}
}
