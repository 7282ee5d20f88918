package functions

import (
	"reflect"

	"github.com/dop251/goja/ast"
)

// reach is what a program can use of the built-in objects and globals. Creating them and wrapping them in limits takes
// longer than most functions run, so that a runtime gets only those within reach.
type reach struct {
	all   bool                // it may use anything, because it computes names or code
	risky bool                // it may use what riskyBuiltinLimits limits
	names map[string]struct{} // identifiers, property names and texts in the source

	patterns, generators bool // it has regular expressions, or generator functions
}

// uses reports whether a program may use a global or the property of a built-in object.
func (r reach) uses(name string) bool {
	_, named := r.names[name]
	return named || r.all
}

// usesAny is uses for several names.
func (r reach) usesAny(names ...string) bool {
	for _, name := range names {
		if r.uses(name) {
			return true
		}
	}
	return false
}

// reachOf returns what a program can use. It errs on the side of more: a name in any text counts, and a program that
// reads a computed property, that reads properties without their names or that refers to the global object may use
// anything. Code that is created at run time is not in the tree, so risky programs may use anything too. A method
// without a receiver can get the global object by this and by super.
func reachOf(tree *ast.Program, risky bool) reach {
	w := astWalker{seen: map[any]bool{}, names: map[string]struct{}{}}
	w.walk(reflect.ValueOf(tree.Body))
	r := reach{names: w.names, patterns: w.patterns, generators: w.generators}
	dynamic := w.computed || r.usesAny(reflectionNames...)
	r.risky = risky || dynamic && (w.global || r.uses("Proxy"))
	r.all = r.risky || dynamic || w.global || r.usesAny("URL", "URLSearchParams") // URL is a module in JavaScript
	return r
}

// reflectionNames are the names of what gives access to properties without their names: descriptors contain the values,
// defined properties can be enumerable, and a proxy gets the name and the receiver of each access.
var reflectionNames = []string{"getOwnPropertyDescriptor", "getOwnPropertyDescriptors", "defineProperty",
	"defineProperties", "Proxy"}

// astWalker collects the names in a syntax tree.
type astWalker struct {
	seen     map[any]bool // nodes: declarations are in the tree twice
	names    map[string]struct{}
	computed bool // a property is accessed or defined by a computed name
	global   bool // the global object is within reach

	patterns, generators bool
}

// walk visits a value of a syntax tree and everything below it.
func (w *astWalker) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		w.walk(v.Elem())
	case reflect.Pointer:
		if v.IsNil() || v.Type().Elem().PkgPath() != programPackage || w.seen[v.Interface()] {
			return
		}
		w.seen[v.Interface()] = true
		w.walk(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Struct:
		w.inspect(v.Interface())
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	case reflect.String:
		w.names[v.String()] = struct{}{}
	}
}

// programPackage is the package of syntax trees: what it refers to outside, such as the source, has no names.
var programPackage = reflect.TypeFor[ast.Program]().PkgPath()

// inspect finds the nodes that may use more than the names in them.
func (w *astWalker) inspect(node any) {
	computed := false
	switch n := node.(type) {
	case ast.BracketExpression:
		switch n.Member.(type) {
		case *ast.NumberLiteral, *ast.StringLiteral:
		default:
			computed = true
		}
	case ast.PropertyKeyed:
		computed = n.Computed
	case ast.MethodDefinition:
		computed = n.Computed
	case ast.FieldDefinition:
		computed = n.Computed
	case ast.WithStatement:
		computed = true
	case ast.ThisExpression, ast.SuperExpression:
		w.global = true
	case ast.RegExpLiteral:
		w.patterns = true
	case ast.FunctionLiteral:
		w.generators = w.generators || n.Generator
	}
	w.computed = w.computed || computed
}
