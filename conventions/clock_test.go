package conventions_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowedIn maps an imported name to the packages or files that may use it.
var allowedIn = map[string][]string{
	"time.Now":                             {"main.go", "bench/main.go", "bench/largedocument", "bench/users"},
	"time.Since":                           {"main.go"},
	"time.Until":                           {"main.go"},
	"os.Getenv":                            {"main.go", "bench/main.go"},
	"os.LookupEnv":                         {"main.go"},
	"os.Environ":                           {"main.go"},
	"context.Background":                   {"main.go", "bench/main.go"},
	"context.TODO":                         {},
	"charm.land/lipgloss/v2.NewStyle":      {"ui/style"},
	"charm.land/lipgloss/v2.Color":         {"themes", "ui/style", "screenshots"},
	"charm.land/bubbles/v2/key.NewBinding": {"ui/keys"},

	// ui/terminal draws and writes, so these have no effect; tea.Raw sends sequences.
	"charm.land/bubbletea/v2.NewProgram":                  {"ui/terminal", "bench/empty"},
	"charm.land/bubbletea/v2.SetClipboard":                {},
	"charm.land/bubbletea/v2.ReadClipboard":               {},
	"charm.land/bubbletea/v2.RequestBackgroundColor":      {},
	"charm.land/bubbletea/v2.RequestProgramStatusSupport": {},
	"charm.land/bubbletea/v2.ClearScreen":                 {},
	"charm.land/bubbletea/v2.Exec":                        {},
	"charm.land/bubbletea/v2.ExecProcess":                 {},
}

func TestClockEnvironmentStylesAndKeyBindingsAreUsedInOnePlace(t *testing.T) {
	forEachFile(t, func(file string, set *token.FileSet, f *ast.File) {
		imports := importNames(f)
		ast.Inspect(f, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := selector.X.(*ast.Ident)
			if !ok || imports[id.Name] == "" {
				return true
			}
			used := imports[id.Name] + "." + selector.Sel.Name
			allowed, restricted := allowedIn[used]
			if used == "context.Background" || used == "os.Getenv" {
				allowed = append(slices.Clone(allowed), testPackages...)
			}
			if restricted && !slices.Contains(allowed, file) && !slices.Contains(allowed, path.Dir(file)) {
				t.Errorf("%s: %s is allowed in %s only", set.Position(selector.Pos()), used, strings.Join(allowed, ", "))
			}
			return true
		})
	})
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// importNames maps the names of a file's imports to their paths.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, imported := range f.Imports {
		from := strings.Trim(imported.Path.Value, `"`)
		name := path.Base(from)
		if majorVersion.MatchString(name) {
			name = path.Base(path.Dir(from))
		}
		if imported.Name != nil {
			name = imported.Name.Name
		}
		names[name] = from
	}
	return names
}
