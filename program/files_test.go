package program

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExportedFiles(t *testing.T) {
	home := t.TempDir()
	f := files{home}
	to, err := f.Write(t.Context(), "~/a.json", "one", false)
	if err != nil || to != filepath.Join(home, "a.json") {
		t.Fatalf("wrote %s, %v", to, err)
	}
	info, err := os.Stat(to)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := f.Write(t.Context(), "~/a.json", "two", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
	if text, _ := os.ReadFile(to); string(text) != "one" {
		t.Errorf("the file was replaced without a question: %s", text)
	}
	if _, err := f.Write(t.Context(), "~/a.json", "two", true); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(to); string(text) != "two" {
		t.Errorf("the file has %s", text)
	}
	for path, want := range map[string]string{"~": "it is a directory", "~/none/a": "none/a: no such file or directory"} {
		if _, err := f.Write(t.Context(), path, "x", true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := os.ReadDir(home); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

// A file that is replaced keeps its mode, and a symbolic link to it stays one.
func TestExportReplacesAFileAsItIs(t *testing.T) {
	home := t.TempDir()
	f, file, link := files{home}, filepath.Join(home, "file"), filepath.Join(home, "link")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Chmod(file, 0o644),
		os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), link, "new", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link to a file: %v", err)
	}
	to, err := f.Write(t.Context(), link, "new", true)
	if resolved, _ := filepath.EvalSymlinks(file); err != nil || to != resolved {
		t.Errorf("wrote %s, %v", to, err)
	}
	if text, _ := os.ReadFile(file); string(text) != "new" {
		t.Errorf("the target of the link has %s", text)
	}
	info, _ := os.Stat(file)
	linkInfo, err := os.Lstat(link)
	if err != nil || info.Mode() != 0o644 || linkInfo.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("modes %v, %v, %v", info.Mode(), linkInfo.Mode(), err)
	}
}

func TestExportReplacesOnlyFiles(t *testing.T) {
	home := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(home, "s"))
	if err != nil {
		t.Skip(err)
	}
	defer socket.Close()
	if err := errors.Join(os.Symlink("s", filepath.Join(home, "link")),
		os.Symlink("none", filepath.Join(home, "dangling"))); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"~/s": "it is not a regular file", "~/link": "it is not a regular file",
		"~/dangling": "a symbolic link to a file that does not exist", "~/new/": "there is no such directory"} {
		if _, err := (files{home}).Write(t.Context(), path, "x", true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := os.ReadDir(home); len(left) != 3 {
		t.Errorf("files left: %v", left)
	}
}

func TestCompletion(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"notes.json", "notes.txt", ".hidden"} {
		if err := os.WriteFile(filepath.Join(home, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(home, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{"~": {"~/"}, "~/": {"~/notes.json", "~/notes.txt", "~/sub/"},
		"~/n": {"~/notes.json", "~/notes.txt"}, "~/.": {"~/.hidden"}, home + "/s": {home + "/sub/"}, "~/zzz/": nil} {
		if got := (files{home}).Complete(t.Context(), path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
