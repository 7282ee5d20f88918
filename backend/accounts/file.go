package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"dossier/backend/filelock"
	"dossier/model"
)

// locked calls f while holding the lock file, which excludes other processes.
func (s *Store) locked(f func() error) error {
	path := filepath.Join(s.options.Dir, "accounts.lock")
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fileFault("lock", path, err)
	}
	defer lock.Close() // closing unlocks
	if err := filelock.Lock(lock); err != nil {
		return fileFault("lock", path, err)
	}
	return f()
}

// replaceFile writes a 0600 file atomically: readers see the old or the new content, also after a crash.
func replaceFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileFault("write", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // created with mode 0600
	if err != nil {
		return fileFault("write", path, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fileFault("write", path, err)
	}
	return nil
}

// dir returns the directory of an account's files. Its name is a hash because the id contains characters of a URL.
func (s *Store) dir(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(s.options.Dir, "accounts", hex.EncodeToString(sum[:12]))
}

func fileFault(op, path string, err error) error {
	return &model.Fault{Kind: model.Failed, Op: op + " " + path, Message: "cannot access the file: " + reason(err),
		Advice: "check the directory's permissions and free space", Err: err}
}

// reason returns the error's text without the path.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
