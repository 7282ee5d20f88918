package server

import (
	"net/netip"
	"sync"
	"time"

	limiter "golang.org/x/time/rate"
)

// rate limits how many requests a second one address may send to this process. It keeps honest what a database-wide count would be too slow for;
// several processes each count for themselves. The machine itself is not limited.
type rate struct {
	limit limiter.Limit // 0: none
	burst int

	mu     sync.Mutex
	places map[string]*limiter.Limiter
	swept  time.Time
}

// maxPlaces is how many addresses are remembered; each takes about 200 bytes.
const maxPlaces = 100_000

func newRate(perSecond float64) *rate {
	return &rate{limit: limiter.Limit(perSecond), burst: max(1, int(2*perSecond)), places: map[string]*limiter.Limiter{}}
}

// take counts one request and gives how long to wait first; 0: it may pass.
func (l *rate) take(a netip.Addr, now time.Time) time.Duration {
	if l.limit <= 0 || !a.IsValid() || a.IsLoopback() {
		return 0
	}
	booking := l.of(place(a), now).ReserveN(now, 1)
	wait := booking.DelayFrom(now)
	if wait > 0 {
		booking.CancelAt(now)
	}
	return wait
}

// of is the account of one place.
func (l *rate) of(where string, now time.Time) *limiter.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.places[where]
	if one == nil {
		l.sweep(now)
		one = limiter.NewLimiter(l.limit, l.burst)
		l.places[where] = one
	}
	return one
}

// sweep forgets the addresses that were quiet, once a second at most when there are many; if all are busy, it forgets all.
func (l *rate) sweep(now time.Time) {
	if len(l.places) < maxPlaces/10 || now.Sub(l.swept) < time.Second && len(l.places) < maxPlaces {
		return
	}
	l.swept = now
	for where, one := range l.places {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.places, where)
		}
	}
	if len(l.places) >= maxPlaces {
		clear(l.places)
	}
}
