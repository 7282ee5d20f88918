package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// buildDir holds the built program.
var buildDir string

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dossier-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	buildDir = dir
	return m.Run()
}

// coverDir returns the directory for coverage data of the built program; empty: it is built without coverage.
func coverDir() string { return os.Getenv("DOSSIER_TEST_COVERDIR") }

// build builds the program once, when the first test needs it, and returns its path.
var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(buildDir, "dossier")
	args := []string{"build", "-ldflags", "-s -w", "-o", binary} // without debug information linking takes half the time
	if coverDir() != "" {
		args = append(args, "-cover", "-coverpkg=dossier/...")
	}
	if out, err := exec.Command("go", append(args, "dossier")...).CombinedOutput(); err != nil {
		return "", errors.New("building dossier: " + err.Error() + "\n" + string(out))
	}
	return binary, nil
})

// built returns the path of the built program.
func built(t *testing.T) string {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
