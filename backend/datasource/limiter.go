package datasource

import (
	"context"
	"net/http"
	"time"

	"dossier/backend/api"
	"dossier/backend/limiter"
)

const (
	// maxUserCalls is how many calls of one user run at a time; further calls wait.
	maxUserCalls = 8
	// maxHeavyCalls is how many heavy calls (much computation or memory) of all users run at a time; of one user it is
	// one.
	maxHeavyCalls = 4
	// lightBytes is how many bytes a query may hold before its call is heavy.
	lightBytes = 1 << 20
)

// limits limits the concurrent calls per user, and the heavy ones in total. Operations of the application's functions
// take no slot: a call that holds a slot waits for them, and so does a client's call of a function (AcquireSlot).
type limits struct{ calls, heavy *limiter.Limiter }

func newLimits() limits {
	return limits{
		calls: limiter.New(limiter.Limits{PerKey: maxUserCalls}),
		heavy: limiter.New(limiter.Limits{PerKey: 1, Total: maxHeavyCalls}),
	}
}

// AcquireSlot waits for a slot for a user's call that Call does not run, such as one of a function. release frees it.
func (s *Sources) AcquireSlot(ctx context.Context, userID string) (release func(), err error) {
	c, err := s.limits.acquire(ctx, userID)
	if err != nil {
		return nil, err
	}
	return c.held.Release, nil
}

// acquire waits for a slot of a user.
func (l limits) acquire(ctx context.Context, userID string) (*callSlots, error) {
	c := &callSlots{limits: l, userID: userID}
	if err := c.held.Acquire(ctx, l.calls, userID); err != nil {
		return nil, tooManyCalls(err)
	}
	return c, nil
}

// callSlots are the slots of one call. A nil pointer is a call that needs none.
type callSlots struct {
	limits  limits
	userID  string
	held    limiter.Slots
	isHeavy bool
}

// escalate waits for the slot of a heavy call, once for each call.
func (c *callSlots) escalate(ctx context.Context) error {
	if c == nil || c.isHeavy {
		return nil
	}
	c.isHeavy = true
	if err := c.held.Acquire(ctx, c.limits.heavy, c.userID); err != nil {
		return tooManyCalls(err)
	}
	return nil
}

func tooManyCalls(err error) error {
	return &api.Error{
		Status: http.StatusServiceUnavailable, Message: "too many calls at once: try again", RetryAfter: time.Second,
		Err: err,
	}
}
