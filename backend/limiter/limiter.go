package limiter

import (
	"sync"

	"golang.org/x/sync/semaphore"
)

// Limits are how many slots a Limiter has. Zero is no limit.
type Limits struct {
	PerKey int
	Total  int
}

// Limiter is a set of slots, some for each key and some shared by all keys. It is safe for concurrent use.
// It remembers a key only while an operation holds or waits for one of its slots.
type Limiter struct {
	limits Limits
	total  *semaphore.Weighted // nil: no limit

	mu   sync.Mutex
	keys map[string]*keySlots
}

// keySlots are the slots of one key.
type keySlots struct {
	free *semaphore.Weighted // nil: no limit
	refs int                 // operations that hold or wait for a slot
}

// New returns a limiter whose slots are all free.
func New(limits Limits) *Limiter {
	return &Limiter{limits: limits, total: newSemaphore(limits.Total), keys: map[string]*keySlots{}}
}

func newSemaphore(n int) *semaphore.Weighted {
	if n == 0 {
		return nil
	}
	return semaphore.NewWeighted(int64(n))
}

// InUse returns how many operations hold or wait for a slot.
func (l *Limiter) InUse() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, k := range l.keys {
		n += k.refs
	}
	return n
}

// acquire takes a slot of the key, then one of the total, with take for each. It holds both or none.
func (l *Limiter) acquire(key string, take func(*semaphore.Weighted) error) (release func(), err error) {
	k := l.ref(key)
	if err := take(k.free); err != nil {
		l.unref(key)
		return nil, err
	}
	if err := take(l.total); err != nil {
		giveBack(k.free)
		l.unref(key)
		return nil, err
	}
	return func() {
		giveBack(l.total)
		giveBack(k.free)
		l.unref(key)
	}, nil
}

// ref returns the slots of a key and counts one more operation on them.
func (l *Limiter) ref(key string) *keySlots {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.keys[key]
	if k == nil {
		k = &keySlots{free: newSemaphore(l.limits.PerKey)}
		l.keys[key] = k
	}
	k.refs++
	return k
}

// unref counts one operation less, and removes the entry of a key that is idle.
func (l *Limiter) unref(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.keys[key]
	if k.refs--; k.refs == 0 {
		delete(l.keys, key)
	}
}

func giveBack(s *semaphore.Weighted) {
	if s != nil {
		s.Release(1)
	}
}
