package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// longestSocket is the longest path that goes into a unix socket address everywhere; Linux takes 107 bytes.
const longestSocket = 100

// socketAddress gives an address for a socket path of any length: a long one is reached through its directory's file descriptor, which must stay open until
// the address has been used for the last time.
func socketAddress(path string) (string, func(), error) {
	if len(path) <= longestSocket {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

// dialSocket connects to whoever serves the socket.
func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	address, done, err := socketAddress(path)
	if err != nil {
		return nil, err
	}
	defer done()
	return new(net.Dialer).DialContext(ctx, "unix", address)
}

// listenSocket serves the socket. Only the holder of the workspace's file calls it, so a socket that is there already was left by a process that was killed.
func listenSocket(path string) (net.Listener, func(), error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("replace the socket %s: %w", path, err)
	}
	address, done, err := socketAddress(path)
	if err != nil {
		return nil, nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	l, err := net.Listen("unix", address)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		done()
		return nil, nil, fmt.Errorf("keep others from %s: %w", path, err)
	}
	return l, done, nil
}

// nobodyThere reports whether a dial failed because nobody serves the socket: it does not exist, or it was left behind.
func nobodyThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, connectionRefused)
}
