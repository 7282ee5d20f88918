package conventions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// banned are words and phrases that have a plainer form, with what to write instead.
var banned = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{word(`somebody|someone|nobody|everybody|everyone|anybody|anyone`), "user, caller, process or operator"},
	{word(`whoever|whomever|whosoever|whatever stands`), "user, caller, process or operator"},
	{word(`wanted is|wants an?|wants either|wants one`), "expected"},
	{word(`there is none called`), "unknown X (available: …)"},
	{word(`is no [\w./:-]+ such as`), "is not an X (example: …)"},
	{word(`(?:is|are|was|were) told|tells? of|tells? whether`), "reports, returns or receives"},
	{word(`is asked|are asked`), "is called, requested or queried"},
	{word(`by themselves|of its own accord|by itself(?: (?:i[^s]|[^i])|[^ ]|$)`),
		"without a request, alone, or nothing at all"},
	{word(`believed by|is nobody's|made-up|slip of the pen`), "the plain term"},
	{word(`mints|minted|minting`), "issue"},
	{word(`rooms?`), "package, space or limit"},
}

// bannedNames are words that no file name and no identifier contains, with what to write instead. Comments may use them
// where they are the exact term, as in "mailbox" for a place on a mail server.
var bannedNames = map[string]string{
	"deaf": "unresponsive", "dribbling": "slow", "keeper": "store or holder", "lane": "pane or slot",
	"lanes": "panes or slots", "mailbox": "recorder", "relay": "proxy", "spoil": "corrupt", "spoiled": "corrupted",
}

// nameWord is one word of a name: sentMail and sent_mail have two.
var nameWord = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

func word(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + alternatives + `)\b`)
}

// documents are the other files with text: their extensions.
var documents = map[string]bool{".md": true, ".mjs": true, ".js": true, ".toml": true, ".yaml": true, ".service": true}

// TestPlainTerms checks comments and texts of the whole repository against the banned words.
func TestPlainTerms(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && skipped(d.Name()) {
			return fs.SkipDir
		}
		reportName(t, token.Position{Filename: file}, d.Name())
		switch {
		case d.IsDir() || strings.HasSuffix(file, "terms_test.go"):
		case path.Ext(file) == ".go":
			checkGo(t, file)
		case documents[path.Ext(file)]:
			checkLines(t, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func skipped(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "testdata" || dir == "node_modules" || dir == "dist"
}

// checkGo checks comments, string literals and identifiers.
func checkGo(t *testing.T, file string) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
	if err != nil {
		t.Error(err)
		return
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			report(t, set.Position(c.Pos()), c.Text)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BasicLit:
			if x.Kind == token.STRING {
				report(t, set.Position(x.Pos()), x.Value)
			}
		case *ast.Ident:
			reportName(t, set.Position(x.Pos()), x.Name)
		}
		return true
	})
}

func checkLines(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	for i, line := range strings.Split(string(text), "\n") {
		report(t, token.Position{Filename: file, Line: i + 1}, line)
	}
}

func report(t *testing.T, at token.Position, text string) {
	for _, b := range banned {
		if found := b.pattern.FindString(text); found != "" {
			t.Errorf("%s: %q: write %s", at, found, b.instead)
		}
	}
}

func reportName(t *testing.T, at token.Position, name string) {
	for _, w := range nameWord.FindAllString(name, -1) {
		if instead := bannedNames[strings.ToLower(w)]; instead != "" {
			t.Errorf("%s: %q: write %s", at, name, instead)
		}
	}
}
