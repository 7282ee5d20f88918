//go:build !linux

package metrics

import "io"

// writeProcess writes nothing: only Linux has more metrics of a process than the library writes.
func writeProcess(io.Writer) {}
