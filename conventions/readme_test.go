package conventions_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"dossier/ui/keys"
)

// keyTable returns the README's table of key bindings: one row for each action of the panes it covers.
func keyTable() string {
	var b strings.Builder
	b.WriteString("| where | key | what it does |\n| --- | --- | --- |\n")
	for _, e := range keys.Default() {
		if inReadme(e) {
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", e.Scope.Title(), e.Binding.Help().Key, e.Binding.Help().Desc)
		}
	}
	return b.String()
}

// inReadme reports whether the README lists a key binding; those that every list and dialog shares are left out.
func inReadme(e keys.Entry) bool {
	switch e.Action {
	case keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Top, keys.Bottom, keys.Accept, keys.Cancel:
		return false
	}
	return e.Scope == keys.Everywhere || e.Scope == keys.Document || e.Scope == keys.Conflict || e.Scope == keys.Accounts
}

// TestReadmeKeys compares the README's table with the key bindings. DOSSIER_UPDATE=1 rewrites the table.
func TestReadmeKeys(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- keys: checked against the table of keys by a test -->\n", "<!-- /keys -->"
	before, rest, ok := strings.Cut(string(text), from)
	table, after, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatal("README.md lacks the comments around its table of keys")
	}
	if os.Getenv("DOSSIER_UPDATE") != "" {
		if err := os.WriteFile("README.md", []byte(before+from+keyTable()+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != keyTable() {
		t.Errorf("README.md's table of keys differs from the key bindings "+
			"(DOSSIER_UPDATE=1 go test -run TestReadmeKeys ./conventions rewrites it):\n%s", keyTable())
	}
}

func TestNoKeyHasTwoActions(t *testing.T) {
	for _, c := range keys.Default().Duplicates() {
		t.Errorf("in %q, %q is both %q and %q", c.Scope, c.Key, c.A, c.B)
	}
}

// TestNamesOfKeyBindings: an entry of the table is named in the configuration file by its scope and action.
func TestNamesOfKeyBindings(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, e := range keys.Default() {
		switch {
		case !name.MatchString(e.Name()):
			t.Errorf("%q: expected scope.action, in lower case, words joined by hyphens", e.Name())
		case seen[e.Name()]:
			t.Errorf("%s has two entries; list its keys in one", e.Name())
		}
		seen[e.Name()] = true
	}
}
