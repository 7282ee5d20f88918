// Package request puts questions to the world: each runs off the event loop, has a deadline, can be cancelled, and is numbered so that only the newest answer counts.
//
// May import: nothing of ours.
package request

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Deadline is how long an interactive question may take.
const Deadline = 5 * time.Second

// Answer carries what a question brought back, marked with its asker and turn. The type T routes it; Of and Turn drop what is no longer wanted.
type Answer[T any] struct {
	Of    *Asker
	Turn  int
	Value T
	Err   error
}

// Live reports that the answer is still waited for: its question was not given up or asked anew, and its asker's context has not ended, as it does
// when another person becomes the current one.
func (m Answer[T]) Live() bool {
	return m.Of.busy && m.Turn == m.Of.turn && m.Of.ctx.Err() == nil
}

// Failure is what went wrong, nil for a good answer.
func (m Answer[T]) Failure() error { return m.Err }

// Any is an answer of whatever type: the root looks at every one that passes by.
type Any interface {
	Live() bool
	Failure() error
}

// Asker numbers the questions of one asker and cancels the one before. The zero value is not usable: see New.
type Asker struct {
	ctx    context.Context
	turn   int
	busy   bool
	cancel context.CancelFunc
}

// New makes an asker whose questions end with ctx.
func New(ctx context.Context) *Asker { return &Asker{ctx: ctx} }

// Ask returns a command that runs call with a deadline and answers Answer[T]. An earlier question of the same asker is cancelled.
func Ask[T any](a *Asker, call func(context.Context) (T, error)) tea.Cmd {
	a.Cancel()
	ctx, cancel := context.WithTimeout(a.ctx, Deadline)
	a.turn++
	a.busy, a.cancel = true, cancel
	turn := a.turn
	return func() tea.Msg {
		defer cancel()
		v, err := call(ctx)
		return Answer[T]{Of: a, Turn: turn, Value: v, Err: err}
	}
}

// Takes reports whether an answer is for this asker's newest question, and if so that it is no longer waiting.
func Takes[T any](a *Asker, m Answer[T]) bool {
	if m.Of != a || !m.Live() {
		return false
	}
	a.busy, a.cancel = false, nil
	return true
}

// Busy reports whether a question waits for its answer.
func (a *Asker) Busy() bool { return a.busy }

// Cancel gives the question up; its answer will be dropped.
func (a *Asker) Cancel() {
	if a.cancel != nil {
		a.cancel()
	}
	a.busy, a.cancel = false, nil
}
