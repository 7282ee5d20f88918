package embedded

import (
	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// release unmaps the pages of the file from this process's memory; they stay in the cache of the operating system. So
// the memory of a process at rest does not grow with what it has read. A failure changes nothing.
func (d *Database) release() {
	_ = d.view(func(tx *bbolt.Tx) error { // the mapping stays in place during a transaction
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, d.bolt.Info().Data, uintptr(tx.Size()), unix.MADV_DONTNEED)
		return nil
	})
}
