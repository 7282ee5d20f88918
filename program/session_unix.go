//go:build !windows

package program

import "syscall"

// ownSession starts a process in a session of its own: tools of X11 and Wayland keep running to hold the clipboard, and
// must not be stopped or ended with the terminal's programs.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
