package workspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"dossier/backend"
	"dossier/backend/embedded"
	"dossier/backend/store"
	"dossier/model"
)

// While the file is locked but no process listens on the socket, dial retries every handoverPoll, for at most
// handoverTimeout. drainTimeout is how long a process that shuts down waits for its requests.
const (
	handoverPoll    = 20 * time.Millisecond
	handoverTimeout = 3 * time.Second
	drainTimeout    = time.Second
)

// handover shares one file between processes: the process with the lock runs the service and serves the others on a
// unix socket. Every connection finds the serving process again, so another takes over when that process exits.
type handover struct {
	socket string                                   // path of the socket; empty: no other process is served
	open   func(context.Context) (*instance, error) // fails with *embedded.LockedError when another process has the lock

	acquiring sync.Mutex // one attempt to lock the file at a time
	mu        sync.Mutex
	running   *instance
	closed    bool
}

// instance is the running service in the process that has the lock.
type instance struct {
	service     *backend.Service
	server      *http.Server
	keys        *http.Server                // manages server keys for other processes; nil: no socket
	data        *store.Deployment           // holds the custom data
	close       func(context.Context) error // closes the service and its databases, which unlocks the file
	pipe        *pipeListener
	closeSocket func() // releases the socket's address; nil: no socket
	serve       sync.WaitGroup
}

// dial connects to the service: in this process when it has the lock, else through the socket, else after taking the
// lock.
func (s *handover) dial(ctx context.Context) (net.Conn, error) {
	timeout := time.NewTimer(handoverTimeout)
	defer timeout.Stop()
	var locked *embedded.LockedError // the last one
	for {
		if c, err := s.dialInstance(ctx); c != nil || err != nil {
			return c, err
		}
		if s.socket != "" {
			c, err := dialSocket(ctx, s.socket)
			if err == nil {
				return c, nil
			}
			if !noListener(err) && (locked == nil || ctx.Err() == nil) {
				return nil, err
			}
		}
		err := s.acquire(ctx)
		if err == nil {
			continue
		}
		if ended := ctx.Err() != nil; !errors.As(err, &locked) && (locked == nil || !ended) {
			return nil, err
		}
		// Another process has the lock and does not listen: it is starting or shutting down.
		select {
		case <-ctx.Done():
			return nil, notServedFault(locked)
		case <-timeout.C:
			return nil, notServedFault(locked)
		case <-time.After(handoverPoll):
		}
	}
}

// notServedFault reports that another process has the lock and does not serve the file.
func notServedFault(locked *embedded.LockedError) error {
	holder := "another process"
	if locked.Holder != 0 {
		holder = fmt.Sprintf("process %d", locked.Holder)
	}
	return &model.Fault{
		Kind: model.Unreachable, Op: "open the workspace", Message: holder + " has locked " + locked.Path +
			" and does not respond", Advice: "wait for that process, or end it", Err: locked,
	}
}

// dialInstance connects to the instance in this process; nil, nil when there is none.
func (s *handover) dialInstance(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	h, closed := s.running, s.closed
	s.mu.Unlock()
	if closed {
		return nil, net.ErrClosed
	}
	if h == nil {
		return nil, nil
	}
	return h.pipe.Dial(ctx)
}

// acquire locks the file and starts the service in this process.
func (s *handover) acquire(ctx context.Context) error {
	s.acquiring.Lock()
	defer s.acquiring.Unlock()
	s.mu.Lock()
	h, closed := s.running, s.closed
	s.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	if h != nil {
		return nil
	}
	h, err := s.open(ctx)
	if err != nil {
		return err
	}
	if err := h.listen(ctx, s.socket); err != nil {
		return errors.Join(err, h.shutdown(context.WithoutCancel(ctx)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.Join(net.ErrClosed, h.shutdown(context.WithoutCancel(ctx)))
	}
	s.running = h
	return nil
}

// listen serves this process and, with a socket, the others.
func (h *instance) listen(ctx context.Context, socket string) error {
	ended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.server.BaseContext = func(net.Listener) context.Context { return ended }
	h.server.RegisterOnShutdown(cancel) // change streams do not end on their own
	h.pipe = newPipeListener()
	h.serve.Go(func() { _ = h.server.Serve(h.pipe) })
	if socket == "" {
		return nil
	}
	l, done, err := listenSocket(socket)
	if err != nil {
		return err
	}
	h.closeSocket = done
	h.serve.Go(func() { _ = h.server.Serve(l) })
	return h.listenKeys(socket)
}

// shutdown waits a moment for running requests, closes the socket and unlocks the file.
func (h *instance) shutdown(ctx context.Context) error {
	drain, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	if h.server.Shutdown(drain) != nil {
		h.server.Close()
	}
	if h.keys != nil && h.keys.Shutdown(drain) != nil {
		h.keys.Close()
	}
	h.serve.Wait()
	if h.closeSocket != nil {
		h.closeSocket()
	}
	return h.close(ctx)
}

// instance returns the instance in this process; nil: none.
func (s *handover) instance() *instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Close shuts the instance down; the next process that needs the workspace takes over. It waits for an attempt to lock
// and open the file, which then closes what it opened.
func (s *handover) Close(ctx context.Context) error {
	s.mu.Lock()
	h := s.running
	s.running, s.closed = nil, true
	s.mu.Unlock()
	s.acquiring.Lock()
	defer s.acquiring.Unlock()
	if h == nil {
		return nil
	}
	return h.shutdown(ctx)
}
