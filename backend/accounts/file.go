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

// locked runs f while no other process touches the directory.
func (b *Store) locked(f func() error) error {
	path := filepath.Join(b.options.Dir, "accounts.lock")
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

// replaceFile writes a 0600 file so that a reader, or a kill, meets the old or the new one, never half of either.
func replaceFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileFault("write", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // CreateTemp makes it 0600
	if err != nil {
		return fileFault("write", path, err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
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

// dir is where one account's files are; the id is hashed, since it holds an address.
func (b *Store) dir(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(b.options.Dir, "accounts", hex.EncodeToString(sum[:12]))
}

func fileFault(op, path string, err error) error {
	return &model.Fault{Kind: model.Failed, Op: op + " " + path, Message: "the file cannot be used: " + reason(err), Advice: "check the directory's permissions and free space", Err: err}
}

// reason is the error without the path it repeats.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
