package functions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
)

// Check returns why a function's source does not compile; nil: it compiles. It runs none of it.
func Check(file, source string) error {
	limitRegexps()
	tree, err := goja.Parse(file, source, parser.WithDisableSourceMaps)
	if err == nil {
		_, err = goja.CompileAST(tree, false)
	}
	return err
}

// loadTimeout is how long a module may take to load in a check.
const loadTimeout = 5 * time.Second

// Loader returns a function that checks whether require finds and loads a module from a function's file, with the
// modules that the application ships. The check runs the module's code, without database and network. It stops when ctx
// ends.
func Loader(ctx context.Context, now func() time.Time) func(modules fs.FS, file, module string) error {
	return func(modules fs.FS, file, module string) error {
		name := strings.TrimSuffix(strings.TrimPrefix(file, moduleRoot+"/"), path.Ext(file))
		a := &app.App{Modules: modules, Functions: map[string]*app.Function{
			name: {Name: name, Source: fmt.Sprintf("exports = () => { require(%q) }", module)},
		}}
		_, err := New(a, nil, Options{Now: now, Deadline: loadTimeout}).Run(ctx, rules.Caller{}, name, nil)
		var apiError *api.Error
		if !errors.As(err, &apiError) {
			return err
		}
		var thrown struct{ Message string }
		if json.Unmarshal([]byte(apiError.Message), &thrown) != nil || thrown.Message == "" {
			thrown.Message = apiError.Message
		}
		if at := Location(err); !strings.HasPrefix(thrown.Message, "require(") && at != "" {
			thrown.Message += " (" + at + ")"
		}
		return errors.New(truncate(thrown.Message, maxLoggedText))
	}
}
