package request

import "sync"

// Queue runs functions one at a time, in the order in which they were added. The zero value is empty. It is safe for
// concurrent use.
type Queue struct {
	mu      sync.Mutex // guards tasks
	tasks   []*task    // not yet run
	running sync.Mutex // of one task
}

type task struct {
	run  func() error
	done bool
	err  error
}

// Add adds a function. The returned one runs those added before, unless that was done, then this one, and returns its
// error.
func (q *Queue) Add(run func() error) func() error {
	t := &task{run: run}
	q.mu.Lock()
	q.tasks = append(q.tasks, t)
	q.mu.Unlock()
	return func() error {
		q.running.Lock()
		defer q.running.Unlock()
		for !t.done {
			next := q.take()
			next.err, next.done = next.run(), true
		}
		return t.err
	}
}

// take removes and returns the first task. There is one: the caller's own.
func (q *Queue) take() *task {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := q.tasks[0]
	q.tasks = q.tasks[1:]
	return first
}
