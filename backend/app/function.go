package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
)

// maxSource is the largest source of a function that is read, in bytes.
const maxSource = 1 << 20

// sourceFile is the source of a function and its file.
type sourceFile struct{ file, source string }

// functions reads functions/config.json and the sources that it names, or functions/NAME/config.json and source.js of
// older exports; then node_modules.
func (r *reader) functions() {
	referenced := map[string]bool{"functions/config.json": true}
	r.readingFunctions = true
	if f := r.openFile("functions/config.json"); f != nil {
		list, ok := f.value.(bson.A)
		if !ok {
			f.invalid("", "expected an array at the top level, got %s", rules.DescribeValue(f.value))
		}
		for i, item := range list {
			at := fmt.Sprintf("[%d]", i)
			fn := r.function(f, at, item)
			source := path.Join("functions", fn.Name+".js")
			referenced[source] = true
			r.addFunction(f, at, fn, source)
		}
	}
	for _, e := range r.listDir("functions") {
		dir := path.Join("functions", e.Name())
		if config := path.Join(dir, "config.json"); e.IsDir() && e.Name() != nodeModules && r.exists(config) {
			referenced[config], referenced[path.Join(dir, "source.js")] = true, true
			if f := r.openFile(config); f != nil {
				r.addFunction(f, "", r.function(f, "", f.value), path.Join(dir, "source.js"))
			}
		}
	}
	r.readingFunctions = false
	for _, check := range r.deferredChecks {
		check()
	}
	r.modules()
	r.reportStrayFiles(referenced)
}

// function reads an entry of a function.
func (r *reader) function(f *file, at string, v any) *Function {
	fn := &Function{}
	fn.CanEvaluate, _ = rules.CompileForCaller(true, "can_evaluate")
	for _, e := range f.objectValue(at, v) {
		key := joinKey(at, e.Key)
		switch e.Key {
		case "name":
			fn.Name = f.stringValue(key, e.Value)
		case "private":
			fn.Private = f.boolValue(key, e.Value)
		case "run_as_system":
			fn.RunAsSystem = f.boolValue(key, e.Value)
		case "run_as_user_id":
			fn.RunAsUserID = f.stringValue(key, e.Value)
		case "run_as_user_id_script_source":
			fn.RunAsUserScript = f.stringValue(key, e.Value)
		case "can_evaluate":
			fn.CanEvaluate = r.canEvaluate(f, key, e.Value)
		case "run_as_authed_user", "disable_arg_logs", "id", "_id", "last_modified", "version":
		default:
			f.ignored(key, e.Value)
		}
	}
	return fn
}

// addFunction reads a function's source and adds the function to the application.
func (r *reader) addFunction(f *file, at string, fn *Function, source string) {
	key := joinKey(at, "name")
	if !validFunctionName(fn.Name) {
		f.invalid(key, "invalid function name %q: expected letters, digits, _ and -, separated by /", fn.Name)
		return
	}
	if r.functionNames[fn.Name] {
		f.invalid(key, "duplicate function %q", fn.Name)
		return
	}
	r.functionNames[fn.Name] = true
	if !r.exists(source) {
		f.invalid(key, "%s is missing", source)
		return
	}
	text, ok := r.readFile(source, maxSource)
	if !ok {
		return
	}
	fn.Source, fn.File = string(text), source
	r.app.Functions[fn.Name] = fn
	r.sources = append(r.sources, sourceFile{source, fn.Source})
	r.checkSyntax(source, fn)
	f.works(key, "the function %s: %s, %s", fn.Name, describeCallers(fn), describeRights(fn))
}

func describeCallers(fn *Function) string {
	if fn.Private {
		return "private"
	}
	return "for clients"
}

func describeRights(fn *Function) string {
	switch {
	case fn.RunAsSystem:
		return "runs as system"
	case fn.RunAsUserScript != "":
		return "runs under the rules of the user that its script returns"
	case fn.RunAsUserID != "":
		return "runs under the rules of the user " + fn.RunAsUserID
	}
	return "runs under the caller's rules"
}

func (r *reader) checkSyntax(source string, fn *Function) {
	if r.options.Compile == nil {
		return
	}
	if err := r.options.Compile(source, fn.Source); err != nil {
		r.report(Suspicious, source, "", "does not parse, so calls fail: %v", err)
	}
	if fn.RunAsUserScript == "" {
		return
	}
	if err := r.options.Compile(source, fn.RunAsUserScript); err != nil {
		r.report(Suspicious, source, "run_as_user_id_script_source", "does not parse, so calls fail: %v", err)
	}
}

func (r *reader) canEvaluate(f *file, key string, v any) *rules.Expression {
	if v == nil {
		v = bson.D{}
	}
	r.checkNames(f, key, v)
	e, err := rules.CompileForCaller(v, key)
	if err != nil {
		f.invalidRules(err)
	}
	return e
}

func validFunctionName(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsFunc(name, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-/", c))
	})
}

// requireFunction returns a function's name, and reports it when it is missing or unknown.
func (r *reader) requireFunction(f *file, key, name string) string {
	switch {
	case name == "":
		f.invalid(key, "is missing")
	case !r.functionNames[name] && r.readingFunctions:
		r.deferredChecks = append(r.deferredChecks, func() { r.requireFunction(f, key, name) })
	case !r.functionNames[name] && !r.unreadable("functions/config.json"):
		f.invalid(key, "unknown function %q", name)
	}
	return name
}

// reportStrayFiles reports files in functions/ that no entry references.
func (r *reader) reportStrayFiles(referenced map[string]bool) {
	var names []string
	err := fs.WalkDir(r.fs, "functions", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == "functions":
			return fs.SkipAll
		case err == nil && d.IsDir() && d.Name() == nodeModules:
			return fs.SkipDir
		case err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") && !referenced[name]:
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		r.report(Invalid, "functions", "", "cannot be read: %v", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if text := strayText(name); text != "" {
			r.report(Unsupported, name, "", "%s", text)
		}
	}
}

// strayText is the finding about a file that no entry references; empty: none.
func strayText(name string) string {
	base := path.Base(name)
	switch {
	case base == "package.json", base == "package-lock.json", base == "yarn.lock", path.Ext(name) == ".md":
		return ""
	case strings.HasPrefix(base, nodeModules+"."):
		return "the archive is not read: unpack it to functions/" + nodeModules
	case path.Ext(name) == ".js":
		return "cannot be called: functions/config.json has no entry for it"
	}
	return "is not a function; it has no effect"
}
