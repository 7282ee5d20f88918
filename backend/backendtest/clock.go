package backendtest

import (
	"sync"
	"time"
)

// StartTime is the moment a clock starts at.
var StartTime = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at Began.
func NewClock() *Clock { return &Clock{now: StartTime} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
