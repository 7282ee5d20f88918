package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"dossier/backend/embedded"
	"dossier/backend/filelock"
)

// createFile creates the workspace's file and seeds it, unless it exists. It builds the file under another name and
// renames it when it is complete, so a process that is killed leaves no partial workspace.
func (o Options) createFile(ctx context.Context, path string, seed func(context.Context, *instance) error) error {
	if exists(path) {
		return nil
	}
	lock, err := os.OpenFile(path+".making", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create the workspace: %w", err)
	}
	defer lock.Close() // closing unlocks
	if err := filelock.Lock(lock); err != nil {
		return fmt.Errorf("create the workspace: lock %s: %w", lock.Name(), err)
	}
	if exists(path) {
		return nil
	}
	unfinished := path + ".unfinished"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("create the workspace: %w", err)
	}
	if err := o.seedFile(ctx, unfinished, seed); err != nil {
		return fmt.Errorf("create the workspace: %w", err)
	}
	if err := embedded.Rename(unfinished, path); err != nil {
		return fmt.Errorf("create the workspace: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// seedFile creates a database file and seeds it through a running service.
func (o Options) seedFile(ctx context.Context, path string, seed func(context.Context, *instance) error) error {
	h, err := o.openInstance(ctx, path)
	if err != nil {
		return err
	}
	err = h.listen(ctx, "")
	if err == nil {
		err = seed(ctx, h)
	}
	return errors.Join(err, h.shutdown(context.WithoutCancel(ctx)))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// syncDir makes a rename in a directory durable. Windows cannot sync directories.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
