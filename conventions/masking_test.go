package conventions_test

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// valueTexts maps the functions that write a value as text to the packages and files of the screen that may call them.
// All others get their texts from ui/state, which masks. The files copy the text through the root, which refuses to
// while personal data is masked, put it into a masked input, or ask State.Shows first.
var valueTexts = map[string][]string{
	"dossier/model.Preview": {"ui/state", "ui/activity/detail.go", "ui/profile/facts.go"},
	"dossier/model.Text": {"ui/state", "ui/overlay/viewer.go", "ui/edit/form.go", "ui/document/document.go",
		"ui/copymenu/content.go"},
	"dossier/model.JSON":       {"ui/edit/value.go", "ui/edit/functioncall.go"},
	"dossier/model.IndentJSON": {"ui/state", "ui/edit/preparing.go"},
	"dossier/model.Details":    {"ui/state"},
}

func TestTheScreenWritesValuesThroughTheMask(t *testing.T) {
	forEachFile(t, func(file string, set *token.FileSet, f *ast.File) {
		dir := path.Dir(file)
		if !strings.HasPrefix(file, "ui/") || dir == "ui/cli" || dir == "ui/uitest" {
			return
		}
		imports := importNames(f)
		ast.Inspect(f, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			used := imports[id.Name] + "." + selector.Sel.Name
			allowed, restricted := valueTexts[used]
			if restricted && !slices.Contains(allowed, file) && !slices.Contains(allowed, dir) {
				t.Errorf("%s: %s shows a value although masking is on: use State.Value or State.JSON of ui/state",
					set.Position(selector.Pos()), used)
			}
			return true
		})
	})
}
