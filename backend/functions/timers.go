package functions

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dop251/goja"
)

// maxTimers is how many timers a call may have at a time.
const maxTimers = 10000

var timerNames = []string{"setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval",
	"clearImmediate"}

// timers are the callbacks of setTimeout and the like. They run one after the other while the function's promise is
// pending, and are dropped after that.
type timers struct {
	list []*timer // sorted by due time
	now  time.Duration
	last int64
}

// timer is one callback.
type timer struct {
	id    int64
	due   time.Duration // time waited since the call began
	every time.Duration // period of an interval; 0: once
	do    func() error
}

func (t *timers) any() bool { return len(t.list) > 0 }

func (t *timers) add(n *timer) {
	i, _ := slices.BinarySearchFunc(t.list, n.due, func(e *timer, at time.Duration) int {
		if e.due <= at { // equal due times keep their order
			return -1
		}
		return 1
	})
	t.list = slices.Insert(t.list, i, n)
}

// runNext waits until the first timer is due and runs it.
func (t *timers) runNext(ctx context.Context) error {
	next := t.list[0]
	if wait := next.due - t.now; wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		t.now = next.due
	}
	t.list = t.list[1:]
	if next.every > 0 {
		next.due += next.every
		t.add(next)
	}
	return next.do()
}

// defineTimers defines setTimeout, setInterval, setImmediate and their clear functions.
func (r *run) defineTimers() error {
	clear := r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		id := call.Argument(0).ToInteger()
		r.timers.list = slices.DeleteFunc(r.timers.list, func(t *timer) bool { return t.id == id })
		return goja.Undefined()
	})
	return errors.Join(
		r.vm.Set("setTimeout", r.newTimerFunction(true, false)), r.vm.Set("setInterval", r.newTimerFunction(true, true)),
		r.vm.Set("setImmediate", r.newTimerFunction(false, false)),
		r.vm.Set("clearTimeout", clear), r.vm.Set("clearInterval", clear), r.vm.Set("clearImmediate", clear),
	)
}

// newTimerFunction returns setTimeout and the like: delayed takes a delay after the callback, again repeats.
func (r *run) newTimerFunction(delayed, again bool) goja.Value {
	return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		callback, ok := goja.AssertFunction(call.Argument(0))
		if !ok {
			panic(r.vm.NewTypeError("the argument of a timer must be a function"))
		}
		if len(r.timers.list) >= maxTimers {
			panic(r.jsError(errors.New("too many timers")))
		}
		args := call.Arguments[1:]
		wait := time.Duration(0)
		if delayed {
			wait = time.Duration(max(0, min(argument(args, 0).ToInteger(),
				int64(24*time.Hour/time.Millisecond)))) * time.Millisecond
			args = args[min(1, len(args)):]
		}
		r.timers.last++
		t := &timer{id: r.timers.last, due: r.timers.now + wait, do: func() error {
			_, err := callback(goja.Undefined(), args...)
			return err
		}}
		if again {
			t.every = max(wait, time.Millisecond)
		}
		r.timers.add(t)
		return r.vm.ToValue(t.id)
	})
}
