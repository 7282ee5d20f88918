package conventions_test

import (
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoFileIsEmpty: a file without content was lost, or is not needed.
func TestNoFileIsEmpty(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != "." && (skipped(d.Name()) && d.Name() != ".ci") {
				return fs.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || info.Mode().IsRegular() && info.Size() == 0 {
			t.Errorf("%s is empty (%v)", file, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	tableRow = regexp.MustCompile(`(?m)^\| (` + "`[^|]+`" + `) \|`)
	quoted   = regexp.MustCompile("`([^`]+)`")
)

// TestArchitectureListsEveryPackage compares the table of ARCHITECTURE.md with the directories that hold Go files. A
// row may also name a file, or a directory without Go files.
func TestArchitectureListsEveryPackage(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| package | purpose |")
	if !found {
		t.Fatal("ARCHITECTURE.md has no table of packages")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for _, row := range tableRow.FindAllStringSubmatch(table, -1) {
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			if slices.Contains(listed, name[1]) {
				t.Errorf("ARCHITECTURE.md lists %s twice", name[1])
			}
			listed = append(listed, name[1])
			if _, err := os.Stat(name[1]); err != nil {
				t.Errorf("ARCHITECTURE.md lists %s, which does not exist", name[1])
			}
		}
	}
	packages := map[string]bool{}
	forEachGoFile(t, true, func(file string, _ *token.FileSet, _ *ast.File) { packages[path.Dir(file)] = true })
	delete(packages, ".") // main.go is listed
	for dir := range packages {
		if !slices.Contains(listed, dir) {
			t.Errorf("the table of ARCHITECTURE.md does not list %s", dir)
		}
	}
}
