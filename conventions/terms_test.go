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

// vague matches words that hide who acts: user, caller, client, process or operator.
var vague = regexp.MustCompile(`(?i)\b(somebody|someone|nobody|everybody|everyone|anybody|anyone|whoever|whomever)\b`)

func TestCommentsNameWhoActs(t *testing.T) {
	forEachGoFile(t, true, func(_ string, set *token.FileSet, f *ast.File) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if word := vague.FindString(c.Text); word != "" {
					t.Errorf("%s: a comment says %q: name the user, caller, client, process or operator",
						set.Position(c.Pos()), word)
				}
			}
		}
	})
}
