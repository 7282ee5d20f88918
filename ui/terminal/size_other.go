//go:build !unix

package terminal

// watchSize does nothing: the console reports its size in the input.
func watchSize(func()) (end func()) { return func() {} }
