package limiter

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"
)

// Slots are the slots that one operation holds, of one or more limiters. The zero value holds none.
// One goroutine uses it at a time.
type Slots struct {
	releases []func()
}

// errFull is returned inside the package by an attempt that does not wait.
var errFull = errors.New("no slot is free")

// Acquire waits for a slot of the key and one of the limiter's total. It fails only when ctx ends, with its cause, and
// then leaves what s holds unchanged.
func (s *Slots) Acquire(ctx context.Context, l *Limiter, key string) error {
	return s.acquire(l, key, func(sem *semaphore.Weighted) error {
		if sem == nil {
			return nil
		}
		if err := sem.Acquire(ctx, 1); err != nil {
			return context.Cause(ctx)
		}
		return nil
	})
}

// TryAcquire is Acquire without waiting. It reports false, and leaves s unchanged, when a slot is not free.
func (s *Slots) TryAcquire(l *Limiter, key string) bool {
	return s.acquire(l, key, func(sem *semaphore.Weighted) error {
		if sem != nil && !sem.TryAcquire(1) {
			return errFull
		}
		return nil
	}) == nil
}

func (s *Slots) acquire(l *Limiter, key string, take func(*semaphore.Weighted) error) error {
	release, err := l.acquire(key, take)
	if err == nil {
		s.releases = append(s.releases, release)
	}
	return err
}

// Release frees every slot that s holds, the latest first. It may be called more than once.
func (s *Slots) Release() {
	for len(s.releases) > 0 {
		last := len(s.releases) - 1
		s.releases[last]()
		s.releases = s.releases[:last]
	}
}
