package backendtest

import (
	"sync"
	"time"
)

// StartTime is the time of a new clock.
var StartTime = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)

// Clock is a fake clock. It stands still until Advance moves it. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at StartTime.
func NewClock() *Clock { return &Clock{now: StartTime} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
