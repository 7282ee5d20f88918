package filelock_test

import (
	"os"
	"path/filepath"
	"testing"

	"dossier/backend/filelock"
)

func TestTryLockFailsUntilTheFileIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	holder, other := open(), open()
	if err := filelock.Lock(holder); err != nil {
		t.Fatal(err)
	}
	if err := filelock.TryLock(other); err == nil {
		t.Error("two locks on one file")
	}
	holder.Close()
	if err := filelock.TryLock(other); err != nil {
		t.Errorf("after the holder was closed: %v", err)
	}
}
