package conventions_test

import (
	"fmt"
	"os"
	"testing"
)

// module is the path of this module, which its packages' import paths begin with.
const module = "dossier"

// The tests read files of the repository by their paths from its root.
func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
