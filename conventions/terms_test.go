package conventions_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"testing"
)

// unfinished matches what no comment contains: postponed work, and linters that are switched off.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b|nolint`)

func TestCommentsPostponeNothing(t *testing.T) {
	forEachFile(t, func(_ string, set *token.FileSet, f *ast.File) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if word := unfinished.FindString(c.Text); word != "" {
					t.Errorf("%s: a comment contains %s", set.Position(c.Pos()), word)
				}
			}
		}
	})
}
