package storetest

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// Files returns an application's files with additions or replacements by name, with the test's own names (see Own).
func (d *Database) Files(t testing.TB, files fs.FS, more map[string]string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for name, file := range With(t, files, more) {
		file.Data = []byte(d.Localize(string(file.Data)))
		out[d.Localize(name)] = file
	}
	return out
}

// With returns an application's files with additions or replacements by name.
func With(t testing.TB, files fs.FS, more map[string]string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		out[name] = &fstest.MapFile{Data: text, Mode: 0o444}
		return err
	})
	if err != nil {
		t.Fatalf("copy the application: %v", err)
	}
	for name, text := range more {
		out[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	return out
}
