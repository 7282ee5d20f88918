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

// Write writes a file, complete or not at all: a new one with mode 0600, an existing regular file with the mode that it
// has. Of a symbolic link it writes the target.
func (f files) Write(_ context.Context, path, content string, replace bool) (string, error) {
	to, old, err := f.target(path)
	switch {
	case err != nil:
		return "", exportFault(path, err)
	case old != nil && !replace:
		return "", exportFault(to, fs.ErrExist)
	}
	temporary, err := writeTemporary(to, content, old)
	if err != nil {
		return "", exportFault(to, err)
	}
	if old != nil {
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

// target returns the file that a path names, and what is known of an existing one; nil: there is none. It fails for all
// but regular files: a device or a pipe is not replaced by a file.
func (f files) target(path string) (string, fs.FileInfo, error) {
	to, err := f.expand(path)
	if err != nil {
		return "", nil, err
	}
	info, err := os.Lstat(to)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if to, err = filepath.EvalSymlinks(to); errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.New("it is a symbolic link to a file that does not exist")
		} else if err == nil {
			info, err = os.Stat(to)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if path != "" && os.IsPathSeparator(path[len(path)-1]) {
			return "", nil, errors.New("there is no such directory, and the name of a file is missing")
		}
		return to, nil, nil
	case err != nil:
		return "", nil, err
	case info.IsDir():
		return "", nil, errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return "", nil, errors.New("it is not a regular file")
	}
	return to, info, nil
}

// writeTemporary writes a file beside another one and returns its path. It has the mode of old, unless that is nil.
func writeTemporary(beside, content string, old fs.FileInfo) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(beside), ".dossier-*") // created with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(content)
	if err == nil && old != nil {
		err = f.Chmod(old.Mode().Perm())
	}
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
