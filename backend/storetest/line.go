package storetest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Line is a dialer to the database that simulates network failures. While it is cut, no connection works.
type Line struct {
	dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}

	mu   sync.Mutex
	cut  bool
	open []net.Conn
}

// DialContext connects, unless the line is cut.
func (l *Line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("the line is cut")}
	}
	c, err := l.dialer.DialContext(ctx, network, address)
	if err == nil {
		l.open = append(l.open, c)
	}
	return c, err
}

// Cut closes every connection and rejects new ones.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

// Mend accepts connections again.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}
