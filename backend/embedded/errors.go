package embedded

import "fmt"

// LockedError reports that another process holds the database file.
type LockedError struct {
	Path   string
	Holder int // process id from the pid file; 0 if unknown
}

// Error names the process that holds the file and the remedy.
func (e *LockedError) Error() string {
	if e.Holder == 0 {
		return fmt.Sprintf("open %s: another process uses the file; close it first", e.Path)
	}
	return fmt.Sprintf("open %s: process %d uses the file; close it first", e.Path, e.Holder)
}

// DamagedError reports invalid content of the database file. The file is left unchanged.
type DamagedError struct {
	Path   string
	Detail string
	Later  bool // found after Open
}

// Error describes the damage and the remedy.
func (e *DamagedError) Error() string {
	if e.Later {
		return fmt.Sprintf("use %s: the file is damaged (%s) and is not changed any more; close dossier, then move the file "+
			"away or restore a copy", e.Path, e.Detail)
	}
	return fmt.Sprintf("open %s: the file is damaged (%s) and was not changed; move it away or restore a copy", e.Path,
		e.Detail)
}
