// Package request puts questions to the world: each runs off the event loop, has a deadline, can be cancelled, and is numbered so that only the newest answer counts.
//
// May import: nothing of ours.
package request

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// DefaultTimeout is how long an interactive question may take.
const DefaultTimeout = 5 * time.Second

// Response carries what a question brought back, marked with its asker and turn. The type T routes it; Of and Turn drop what is no longer wanted.
type Response[T any] struct {
	Runner *Runner
	Number int
	Value  T
	Err    error
}

// Pending reports that the answer is still waited for: its question was not given up or asked anew, and its asker's context has not ended, as it does
// when another person becomes the current one.
func (m Response[T]) Pending() bool {
	return m.Runner.busy && m.Number == m.Runner.number && m.Runner.ctx.Err() == nil
}

// Failure is what went wrong, nil for a good answer.
func (m Response[T]) Failure() error { return m.Err }

// AnyResponse is an answer of whatever type: the root looks at every one that passes by.
type AnyResponse interface {
	Pending() bool
	Failure() error
}

// Runner numbers the questions of one asker and cancels the one before. The zero value is not usable: see New.
type Runner struct {
	ctx    context.Context
	number int
	busy   bool
	cancel context.CancelFunc
}

// New makes an asker whose questions end with ctx.
func New(ctx context.Context) *Runner { return &Runner{ctx: ctx} }

// Start returns a command that runs call with a deadline and answers Answer[T]. An earlier question of the same asker is cancelled.
func Start[T any](a *Runner, call func(context.Context) (T, error)) tea.Cmd {
	a.Cancel()
	ctx, cancel := context.WithTimeout(a.ctx, DefaultTimeout)
	a.number++
	a.busy, a.cancel = true, cancel
	turn := a.number
	return func() tea.Msg {
		defer cancel()
		v, err := call(ctx)
		return Response[T]{Runner: a, Number: turn, Value: v, Err: err}
	}
}

// Accept reports whether an answer is for this asker's newest question, and if so that it is no longer waiting.
func Accept[T any](a *Runner, m Response[T]) bool {
	if m.Runner != a || !m.Pending() {
		return false
	}
	a.busy, a.cancel = false, nil
	return true
}

// Busy reports whether a question waits for its answer.
func (a *Runner) Busy() bool { return a.busy }

// Cancel gives the question up; its answer will be dropped.
func (a *Runner) Cancel() {
	if a.cancel != nil {
		a.cancel()
	}
	a.busy, a.cancel = false, nil
}
