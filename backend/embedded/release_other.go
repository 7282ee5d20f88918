//go:build !linux

package embedded

// release does nothing: other systems take pages of a file back when they need the memory.
func (d *Database) release() {}
