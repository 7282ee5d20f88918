package app

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed demo
var demo embed.FS

// Demo is the embedded workspace's application directory: everybody may read, insert, write and delete their own
// document, and the function of the seed writes it (seed: Flutter page, 'Write Custom User Data with an Atlas Function').
func Demo() fs.FS {
	sub, err := fs.Sub(demo, "demo")
	if err != nil {
		return demo // cannot be: the directory is part of the program
	}
	return sub
}

// WriteDemo writes the demo application into a directory, which it makes; one that already holds an application is
// left alone.
func WriteDemo(dir string) error {
	for _, name := range []string{"realm_config.json", "root_config.json"} {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err == nil {
			return fmt.Errorf("write the demo application: %s already holds an application (%s)", dir, name)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("write the demo application: %w", err)
		}
	}
	if err := os.CopyFS(dir, Demo()); err != nil {
		return fmt.Errorf("write the demo application: %w", err)
	}
	return nil
}
