// Package cli is the commands: the work of the screen for scripts and pipes, with stable output and exit codes.
//
// May import: model, ui/keys, ui/port.
package cli
