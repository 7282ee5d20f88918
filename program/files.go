package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dossier/model"
)

// files implements port.Files on the file system. It is safe for concurrent use.
type files struct{ home string }

// expand returns a path with "~" replaced by the home directory.
func (f files) expand(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	switch {
	case !ok || rest != "" && !os.IsPathSeparator(rest[0]):
		return filepath.Abs(path)
	case f.home == "":
		return "", errors.New("the home directory is unknown")
	}
	return filepath.Join(f.home, rest), nil
}

// Write writes a file with mode 0600, complete or not at all.
func (f files) Write(_ context.Context, path, content string, replace bool) (string, error) {
	to, err := f.expand(path)
	if err != nil {
		return "", exportFault(path, err)
	}
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		return "", exportFault(to, errors.New("it is a directory"))
	} else if err == nil && !replace {
		return "", exportFault(to, fs.ErrExist)
	}
	temporary, err := writeTemporary(to, content)
	if err != nil {
		return "", exportFault(to, err)
	}
	if replace {
		err = os.Rename(temporary, to)
	} else if err = os.Link(temporary, to); err == nil { // fails if the file was created meanwhile
		err = os.Remove(temporary)
	} else if _, statErr := os.Lstat(to); errors.Is(statErr, fs.ErrNotExist) { // the file system has no links
		err = os.Rename(temporary, to)
	}
	if err != nil {
		return "", exportFault(to, errors.Join(err, os.Remove(temporary)))
	}
	return to, nil
}

// writeTemporary writes a file beside another one and returns its path.
func writeTemporary(beside, content string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(beside), ".dossier-*") // created with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func exportFault(path string, err error) error {
	reason := err.Error()
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrExist):
		reason = "the file exists"
	case errors.As(err, &p):
		reason = p.Err.Error()
	}
	return &model.Fault{Kind: model.Failed, Op: fmt.Sprintf("write %s", path), Message: reason, Err: err}
}

// maxCompletions is the number of paths that Complete returns.
const maxCompletions = 8

// Complete returns the paths that a typed path could continue as. It lists hidden files only after a dot.
func (f files) Complete(_ context.Context, path string) []string {
	at := strings.LastIndexByte(filepath.ToSlash(path), '/') + 1
	dir, start := path[:at], path[at:]
	if path == "~" {
		return []string{"~/"}
	}
	expanded, err := f.expand(dir)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(expanded)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, start) || name[0] == '.' && !strings.HasPrefix(start, ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(expanded, name)); err == nil && info.IsDir() {
			name += "/"
		}
		if found = append(found, dir+name); len(found) == maxCompletions {
			break
		}
	}
	return found
}
