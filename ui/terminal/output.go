package terminal

import (
	"io"
	"sync"
	"time"
)

// output writes in a goroutine of its own, so that a terminal that does not read blocks nothing else. Its methods may
// be called from any goroutine.
type output struct {
	w      io.Writer
	resume func() // called when it is ready after it was not

	mu      sync.Mutex
	queue   []byte
	written chan struct{} // closed when everything is written; nil: nothing is being written
	refused bool          // ready returned false
}

// print writes text after everything before it. A terminal that is gone ends the program's input: errors have no
// effect.
func (o *output) print(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = append(o.queue, text...)
	if o.written == nil && len(o.queue) > 0 {
		o.written = make(chan struct{})
		go o.run()
	}
}

// Write prints text of Bubble Tea.
func (o *output) Write(text []byte) (int, error) {
	o.print(string(text))
	return len(text), nil
}

// ready reports whether everything is written; if not, resume is called when it is.
func (o *output) ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused = o.written != nil
	return !o.refused
}

// wait waits until everything is written, or for a limited time.
func (o *output) wait(limit time.Duration) {
	o.mu.Lock()
	written := o.written
	o.mu.Unlock()
	if written == nil {
		return
	}
	select {
	case <-written:
	case <-time.After(limit):
	}
}

func (o *output) run() {
	for text := o.next(); len(text) > 0; text = o.next() {
		_, _ = o.w.Write(text)
	}
}

// next takes what is to be written; when there is nothing, it ends run.
func (o *output) next() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.queue
	o.queue = nil
	if len(text) == 0 {
		close(o.written)
		o.written = nil
		if o.refused {
			o.refused = false
			go o.resume()
		}
	}
	return text
}
