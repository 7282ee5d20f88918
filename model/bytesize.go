package model

import "fmt"

// ByteSize returns a number of bytes for a message, in decimal units: "812 bytes", "540 kB", "16.8 MB".
func ByteSize(n int) string {
	switch {
	case n < 1e3:
		return countNoun(n, "byte")
	case n < 1e6:
		return fmt.Sprintf("%d kB", n/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
