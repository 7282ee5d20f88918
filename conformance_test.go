package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	goTest  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	sdkTest = regexp.MustCompile("(?m)^ *test\\((?:\"([^\"]+)\"|`([^`]+)`)")
	inTicks = regexp.MustCompile("`([^`]+)`")
)

// CONFORMANCE.md names tests that exist: those of SDKs by file and the beginning of their title, those in Go by package and name.
func TestConformanceNamesTestsThatExist(t *testing.T) {
	there := append(goTests(t), sdkTests(t)...)
	text, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for n, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|") // before, what, how, tests, after
		if len(cells) != 5 || strings.HasPrefix(cells[1], " ---") || strings.TrimSpace(cells[2]) == "" {
			continue
		}
		tests := inTicks.FindAllStringSubmatch(cells[3], -1)
		if len(tests) == 0 {
			t.Errorf("line %d does not say what shows it", n+1)
		}
		for _, test := range tests {
			named++
			if !slices.ContainsFunc(there, func(name string) bool { return isNamed(name, test[1]) }) {
				t.Errorf("line %d: there is no test %q", n+1, test[1])
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d tests were found in the tables", named)
	}
}

// isNamed reports whether a name in the table means a test: Go's is given whole, an SDK's title by its beginning.
func isNamed(test, name string) bool {
	return test == name || strings.Contains(name, ": ") && strings.HasPrefix(test, name)
}

// goTests gives "server.TestLocation" for every test of the module, "dossier.…" for those of the root.
func goTests(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*_test.go", "*/*_test.go", "*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			room := filepath.Base(filepath.Dir(file))
			if room == "." {
				room = module
			}
			names = append(names, titles(t, file, goTest, room+".")...)
		}
	}
	return names
}

// sdkTests gives "signin: title" for every test of sdk/.
func sdkTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("sdk/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("tests of SDKs: %d files, %v", len(files), err)
	}
	var names []string
	for _, file := range files {
		for _, title := range titles(t, file, sdkTest, strings.TrimSuffix(filepath.Base(file), ".test.mjs")+": ") {
			// One test a size: the table names each.
			if before, after, several := strings.Cut(title, "${name}"); several {
				names = append(names, before+"16 kB"+after, before+"200 kB"+after)
				continue
			}
			names = append(names, title)
		}
	}
	return names
}

func titles(t *testing.T, file string, what *regexp.Regexp, prefix string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range what.FindAllStringSubmatch(string(text), -1) {
		out = append(out, prefix+strings.Join(m[1:], ""))
	}
	return out
}
