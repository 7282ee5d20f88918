package functions

import (
	"testing"
	"time"

	"dossier/backend/api"

	"github.com/dlclark/regexp2/v2"
)

// TestRegexpTimeout: an expression that tries for ages is given up, and the call with it: no match is no answer.
func TestRegexpTimeout(t *testing.T) {
	limitRegexps()
	before := regexp2.DefaultMatchTimeout
	if before != defaultDeadline {
		t.Errorf("regular expressions may run for %v, want %v", before, defaultDeadline)
	}
	defer func() { regexp2.DefaultMatchTimeout = before }()
	regexp2.DefaultMatchTimeout = 200 * time.Millisecond
	w := newFixture(t, map[string]string{"ages": `exports = text => /^(a+)+(?=$)b/.test(text) ? "matched" : "did not match"`}, nil)
	w.functions.options.Deadline = 20 * time.Millisecond
	w.expectError(api.CodeExecutionTimeLimitExceeded, "ages", `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`)
}
