package program

import "syscall"

// ownSession returns nil: Windows has no sessions of terminals.
func ownSession() *syscall.SysProcAttr { return nil }
