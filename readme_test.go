package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"dossier/ui/keys"
)

// keyTable is the table of keys as the README prints it: one row an action, its keys wherever it has some.
func keyTable() string {
	var b strings.Builder
	b.WriteString("| where | key | what it does |\n| --- | --- | --- |\n")
	for _, e := range keys.Default() {
		if inTree(e) {
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", e.Scope, e.Binding.Help().Key, e.Binding.Help().Desc)
		}
	}
	return b.String()
}

// inTree leaves out what every list and dialog has alike.
func inTree(e keys.Entry) bool {
	switch e.Action {
	case keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Top, keys.Bottom, keys.Accept, keys.Cancel:
		return false
	}
	return e.Scope == keys.Everywhere || e.Scope == keys.Document || e.Scope == keys.Conflict || e.Scope == keys.People
}

// TestReadmeKeys keeps the README's table true. DOSSIER_UPDATE=1 writes it.
func TestReadmeKeys(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- keys: checked against the table of keys by a test -->\n", "<!-- /keys -->"
	before, rest, ok := strings.Cut(string(text), from)
	table, after, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatal("README.md has lost the marks around its table of keys")
	}
	if os.Getenv("DOSSIER_UPDATE") != "" {
		if err := os.WriteFile("README.md", []byte(before+from+keyTable()+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != keyTable() {
		t.Errorf("README.md's table of keys is not the program's (DOSSIER_UPDATE=1 go test -run TestReadmeKeys . writes it):\n%s", keyTable())
	}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	for _, c := range keys.Default().Clashes() {
		t.Errorf("in %q, %q is both %q and %q", c.Scope, c.Key, c.A, c.B)
	}
}
