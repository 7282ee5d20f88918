package conventions_test

import (
	"go/ast"
	"go/token"
	"testing"
)

// The most lines that a file and a function of production code have.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

// TestSizes: files and functions of production code are short enough to be read at once.
func TestSizes(t *testing.T) {
	forEachGoFile(t, false, func(file string, fset *token.FileSet, f *ast.File) {
		if lines := fset.Position(f.FileEnd).Line - 1; lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: divide it by topic", file, lines, maxFileLines)
		}
		for _, d := range f.Decls {
			function, is := d.(*ast.FuncDecl)
			if !is {
				continue
			}
			at := fset.Position(function.Pos())
			if lines := fset.Position(function.End()).Line - at.Line + 1; lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", at, function.Name.Name, lines, maxFunctionLines)
			}
		}
	})
}
