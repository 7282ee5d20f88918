//go:build !windows

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks a file exclusively. It waits while another process holds the lock.
func Lock(f *os.File) error { return flock(f, syscall.LOCK_EX) }

// TryLock locks a file exclusively, or fails at once while another process holds the lock.
func TryLock(f *os.File) error { return flock(f, syscall.LOCK_EX|syscall.LOCK_NB) }

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
