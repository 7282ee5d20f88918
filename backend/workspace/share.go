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

// The times of handing over: how often a locked file without a socket is tried again, how long at most, and how long a holder that ends lets its requests finish.
const (
	handoverPause = 20 * time.Millisecond
	handoverWait  = 3 * time.Second
	drainTime     = time.Second
)

// share lets several processes use one file: one holds it and serves the others on a unix socket. Which one is decided anew at each connection, so that the next
// takes over when the holder has quit.
type share struct {
	socket string                               // path of the socket; empty: nobody else is served
	open   func(context.Context) (*held, error) // takes the file; fails with *embedded.LockedError when another process has it

	taking sync.Mutex // one attempt to take the file at a time
	mu     sync.Mutex
	held   *held
	closed bool
}

// held is what the holder of the file runs.
type held struct {
	service *backend.Service
	server  *http.Server
	data    *store.Deployment           // where the custom data is
	close   func(context.Context) error // ends what the service stands on and lets go of the file
	memory  *memory
	socket  func() // lets the socket's address go; nil: no socket
	serve   sync.WaitGroup
}

// dial opens a connection to the service: in this process when it holds the file, else through the socket, else by taking the file.
func (s *share) dial(ctx context.Context) (net.Conn, error) {
	patience := time.NewTimer(handoverWait)
	defer patience.Stop()
	for {
		if c, err := s.inProcess(ctx); c != nil || err != nil {
			return c, err
		}
		if s.socket != "" {
			c, err := dialSocket(ctx, s.socket)
			if err == nil {
				return c, nil
			}
			if !nobodyThere(err) {
				return nil, err
			}
		}
		err := s.take(ctx)
		var locked *embedded.LockedError
		if err != nil && !errors.As(err, &locked) {
			return nil, err
		}
		if err == nil {
			continue
		}
		// Somebody holds the file and does not serve it: they are about to, or about to let it go.
		select {
		case <-ctx.Done():
			return nil, unserved(locked)
		case <-patience.C:
			return nil, unserved(locked)
		case <-time.After(handoverPause):
		}
	}
}

// unserved says that a process keeps the file to itself.
func unserved(locked *embedded.LockedError) error {
	who := "another process"
	if locked.Holder != 0 {
		who = fmt.Sprintf("process %d", locked.Holder)
	}
	return &model.Fault{
		Kind: model.Unreachable, Op: "open the workspace", Message: who + " holds " + locked.Path + " and does not serve it", Advice: "end that process, or wait for it", Err: locked,
	}
}

// inProcess connects to what this process runs; nil, nil when it holds nothing.
func (s *share) inProcess(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	h, closed := s.held, s.closed
	s.mu.Unlock()
	if closed {
		return nil, net.ErrClosed
	}
	if h == nil {
		return nil, nil
	}
	return h.memory.Dial(ctx)
}

// take makes this process the holder.
func (s *share) take(ctx context.Context) error {
	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	h, closed := s.held, s.closed
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
		return errors.Join(err, h.end(context.WithoutCancel(ctx)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.Join(net.ErrClosed, h.end(context.WithoutCancel(ctx)))
	}
	s.held = h
	return nil
}

// listen serves this process and, where there is a socket, the others.
func (h *held) listen(ctx context.Context, socket string) error {
	ended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.server.BaseContext = func(net.Listener) context.Context { return ended }
	h.server.RegisterOnShutdown(cancel) // watches would never end by themselves
	h.memory = newMemory()
	h.serve.Go(func() { _ = h.server.Serve(h.memory) })
	if socket == "" {
		return nil
	}
	l, done, err := listenSocket(socket)
	if err != nil {
		return err
	}
	h.socket = done
	h.serve.Go(func() { _ = h.server.Serve(l) })
	return nil
}

// end lets requests finish for a moment, closes the socket and then lets go of the file.
func (h *held) end(ctx context.Context) error {
	drain, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if h.server.Shutdown(drain) != nil {
		h.server.Close()
	}
	h.serve.Wait()
	if h.socket != nil {
		h.socket()
	}
	return h.close(ctx)
}

// holder is what runs in this process; nil when it holds nothing.
func (s *share) holder() *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// Close ends serving; the next process that needs the workspace takes over.
func (s *share) Close(ctx context.Context) error {
	s.mu.Lock()
	h := s.held
	s.held, s.closed = nil, true
	s.mu.Unlock()
	if h == nil {
		return nil
	}
	return h.end(ctx)
}
