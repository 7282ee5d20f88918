package functions

import (
	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// Check tells why a function's source does not compile; nil: it does. Nothing of it runs.
func Check(file, source string) error {
	tree, err := goja.Parse(file, source, parser.WithDisableSourceMaps)
	if err == nil {
		_, err = goja.CompileAST(tree, false)
	}
	return err
}
