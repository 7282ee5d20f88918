package conventions_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dossier/ui/keys"
)

// writtenKey matches a key in a sentence: its name before a verb. Those of text inputs, such as ctrl+u, cannot be
// bound.
var (
	writtenKey = regexp.MustCompile(`\b(esc|enter|tab|ctrl\+.) [a-z]`)
	ofInputs   = regexp.MustCompile(`ctrl\+[cuwk_] `)
	namedEntry = regexp.MustCompile(`\{([a-z-]+\.[a-z-]+)\}`)
)

// TestSentencesNameTheBoundKeys: keys can be bound to others, so a text of the screen names them by keys.Map.Expand.
// The commands have no keys of their own.
func TestSentencesNameTheBoundKeys(t *testing.T) {
	entries := keys.Default()
	forEachGoFile(t, false, func(file string, set *token.FileSet, f *ast.File) {
		if !strings.HasPrefix(file, "ui/") || strings.HasPrefix(file, "ui/keys/") || strings.HasPrefix(file, "ui/cli/") ||
			strings.HasPrefix(file, "ui/uitest/") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			text, is := n.(*ast.BasicLit)
			if !is {
				return true
			}
			for _, name := range namedEntry.FindAllStringSubmatch(text.Value, -1) {
				if !slices.ContainsFunc(entries, func(e keys.Entry) bool { return e.Name() == name[1] }) {
					t.Errorf("%s: no key binding is named %s", set.Position(text.Pos()), name[1])
				}
			}
			if text.Kind == token.STRING && writtenKey.MatchString(ofInputs.ReplaceAllString(text.Value, "")) {
				t.Errorf("%s: %s names a key that can be bound to another: use keys.Map.Expand", set.Position(text.Pos()),
					text.Value)
			}
			return true
		})
	})
}
