package app

import (
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// ContextMembers are the members of the global context in functions.
func ContextMembers() []string {
	return []string{
		"app", "environment", "functions", "http", "request", "runningAsSystem", "services", "user", "values",
	}
}

// references are the names that a function's source uses, each once, in the order of the source. Names that are
// computed at run time are not among them.
type references struct {
	declared       map[string]bool // variables, parameters, functions and classes, in any scope
	dataSources    []string        // context.services.get("…")
	values         []string        // context.values.get("…")
	functions      []string        // context.functions.execute("…")
	contextMembers []string        // context.…
	globals        []string        // used in the forms that fail when the global does not exist
	classes        []string        // Unicode property classes in regular expressions: \p{…}
	modules        []string        // require("…")
	hosts          []string        // of http and https URLs in strings
}

// findReferences parses a source; nil when it does not parse.
func findReferences(file, source string) *references {
	tree, err := parser.ParseFile(nil, file, source, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil
	}
	r := &references{declared: map[string]bool{}}
	walkTree(reflect.ValueOf(tree), r.visit)
	return r
}

// walkTree calls visit for every node below v, parents first. It skips the fields DeclarationList: they repeat nodes.
func walkTree(v reflect.Value, visit func(ast.Node)) {
	switch v.Kind() {
	case reflect.Interface:
		walkTree(v.Elem(), visit)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if node, ok := v.Interface().(ast.Node); ok {
			visit(node)
		}
		walkTree(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			walkTree(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "DeclarationList" {
				walkTree(v.Field(i), visit)
			}
		}
	}
}

func (r *references) visit(node ast.Node) {
	switch n := node.(type) {
	case *ast.CallExpression:
		r.call(n)
	case *ast.NewExpression:
		r.construct(n)
	case *ast.DotExpression:
		r.member(n.Left, n.Identifier.Name.String())
	case *ast.BracketExpression:
		if name, ok := n.Member.(*ast.StringLiteral); ok {
			r.member(n.Left, name.Value.String())
		}
	case *ast.StringLiteral:
		r.host(n.Value.String())
	case *ast.TemplateLiteral:
		r.template(n)
	case *ast.RegExpLiteral:
		r.pattern(n.Pattern)
	case *ast.Binding:
		r.declare(n.Target)
	case *ast.ForDeclaration:
		r.declare(n.Target)
	case *ast.CatchStatement:
		r.declare(n.Parameter)
	case *ast.ParameterList:
		r.declare(n.Rest)
	case *ast.AssignExpression:
		r.declare(n.Left)
	case *ast.FunctionLiteral:
		r.declareName(n.Name)
	case *ast.ClassLiteral:
		r.declareName(n.Name)
	}
}

// call records a call whose first argument is a string, and calls of globals.
func (r *references) call(n *ast.CallExpression) {
	argument, literal := firstString(n.ArgumentList)
	if callee, ok := unwrap(n.Callee).(*ast.Identifier); ok {
		switch name := callee.Name.String(); {
		case name == "fetch", name == "structuredClone":
			add(&r.globals, name)
		case name == "require" && literal:
			add(&r.modules, argument)
		case name == "RegExp" && literal:
			r.pattern(argument)
		}
		return
	}
	object, method := memberOf(n.Callee)
	if object == nil || !literal {
		return
	}
	switch owner := lastName(object); {
	case owner == "services" && method == "get":
		add(&r.dataSources, argument)
	case owner == "values" && method == "get":
		add(&r.values, argument)
	case owner == "functions" && method == "execute":
		add(&r.functions, argument)
	}
}

func (r *references) construct(n *ast.NewExpression) {
	callee, ok := n.Callee.(*ast.Identifier)
	if !ok {
		return
	}
	switch name := callee.Name.String(); name {
	case "TextEncoder", "TextDecoder":
		add(&r.globals, name)
	case "RegExp":
		if text, ok := firstString(n.ArgumentList); ok {
			r.pattern(text)
		}
	}
}

// member records a member of context, and globals whose members are used.
func (r *references) member(object ast.Expression, name string) {
	global, ok := unwrap(object).(*ast.Identifier)
	if !ok {
		return
	}
	switch of := global.Name.String(); of {
	case "context":
		add(&r.contextMembers, name)
	case "Intl", "process":
		add(&r.globals, of)
	}
}

// template records the host of a URL whose host has no substitution.
func (r *references) template(n *ast.TemplateLiteral) {
	if len(n.Elements) == 0 {
		return
	}
	text := n.Elements[0].Parsed.String()
	if _, rest, _ := strings.Cut(text, "://"); len(n.Expressions) == 0 || strings.Contains(rest, "/") {
		r.host(text)
	}
}

func (r *references) host(text string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return
	}
	if end := strings.IndexAny(rest, "/?# "); end >= 0 {
		rest = rest[:end]
	}
	if u, err := url.Parse(scheme + "://" + rest); err == nil && u.Hostname() != "" {
		add(&r.hosts, u.Host)
	}
}

var propertyClass = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\[pP]\{[^}\n]*\}`)
})

func (r *references) pattern(text string) {
	for _, class := range propertyClass().FindAllString(text, -1) {
		add(&r.classes, class)
	}
}

// declare records the names that a binding or assignment target declares or replaces.
func (r *references) declare(target ast.Expression) {
	switch t := target.(type) {
	case *ast.Identifier:
		r.declareName(t)
	case *ast.Binding:
		r.declare(t.Target)
	case *ast.AssignExpression: // a default value in a pattern
		r.declare(t.Left)
	case *ast.SpreadElement:
		r.declare(t.Expression)
	case *ast.ArrayPattern:
		for _, element := range t.Elements {
			r.declare(element)
		}
		r.declare(t.Rest)
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			r.declare(property)
		}
		r.declare(t.Rest)
	case *ast.PropertyShort:
		r.declareName(&t.Name)
	case *ast.PropertyKeyed:
		r.declare(t.Value)
	}
}

func (r *references) declareName(name *ast.Identifier) {
	if name != nil {
		r.declared[name.Name.String()] = true
	}
}

func add(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// unwrap returns the expression inside an optional chain.
func unwrap(e ast.Expression) ast.Expression {
	for {
		switch x := e.(type) {
		case *ast.OptionalChain:
			e = x.Expression
		case *ast.Optional:
			e = x.Expression
		default:
			return e
		}
	}
}

// memberOf returns the object and the name of a member expression; nil: it is none, or the name is computed.
func memberOf(e ast.Expression) (object ast.Expression, name string) {
	switch x := unwrap(e).(type) {
	case *ast.DotExpression:
		return x.Left, x.Identifier.Name.String()
	case *ast.BracketExpression:
		if name, ok := x.Member.(*ast.StringLiteral); ok {
			return x.Left, name.Value.String()
		}
	}
	return nil, ""
}

// lastName returns the name of a variable or of a member; empty: neither.
func lastName(e ast.Expression) string {
	if variable, ok := unwrap(e).(*ast.Identifier); ok {
		return variable.Name.String()
	}
	_, name := memberOf(e)
	return name
}

// firstString returns the first argument if it is a string without substitutions.
func firstString(arguments []ast.Expression) (string, bool) {
	if len(arguments) == 0 {
		return "", false
	}
	switch x := arguments[0].(type) {
	case *ast.StringLiteral:
		return x.Value.String(), true
	case *ast.TemplateLiteral:
		if x.Tag == nil && len(x.Expressions) == 0 && len(x.Elements) == 1 {
			return x.Elements[0].Parsed.String(), true
		}
	}
	return "", false
}

// lintSources reports names in the functions' sources that do not exist at run time.
func (r *reader) lintSources() {
	loaded := map[string]error{}
	for _, s := range r.sources {
		refs := findReferences(s.file, s.source)
		if refs == nil {
			continue
		}
		isDataSource := func(name string) bool { return r.app.DataSources[name] != nil }
		isFunction := func(name string) bool { return r.functionNames[name] }
		inContext := func(name string) bool {
			return refs.declared["context"] || slices.Contains(ContextMembers(), name)
		}
		isDeclared := func(name string) bool { return refs.declared[name] }
		none := func(string) bool { return false }
		r.reportUnknown(s.file, "unknown data source %q", refs.dataSources, isDataSource)
		r.reportUnknown(s.file, "unknown value %q", refs.values, r.hasValue)
		r.reportUnknown(s.file, "unknown function %q", refs.functions, isFunction)
		r.reportUnknown(s.file, "functions have no context.%s", refs.contextMembers, inContext)
		r.reportUnknown(s.file, "functions have no global %s", refs.globals, isDeclared)
		r.reportUnknown(s.file, "regular expressions do not support %s, which matches nothing", refs.classes, none)
		r.lintModules(s.file, refs.modules, loaded)
		r.lintHosts(s.file, refs)
	}
}

func (r *reader) reportUnknown(file, format string, names []string, known func(name string) bool) {
	for _, name := range names {
		if !known(name) {
			r.report(Suspicious, file, "", format, name)
		}
	}
}

// lintModules loads the modules that a source requires. loaded has the results by directory and module name.
func (r *reader) lintModules(file string, modules []string, loaded map[string]error) {
	if r.options.LoadModule == nil {
		return
	}
	for _, name := range modules {
		key := path.Dir(file) + ":" + name
		err, done := loaded[key]
		if !done {
			err = r.options.LoadModule(r.app.Modules, file, name)
			loaded[key] = err
		}
		switch {
		case err == nil:
		case strings.HasPrefix(err.Error(), "require("):
			r.report(Suspicious, file, "", "%v", err)
		default:
			r.report(Suspicious, file, "", "require(%q) fails: %v", name, err)
		}
	}
}

// lintHosts reports hosts that a source sends requests to and that are not allowed.
func (r *reader) lintHosts(file string, refs *references) {
	if !slices.Contains(refs.contextMembers, "http") {
		return
	}
	hosts := refs.hosts
	if len(hosts) == 0 && len(r.options.AllowedHosts) == 0 {
		hosts = []string{"NAME"}
	}
	for _, host := range hosts {
		isHost := func(allowed string) bool { return strings.EqualFold(allowed, host) }
		if !slices.ContainsFunc(r.options.AllowedHosts, isHost) {
			r.report(Unsupported, file, "",
				"sends requests (context.http) to a host that is not allowed: allow it with dossier serve --http-host %s", host)
		}
	}
}

// hasValue reports whether the application has a value, even if its secret is not set.
func (r *reader) hasValue(name string) bool {
	_, defined := r.app.Values[name]
	_, withoutSecret := r.missingSecrets[name]
	return defined || withoutSecret
}
