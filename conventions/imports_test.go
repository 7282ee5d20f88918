package conventions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// noImports is what the comment of a package says that imports no other package of this module.
const noImports = "nothing of ours"

// testPackages are imported by tests and by screenshots only. Like tests they may start a context and read the
// environment, but not the clock.
var testPackages = []string{"backend/storetest", "backend/backendtest", "ui/uitest", "bench/largedocument",
	"bench/users"}

var mayImport = regexp.MustCompile(`May import: ([^.]+)\.`)

// goPackage is what the package comment and the files of one package declare, without its tests.
type goPackage struct {
	comments int
	allowed  []string          // nil without a "May import" sentence
	imports  map[string]string // package → a file that imports it
}

// forEachFile parses the module's Go files except tests and calls the function with each.
func forEachFile(t *testing.T, visit func(file string, set *token.FileSet, f *ast.File)) {
	t.Helper()
	forEachGoFile(t, false, visit)
}

// forEachGoFile parses the module's Go files, with or without tests, and calls the function with each.
func forEachGoFile(t *testing.T, tests bool, visit func(file string, set *token.FileSet, f *ast.File)) {
	t.Helper()
	set := token.NewFileSet()
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" ||
			d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") && !tests {
			return nil
		}
		f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(file, set, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goPackages returns the module's packages by their directories.
func goPackages(t *testing.T) map[string]*goPackage {
	t.Helper()
	packages := map[string]*goPackage{}
	forEachFile(t, func(file string, _ *token.FileSet, f *ast.File) {
		dir := path.Dir(file)
		if packages[dir] == nil {
			packages[dir] = &goPackage{imports: map[string]string{}}
		}
		packages[dir].add(file, f)
	})
	return packages
}

func (p *goPackage) add(file string, f *ast.File) {
	if f.Doc != nil {
		p.comments++
		if m := mayImport.FindStringSubmatch(strings.Join(strings.Fields(f.Doc.Text()), " ")); m != nil {
			p.allowed = strings.Split(m[1], ", ")
		}
	}
	for _, imported := range f.Imports {
		if other, ours := strings.CutPrefix(strings.Trim(imported.Path.Value, `"`), module+"/"); ours {
			p.imports[other] = file
		}
	}
}

func TestPackagesImportWhatTheirCommentsAllow(t *testing.T) {
	for dir, p := range goPackages(t) {
		switch {
		case p.comments == 0:
			t.Errorf("%s has no package comment", dir)
			continue
		case p.comments > 1:
			t.Errorf("%s has %d package comments", dir, p.comments)
		case p.allowed == nil:
			t.Errorf("the package comment of %s needs a sentence \"May import: model, ui/keys.\" or \"May import: %s.\"",
				dir, noImports)
			continue
		}
		for other, file := range p.imports {
			if slices.Contains(testPackages, other) && dir != "screenshots" && !slices.Contains(testPackages, dir) {
				t.Errorf("%s imports %s, which is for tests", file, other)
			}
			if !slices.Contains(p.allowed, other) {
				t.Errorf("%s imports %s; %s may import %s", file, other, dir, strings.Join(p.allowed, ", "))
			}
		}
		for _, other := range p.allowed {
			if p.imports[other] == "" && other != noImports {
				t.Errorf("%s may import %s but does not: shorten its list", dir, other)
			}
		}
	}
}

// The root folder holds the command and nothing else.
func TestRootHoldsMainOnly(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil || len(files) != 1 || files[0] != "main.go" {
		t.Errorf("Go files in the root folder: %v, %v; expected main.go only", files, err)
	}
}
