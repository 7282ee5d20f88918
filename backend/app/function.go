package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dossier/backend/rules"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxSource is the largest function source read, in bytes.
const maxSource = 1 << 20

// functions reads functions/config.json and the sources it names.
func (r *reader) functions() error {
	f, err := open(r.fs, "functions/config.json")
	if err != nil {
		return err
	}
	if f != nil {
		list, ok := f.value.(bson.A)
		if !ok {
			return fmt.Errorf("%s: wants an array at the top, has %s", f.name, describe(f.value))
		}
		for i, item := range list {
			d, ok := item.(bson.D)
			if !ok {
				return f.errorf(fmt.Sprintf("[%d]", i), "wants an object, has %s", describe(item))
			}
			if err := r.function(f, fmt.Sprintf("[%d]", i), d); err != nil {
				return err
			}
		}
	}
	return r.strays()
}

func (r *reader) function(f *file, at string, d bson.D) error {
	fn := &Function{}
	always, err := rules.CompileForCaller(true, "can_evaluate")
	if err != nil {
		return err
	}
	fn.CanEvaluate = always
	asOther := ""
	for _, e := range d {
		key := at + "." + e.Key
		switch e.Key {
		case "name":
			fn.Name, err = f.text(key, e.Value)
		case "private":
			fn.Private, err = f.truth(key, e.Value)
		case "run_as_system":
			fn.RunAsSystem, err = f.truth(key, e.Value)
		case "can_evaluate":
			fn.CanEvaluate, err = r.canEvaluate(f, key, e.Value)
		case "run_as_user_id", "run_as_user_id_script_source":
			if !empty(e.Value) {
				asOther = key
			}
		case "run_as_authed_user", "disable_arg_logs", "id", "_id", "last_modified":
		default:
			r.ignore(f, key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	if !validFunctionName(fn.Name) {
		return f.errorf(at+".name", "wants letters, digits, _ - and / between, has %q", fn.Name)
	}
	if r.app.Functions[fn.Name] != nil {
		return f.errorf(at+".name", "the function %q is there twice", fn.Name)
	}
	if asOther != "" {
		r.notice(f, asOther, "running as another user is not supported; the function %q cannot be called", fn.Name)
		r.skipped[fn.Name] = true
		return nil
	}
	fn.Source, err = r.source(f, at, fn.Name)
	if err == nil {
		r.app.Functions[fn.Name] = fn
	}
	return err
}

func (r *reader) canEvaluate(f *file, key string, v any) (*rules.Expression, error) {
	if v == nil {
		v = bson.D{}
	}
	if err := r.namesKnown(f, key, v); err != nil {
		return nil, err
	}
	e, err := rules.CompileForCaller(v, key)
	return e, f.wrap(err)
}

func validFunctionName(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsFunc(name, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-/", c))
	})
}

func (r *reader) source(f *file, at, name string) (string, error) {
	where := path.Join("functions", name+".js")
	info, err := fs.Stat(r.fs, where)
	if errors.Is(err, fs.ErrNotExist) {
		return "", f.errorf(at+".name", "%s is missing", where)
	}
	if err == nil && info.Size() > maxSource {
		return "", fmt.Errorf("%s: has %d bytes, more than %d", where, info.Size(), maxSource)
	}
	text, err := fs.ReadFile(r.fs, where)
	if err != nil {
		return "", fmt.Errorf("%s: cannot be read: %w", where, err)
	}
	return string(text), nil
}

// strays names files in functions/ that no entry of config.json leads to.
func (r *reader) strays() error {
	var names []string
	err := fs.WalkDir(r.fs, "functions", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == "functions" {
			return fs.SkipAll
		}
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			names = append(names, name)
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("functions: cannot be read: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		function := strings.TrimSuffix(strings.TrimPrefix(name, "functions/"), ".js")
		switch {
		case name == "functions/config.json", r.skipped[function], r.app.Functions[function] != nil && path.Ext(name) == ".js":
		case path.Ext(name) == ".js":
			r.app.Notices = append(r.app.Notices, Notice{File: name, Text: "cannot be called: functions/config.json has no entry that leads to it"})
		default:
			r.app.Notices = append(r.app.Notices, Notice{File: name, Text: "packages and other files are not supported; it has no effect"})
		}
	}
	return nil
}
