// Package cli is the same work without a screen: commands for scripts and pipes, with stable output and exit codes.
//
// May import: model, ui/port.
package cli
