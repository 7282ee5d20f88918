package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"dossier/backend/filelock"
)

// create makes the workspace's file and puts people into it, unless it is there. It is made under another name and put in its place when it is complete, so that a kill in the
// middle leaves nothing half done.
func (o Options) create(ctx context.Context, path string, people func(context.Context, *held) error) error {
	if exists(path) {
		return nil
	}
	lock, err := os.OpenFile(path+".making", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	defer lock.Close() // closing unlocks
	if err := filelock.Lock(lock); err != nil {
		return fmt.Errorf("make the workspace: lock %s: %w", lock.Name(), err)
	}
	if exists(path) {
		return nil
	}
	unfinished := path + ".unfinished"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("make the workspace: %w", err)
	}
	if err := o.fill(ctx, unfinished, people); err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// fill makes a database file and lets people be put into it through a running service.
func (o Options) fill(ctx context.Context, path string, people func(context.Context, *held) error) error {
	h, err := o.hold(ctx, path)
	if err != nil {
		return err
	}
	err = h.listen(ctx, "")
	if err == nil {
		err = people(ctx, h)
	}
	return errors.Join(err, h.end(context.WithoutCancel(ctx)))
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
