package storetest

import (
	"context"
	"errors"
	"net"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Line is a dialer to the database that simulates network failures, and counts the commands that pass. While it is cut,
// no connection works.
type Line struct {
	dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}

	mu       sync.Mutex
	cut      bool
	open     []net.Conn
	commands map[string]int // by name; nil: not counted
}

// DialContext connects, unless the line is cut.
func (l *Line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("the line is cut")}
	}
	c, err := l.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.open = append(l.open, c)
	return &countedConn{Conn: c, line: l}, nil
}

// Commands returns how often each command, such as "find", passes the line while f runs.
func (l *Line) Commands(f func()) map[string]int {
	counted := map[string]int{}
	l.mu.Lock()
	l.commands = counted
	l.mu.Unlock()
	f()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commands = nil
	return counted
}

// countedConn counts the commands that a driver writes.
type countedConn struct {
	net.Conn
	line *Line
}

// commandOffset is where the document with the command begins in an OP_MSG: after header, flags and kind of section.
const commandOffset = 16 + 4 + 1

// Write writes one message: the driver writes each with one call.
func (c *countedConn) Write(b []byte) (int, error) {
	c.line.mu.Lock()
	if c.line.commands != nil && len(b) > commandOffset {
		if first, err := bson.Raw(b[commandOffset:]).IndexErr(0); err == nil {
			c.line.commands[first.Key()]++
		}
	}
	c.line.mu.Unlock()
	return c.Conn.Write(b)
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
