package program

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dossier/ui/cli"
)

// tips returns the names of the tips that were shown in earlier runs, and a function that stores one more. It is nil
// if no tips are to be shown. Their file is the mark of the first screen: commands, which share the state directory, do
// not write it.
func (r *runner) tips(o cli.Options) (shown []string, save func(name string) error) {
	if o.Demo || o.NoTips {
		return nil, nil
	}
	file := filepath.Join(r.StateDir, "tips")
	text, err := os.ReadFile(file)
	if err == nil {
		return strings.Fields(string(text)), func(name string) error { return appendLine(file, name) }
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, func(name string) error {
		if err := os.MkdirAll(r.StateDir, 0o700); err != nil {
			return err
		}
		return appendLine(file, name)
	}
}

// appendLine adds a line to a file that only its owner can read.
func appendLine(file, line string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
