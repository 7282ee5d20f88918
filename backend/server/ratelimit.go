package server

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rateLimiter limits the requests per second of each client address in this process. It is for loads that a count in
// the database would be too slow for; several processes count separately. Loopback addresses are not limited.
type rateLimiter struct {
	limit rate.Limit // 0: no limit
	burst int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by rateLimitKey
	swept    time.Time                // when idle limiters were removed last
}

// maxRateLimiters is how many addresses are remembered; each takes about 200 bytes.
const maxRateLimiters = 100_000

func newRateLimiter(perSecond float64) *rateLimiter {
	return &rateLimiter{
		limit: rate.Limit(perSecond), burst: max(1, int(2*perSecond)), limiters: map[string]*rate.Limiter{},
	}
}

// reserve counts one request. It returns 0 when the request may pass, else how long the client has to wait; then the
// request does not count.
func (l *rateLimiter) reserve(a netip.Addr, now time.Time) time.Duration {
	if l.limit <= 0 || !a.IsValid() || a.IsLoopback() {
		return 0
	}
	reservation := l.limiterFor(rateLimitKey(a), now).ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

func (l *rateLimiter) limiterFor(key string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.limiters[key]
	if one == nil {
		l.sweep(now)
		one = rate.NewLimiter(l.limit, l.burst)
		l.limiters[key] = one
	}
	return one
}

// sweep removes the limiters of idle addresses, at most once a second and only when there are many; if none is idle and
// the maximum is reached, it removes all.
func (l *rateLimiter) sweep(now time.Time) {
	if len(l.limiters) < maxRateLimiters/10 || now.Sub(l.swept) < time.Second && len(l.limiters) < maxRateLimiters {
		return
	}
	l.swept = now
	for key, one := range l.limiters {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.limiters, key)
		}
	}
	if len(l.limiters) >= maxRateLimiters {
		clear(l.limiters)
	}
}
