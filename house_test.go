package main_test

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

const (
	module  = "dossier"
	nothing = "nothing of ours" // what a room says that imports no other
)

// only lists what may be named where: what is imported and its name → the rooms, or the file, that may use it.
var only = map[string][]string{
	"time.Now":                             {"main.go"},
	"time.Since":                           {"main.go"},
	"time.Until":                           {"main.go"},
	"os.Getenv":                            {"main.go"},
	"os.LookupEnv":                         {"main.go"},
	"os.Environ":                           {"main.go"},
	"context.Background":                   {"main.go"},
	"context.TODO":                         {},
	"dossier/backend/auth.TestCost":        {"backend/backendtest"},
	"charm.land/lipgloss/v2.NewStyle":      {"ui/style"},
	"charm.land/lipgloss/v2.Color":         {"themes", "ui/style", "screenshots"},
	"charm.land/bubbles/v2/key.NewBinding": {"ui/keys"},
}

// forTests are rooms that only tests and the painter of screenshots import; like tests they may start a context and read
// what the developer set, but not the clock.
var forTests = []string{"backend/storetest", "backend/backendtest", "ui/uitest"}

// never is what no comment says: work that was put off, and findings that were switched off.
var never = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b|nolint`)

var mayImport = regexp.MustCompile(`May import: ([^.]+)\.`)

// room is one package: what its comment says and what its files do, tests left out.
type room struct {
	comments int
	allows   []string          // nil when it does not say
	imports  map[string]string // room → a file that imports it
}

// house is every package of the module by its directory.
func house(t *testing.T, see func(file string, set *token.FileSet, f *ast.File)) map[string]*room {
	t.Helper()
	rooms, set := map[string]*room{}, token.NewFileSet()
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := path.Dir(file)
		if rooms[dir] == nil {
			rooms[dir] = &room{imports: map[string]string{}}
		}
		rooms[dir].add(file, f)
		see(file, set, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

func (r *room) add(file string, f *ast.File) {
	if f.Doc != nil {
		r.comments++
		if m := mayImport.FindStringSubmatch(strings.Join(strings.Fields(f.Doc.Text()), " ")); m != nil {
			r.allows = strings.Split(m[1], ", ")
		}
	}
	for _, imported := range f.Imports {
		if other, ours := strings.CutPrefix(strings.Trim(imported.Path.Value, `"`), module+"/"); ours {
			r.imports[other] = file
		}
	}
}

func TestRoomsImportWhatTheySay(t *testing.T) {
	for dir, r := range house(t, func(string, *token.FileSet, *ast.File) {}) {
		switch {
		case r.comments == 0:
			t.Errorf("%s has no package comment", dir)
			continue
		case r.comments > 1:
			t.Errorf("%s has %d package comments", dir, r.comments)
		case r.allows == nil:
			t.Errorf("%s does not say what it may import: its package comment needs \"May import: model, ui/keys.\" or \"May import: %s.\"", dir, nothing)
			continue
		}
		for other, file := range r.imports {
			if slices.Contains(forTests, other) && dir != "screenshots" && !slices.Contains(forTests, dir) {
				t.Errorf("%s imports %s, which is for tests", file, other)
			}
			if !slices.Contains(r.allows, other) {
				t.Errorf("%s imports %s; %s may import %s", file, other, dir, strings.Join(r.allows, ", "))
			}
		}
		for _, other := range r.allows {
			if r.imports[other] == "" && other != nothing {
				t.Errorf("%s may import %s and does not: shorten its list", dir, other)
			}
		}
	}
}

func TestClockEnvironmentStylesAndKeysStayInTheirRooms(t *testing.T) {
	house(t, func(file string, set *token.FileSet, f *ast.File) {
		names := localNames(f)
		ast.Inspect(f, func(n ast.Node) bool {
			sel, is := n.(*ast.SelectorExpr)
			if !is {
				return true
			}
			id, is := sel.X.(*ast.Ident)
			if !is || names[id.Name] == "" {
				return true
			}
			what := names[id.Name] + "." + sel.Sel.Name
			where, ruled := only[what]
			if what == "context.Background" || what == "os.Getenv" {
				where = append(slices.Clone(where), forTests...)
			}
			if ruled && !slices.Contains(where, file) && !slices.Contains(where, path.Dir(file)) {
				t.Errorf("%s: %s belongs in %s", set.Position(sel.Pos()), what, strings.Join(where, ", "))
			}
			return true
		})
	})
}

// localNames says which import an identifier of the file stands for.
func localNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, imported := range f.Imports {
		from := strings.Trim(imported.Path.Value, `"`)
		name := path.Base(from)
		if regexp.MustCompile(`^v\d+$`).MatchString(name) {
			name = path.Base(path.Dir(from))
		}
		if imported.Name != nil {
			name = imported.Name.Name
		}
		names[name] = from
	}
	return names
}

func TestNothingIsPutOff(t *testing.T) {
	house(t, func(file string, set *token.FileSet, f *ast.File) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if word := never.FindString(c.Text); word != "" {
					t.Errorf("%s: a comment says %s", set.Position(c.Pos()), word)
				}
			}
		}
	})
}
