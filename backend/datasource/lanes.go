package datasource

import (
	"context"
	"net/http"
	"sync"
	"time"

	"dossier/backend/api"
)

const (
	// maxPersonCalls is how many calls of one person run at a time; the others wait.
	maxPersonCalls = 8
	// maxHeavy is how many calls run at a time that compute or hold much, of all people together; of one person it is one.
	maxHeavy = 4
	// light is how many bytes a query may hold before it is one that holds much.
	light = 1 << 20
)

// lanes keep one person from taking the service, and all together from taking the machine. Who finds no room waits.
// What functions of the application ask takes no room here: a call that holds room waits for functions that its rules ask,
// and one of a function that a client calls (Enter) holds it already.
type lanes struct {
	mu    sync.Mutex
	each  map[string]*lane // by user id, while there are calls
	heavy chan struct{}
}

// lane is the room of one person.
type lane struct {
	calls, heavy chan struct{}
	users        int
}

func newLanes() *lanes {
	return &lanes{each: map[string]*lane{}, heavy: make(chan struct{}, maxHeavy)}
}

// enter waits for room in a person's lane.
func (l *lanes) enter(ctx context.Context, person string) (*visit, error) {
	l.mu.Lock()
	own := l.each[person]
	if own == nil {
		own = &lane{calls: make(chan struct{}, maxPersonCalls), heavy: make(chan struct{}, 1)}
		l.each[person] = own
	}
	own.users++
	l.mu.Unlock()
	v := &visit{lanes: l, lane: own, person: person}
	if err := v.take(ctx, own.calls); err != nil {
		v.leave()
		return nil, err
	}
	return v, nil
}

// Enter waits for room for a call of a person that is another than those of Call, such as one of a function; leave gives it back.
func (s *Sources) Enter(ctx context.Context, person string) (leave func(), err error) {
	v, err := s.lanes.enter(ctx, person)
	if err != nil {
		return nil, err
	}
	return v.leave, nil
}

// visit is one call and the room that it holds. The nil visit needs none.
type visit struct {
	lanes   *lanes
	lane    *lane
	person  string
	held    []chan struct{}
	isHeavy bool
}

// grow waits for the room of a call that computes or holds much.
func (v *visit) grow(ctx context.Context) error {
	if v == nil || v.isHeavy {
		return nil
	}
	v.isHeavy = true
	if err := v.take(ctx, v.lane.heavy); err != nil {
		return err
	}
	return v.take(ctx, v.lanes.heavy)
}

func (v *visit) take(ctx context.Context, room chan struct{}) error {
	select {
	case room <- struct{}{}:
		v.held = append(v.held, room)
		return nil
	case <-ctx.Done():
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "too much is being asked at once: try again", RetryAfter: time.Second, Err: context.Cause(ctx)}
	}
}

func (v *visit) leave() {
	for _, room := range v.held {
		<-room
	}
	v.lanes.mu.Lock()
	defer v.lanes.mu.Unlock()
	if v.lane.users--; v.lane.users == 0 {
		delete(v.lanes.each, v.person)
	}
}
