package storetest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy forwards TCP connections to a database and injects faults into them, one at a time. It is for programs that
// connect by address; tests that connect with a dialer use a Line.
type Proxy struct {
	Address string // host:port to connect to

	target string
	line   *Line // open connections to the database
	copies sync.WaitGroup

	mu    sync.Mutex
	fault *injection
}

// Fault is what a Proxy does to connections.
type Fault struct {
	kind  faultKind
	delay time.Duration
	bytes int
}

type faultKind int

const (
	none faultKind = iota
	down
	hang
	slow
	reset
	cutRequests
	cutResponses
)

// Down closes every connection, and new ones at once.
func Down() Fault { return Fault{kind: down} }

// Hang holds responses back. When the fault ends, connections that waited for one are closed.
func Hang() Fault { return Fault{kind: hang} }

// Slow delays each response.
func Slow(delay time.Duration) Fault { return Fault{kind: slow, delay: delay} }

// Reset resets a connection (RST) instead of a response.
func Reset() Fault { return Fault{kind: reset} }

// CutRequests closes a connection after so many bytes of requests.
func CutRequests(bytes int) Fault { return Fault{kind: cutRequests, bytes: bytes} }

// CutResponses closes a connection after so many bytes of responses.
func CutResponses(bytes int) Fault { return Fault{kind: cutResponses, bytes: bytes} }

// injection is a fault in effect.
type injection struct {
	Fault
	ended chan struct{}
	fire  sync.Once
	fired chan struct{} // closed when the fault first closes or delays something
}

func inject(f Fault) *injection {
	return &injection{Fault: f, ended: make(chan struct{}), fired: make(chan struct{})}
}

// NewProxy forwards connections to a database's TCP address until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: l.Addr().String(), target: target, line: &Line{dialer: &net.Dialer{}}, fault: inject(Fault{})}
	p.copies.Go(func() { p.accept(t, l) })
	t.Cleanup(func() {
		l.Close()
		p.Inject(Down())
		p.copies.Wait()
	})
	return p
}

// Inject starts a fault and ends the one before. The returned channel is closed when the fault first takes effect.
func (p *Proxy) Inject(f Fault) <-chan struct{} {
	next := inject(f)
	p.mu.Lock()
	close(p.fault.ended)
	p.fault = next
	p.mu.Unlock()
	if f.kind == down {
		p.line.Cut()
	} else {
		p.line.Mend()
	}
	return next.fired
}

// End ends the fault.
func (p *Proxy) End() { p.Inject(Fault{}) }

func (p *Proxy) current() *injection {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

// accept connects each client with the database until the listener is closed.
func (p *Proxy) accept(t testing.TB, l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		database, err := p.line.DialContext(t.Context(), "tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		closed := make(chan struct{})
		finish := sync.OnceFunc(func() {
			close(closed)
			client.Close()
			database.Close()
		})
		p.copies.Go(func() { defer finish(); p.copy(database, client, false, closed) })
		p.copies.Go(func() { defer finish(); p.copy(client, database, true, closed) })
	}
}

// copy passes data in one direction until a connection or the fault ends it. closed is closed with the connections.
func (p *Proxy) copy(to, from net.Conn, responses bool, closed <-chan struct{}) {
	buffer, passed := make([]byte, 32<<10), 0
	var last *injection
	for {
		n, err := from.Read(buffer)
		f := p.current()
		if f != last {
			last, passed = f, 0
		}
		data, cut := f.apply(to, buffer[:n], passed, responses, closed)
		if _, failed := to.Write(data); err != nil || failed != nil || cut {
			return
		}
		passed += len(data)
	}
}

// apply waits as the fault requires, and returns what of the data passes and whether the connection is closed after it.
func (f *injection) apply(to net.Conn, data []byte, passed int, responses bool, closed <-chan struct{}) ([]byte, bool) {
	limited := responses && f.kind == cutResponses || !responses && f.kind == cutRequests
	switch {
	case len(data) == 0:
	case limited && passed+len(data) > f.bytes:
		f.take()
		return data[:f.bytes-passed], true
	case responses && f.kind == reset:
		f.take()
		if c, ok := to.(*net.TCPConn); ok {
			_ = c.SetLinger(0) // closing sends RST
		}
		return nil, true
	case responses && f.kind == hang:
		f.take()
		select {
		case <-f.ended:
		case <-closed:
		}
		return nil, true
	case responses && f.kind == slow:
		f.take()
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-closed:
		}
	}
	return data, false
}

// take notes that the fault takes effect.
func (f *injection) take() { f.fire.Do(func() { close(f.fired) }) }
