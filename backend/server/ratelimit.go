package server

import (
	"net/netip"
	"sync"
	"time"

	limiter "golang.org/x/time/rate"
)

// rateLimiter limits how many requests a second one address may send to this process. It keeps honest what a database-wide count would be too slow for;
// several processes each count for themselves. The machine itself is not limited.
type rateLimiter struct {
	limit limiter.Limit // 0: none
	burst int

	mu       sync.Mutex
	limiters map[string]*limiter.Limiter
	swept    time.Time
}

// maxRateLimiters is how many addresses are remembered; each takes about 200 bytes.
const maxRateLimiters = 100_000

func newRateLimiter(perSecond float64) *rateLimiter {
	return &rateLimiter{limit: limiter.Limit(perSecond), burst: max(1, int(2*perSecond)), limiters: map[string]*limiter.Limiter{}}
}

// reserve counts one request and gives how long to wait first; 0: it may pass.
func (l *rateLimiter) reserve(a netip.Addr, now time.Time) time.Duration {
	if l.limit <= 0 || !a.IsValid() || a.IsLoopback() {
		return 0
	}
	booking := l.limiterFor(rateLimitKey(a), now).ReserveN(now, 1)
	wait := booking.DelayFrom(now)
	if wait > 0 {
		booking.CancelAt(now)
	}
	return wait
}

// limiterFor is the account of one place.
func (l *rateLimiter) limiterFor(where string, now time.Time) *limiter.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.limiters[where]
	if one == nil {
		l.sweep(now)
		one = limiter.NewLimiter(l.limit, l.burst)
		l.limiters[where] = one
	}
	return one
}

// sweep forgets the addresses that were quiet, once a second at most when there are many; if all are busy, it forgets all.
func (l *rateLimiter) sweep(now time.Time) {
	if len(l.limiters) < maxRateLimiters/10 || now.Sub(l.swept) < time.Second && len(l.limiters) < maxRateLimiters {
		return
	}
	l.swept = now
	for where, one := range l.limiters {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.limiters, where)
		}
	}
	if len(l.limiters) >= maxRateLimiters {
		clear(l.limiters)
	}
}
