//go:build !linux && !darwin && !windows

package metrics

// readProcess returns nothing: on this operating system the resources of the process are unknown.
func readProcess() process { return unknownProcess() }
