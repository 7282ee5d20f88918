package functions

import (
	"testing"
	"time"

	"github.com/dlclark/regexp2/v2"

	"dossier/backend/api"
)

// TestRegexpTimeout: a regular expression that backtracks too long stops, and the call fails instead of returning "no
// match".
func TestRegexpTimeout(t *testing.T) {
	if err := Check("f.js", "exports = () => /a/"); err != nil { // also sets the limit
		t.Fatal(err)
	}
	before := regexp2.DefaultMatchTimeout
	if before != defaultDeadline {
		t.Errorf("regular expressions may run for %v, want %v", before, defaultDeadline)
	}
	// Without a child process: the tests of this package do not run in parallel, and the default is restored.
	t.Cleanup(func() { regexp2.DefaultMatchTimeout = before })
	regexp2.DefaultMatchTimeout = 200 * time.Millisecond
	w := newFixture(t, map[string]string{"backtrack": `exports = text => /^(a+)+(?=$)b/.test(text) ? "matched" : "did not match"`}, nil)
	w.functions.options.Deadline = 20 * time.Millisecond
	w.expectError(api.CodeExecutionTimeLimitExceeded, "backtrack",
		`"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`)
}
