package embedded

import "fmt"

// LockedError says that another process holds the database file.
type LockedError struct {
	Path   string
	Holder int // the process that holds it, as its pid file says; 0 where there is none to read
}

// Error says who holds the file and what to do.
func (e *LockedError) Error() string {
	if e.Holder == 0 {
		return fmt.Sprintf("open %s: another process holds it; close that one first", e.Path)
	}
	return fmt.Sprintf("open %s: process %d holds it; close that one first", e.Path, e.Holder)
}

// DamagedError says that the database file is not what was written. The file is left as it was found.
type DamagedError struct {
	Path   string
	Detail string
}

// Error says what is damaged and what to do.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("open %s: the file is damaged (%s); it was left as it is: move it away, or put a copy in its place", e.Path, e.Detail)
}
