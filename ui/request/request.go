// Package request runs numbered, cancellable requests with a deadline, off the event loop.
// Only the response to a runner's newest request is accepted.
//
// May import: nothing of ours.
package request

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// DefaultTimeout limits one request of a runner that was created with no timeout.
const DefaultTimeout = 5 * time.Second

// Response carries the result of a request. The type T routes it to its receiver; Runner and Number identify the
// request.
type Response[T any] struct {
	Runner *Runner
	Number int
	Value  T
	Err    error
}

// Pending reports whether the response is still expected: its request was neither cancelled nor replaced by a newer
// one, and the runner's context has not ended, as it does when another account becomes the current one.
func (m Response[T]) Pending() bool {
	return m.Runner.busy && m.Number == m.Runner.number && m.Runner.ctx.Err() == nil
}

// Failure returns the request's error, nil if it succeeded.
func (m Response[T]) Failure() error { return m.Err }

// AnyResponse is a Response of any type.
type AnyResponse interface {
	Pending() bool
	Failure() error
}

// Runner runs one request at a time; a new request cancels the one before. Create it with New. Its methods, and Start
// and Accept, are for the event loop only.
type Runner struct {
	ctx     context.Context
	timeout time.Duration
	number  int
	busy    bool
	cancel  context.CancelFunc
}

// New returns a runner whose requests end with ctx, and each after the timeout. Zero means DefaultTimeout.
func New(ctx context.Context, timeout time.Duration) *Runner {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &Runner{ctx: ctx, timeout: timeout}
}

// Start returns a command that runs call and responds with a Response[T]. The deadline counts from now. An earlier
// request of the same runner is cancelled.
func Start[T any](r *Runner, call func(context.Context) (T, error)) tea.Cmd {
	r.Cancel()
	ctx, cancel := context.WithTimeout(r.ctx, r.timeout)
	r.number++
	r.busy, r.cancel = true, cancel
	number := r.number
	return func() tea.Msg {
		defer cancel()
		v, err := call(ctx)
		return Response[T]{Runner: r, Number: number, Value: v, Err: err}
	}
}

// Accept reports whether a response answers the runner's newest request. If it does, the runner is no longer busy.
func Accept[T any](r *Runner, m Response[T]) bool {
	if m.Runner != r || !m.Pending() {
		return false
	}
	r.busy, r.cancel = false, nil
	return true
}

// Busy reports whether a request is under way.
func (r *Runner) Busy() bool { return r.busy }

// Cancel ends the request under way; its response will not be accepted.
func (r *Runner) Cancel() {
	if r.cancel != nil {
		r.cancel()
	}
	r.busy, r.cancel = false, nil
}
