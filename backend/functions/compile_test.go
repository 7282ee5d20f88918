package functions_test

import (
	"strings"
	"testing"

	"dossier/backend/app"
	"dossier/backend/functions"
)

// A command that calls no function does not pay for compiling them.
func TestNewCompilesNothing(t *testing.T) {
	source := "exports = () => { let n = 0;\n" + strings.Repeat("n += Math.max(n, 1);\n", 1000) + "return n };"
	a := &app.App{Functions: map[string]*app.Function{"sum": {Name: "sum", Source: source, RunAsUserScript: source}}}
	if n := testing.AllocsPerRun(5, func() { functions.New(a, nil, functions.Options{}) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}
