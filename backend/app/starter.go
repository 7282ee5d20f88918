package app

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed starter
var starter embed.FS

// WriteStarter writes a small complete application into a directory, which it creates, and returns the application's
// id. An empty id is derived from the directory's name. It fails when the directory already has an application.
func WriteStarter(dir, id string) (string, error) {
	if id == "" {
		id = idFromDirectory(dir)
	}
	if !validID(id) {
		return "", fmt.Errorf("write an application: invalid application id %q: expected at most 50 letters, digits, - and _",
			id)
	}
	for _, name := range mainFileNames() {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err == nil {
			return "", fmt.Errorf("write an application: %s already has one (%s)", dir, name)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("write an application: %w", err)
		}
	}
	if err := writeStarter(dir, id); err != nil {
		return "", fmt.Errorf("write an application: %w", err)
	}
	return id, nil
}

// idFromDirectory derives an id from a directory's name.
func idFromDirectory(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	id := strings.Map(func(r rune) rune {
		if r < 0x80 && validID(string(r)) {
			return r
		}
		return '-'
	}, filepath.Base(dir))
	if id = strings.Trim(id[:min(len(id), 50)], "-"); id == "" {
		return "app"
	}
	return id
}

func writeStarter(dir, id string) error {
	return fs.WalkDir(starter, "starter", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, "starter")))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := starter.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(bytes.ReplaceAll(text, []byte("APP_ID"), []byte(id)))
		return errors.Join(err, f.Close())
	})
}
