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

// maxSocketPath is the longest portable path of a unix socket; Linux allows 107 bytes.
const maxSocketPath = 100

// socketAddress returns an address for a socket path of any length. A long path is addressed through its directory's
// file descriptor, which must stay open while the address is used.
func socketAddress(path string) (string, func(), error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

// dialSocket connects to the process that listens on the socket.
func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	address, done, err := socketAddress(path)
	if err != nil {
		return nil, err
	}
	defer done()
	return new(net.Dialer).DialContext(ctx, "unix", address)
}

// listenSocket listens on the socket. Only the process with the workspace's lock calls it, so an existing socket is
// left over from a killed process.
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
		return nil, nil, fmt.Errorf("restrict access to %s: %w", path, err)
	}
	return l, done, nil
}

// noListener reports whether a dial failed because no process listens: the socket does not exist or is left over.
func noListener(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, connectionRefused)
}
