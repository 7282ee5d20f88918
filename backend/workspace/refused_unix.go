//go:build !windows

package workspace

import "syscall"

// connectionRefused is the error of a dial to a socket without a listener.
const connectionRefused = syscall.ECONNREFUSED
