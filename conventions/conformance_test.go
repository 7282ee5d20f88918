package conventions_test

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

// CONFORMANCE.md names tests that exist: SDK tests by file and the beginning of the title, Go tests by package and
// name.
func TestConformanceNamesTestsThatExist(t *testing.T) {
	existing := append(goTests(t), sdkTests(t)...)
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
			t.Errorf("line %d names no test", n+1)
		}
		for _, test := range tests {
			named++
			if !slices.ContainsFunc(existing, func(name string) bool { return matches(name, test[1]) }) {
				t.Errorf("line %d: test %q does not exist", n+1, test[1])
			}
		}
	}
	if named < 100 {
		t.Errorf("the tables name %d tests, expected 100 or more", named)
	}
}

// matches reports whether a name in the tables means the test: a Go test's whole name, or the beginning of a title.
func matches(test, name string) bool {
	return test == name || strings.Contains(name, ": ") && strings.HasPrefix(test, name)
}

// goTests returns the tests of the module as "server.TestLocation".
func goTests(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			names = append(names, titles(t, file, goTest, filepath.Base(filepath.Dir(file))+".")...)
		}
	}
	return names
}

// sdkTests returns the tests in sdk/ as "signin: title".
func sdkTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("sdk/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("SDK tests: %d files, %v", len(files), err)
	}
	var names []string
	for _, file := range files {
		for _, title := range titles(t, file, sdkTest, strings.TrimSuffix(filepath.Base(file), ".test.mjs")+": ") {
			// One test for each size; the tables name both.
			if before, after, found := strings.Cut(title, "${name}"); found {
				names = append(names, before+"16 kB"+after, before+"200 kB"+after)
				continue
			}
			names = append(names, title)
		}
	}
	return names
}

func titles(t *testing.T, file string, pattern *regexp.Regexp, prefix string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
		out = append(out, prefix+strings.Join(m[1:], ""))
	}
	return out
}
