// Package filelock locks files between processes. The operating system unlocks a file when it is closed, also when the
// process is killed.
//
// May import: nothing of ours.
package filelock
