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

// reader collects an application while its directory is read.
type reader struct {
	fs      fs.FS
	options Options
	app     *App
	env     string // the environment's name from realm_config.json
	// skipped are the functions that have an entry but cannot run here
	skipped map[string]bool
}

// Options say what an application directory cannot hold.
type Options struct {
	// Secret gives a secret by its name; nil: there are none.
	Secret func(name string) (string, bool)
}

// Read reads and checks an application directory. Every error names file and key.
func Read(fsys fs.FS, o Options) (*App, error) {
	if o.Secret == nil {
		o.Secret = func(string) (string, bool) { return "", false }
	}
	r := &reader{fs: fsys, options: o, skipped: map[string]bool{}, app: &App{
		Providers: map[string]Provider{}, Services: map[string]*Service{},
		Functions: map[string]*Function{}, Values: map[string]bson.RawValue{},
	}}
	steps := []func() error{r.config, r.values, r.environment, r.providers, r.services, r.functions, r.customData, r.rest}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.app, nil
}

func (r *reader) notice(f *file, key, format string, args ...any) {
	r.app.Notices = append(r.app.Notices, Notice{File: f.name, Key: key, Text: fmt.Sprintf(format, args...)})
}

// ignore notes a key without effect, unless it says nothing.
func (r *reader) ignore(f *file, key string, v any) {
	if !empty(v) {
		r.notice(f, key, "is not supported; it has no effect")
	}
}

// config reads realm_config.json, which later exports call root_config.json.
func (r *reader) config() error {
	f, err := open(r.fs, "realm_config.json")
	if f == nil && err == nil {
		f, err = open(r.fs, "root_config.json")
	}
	if err != nil {
		return err
	}
	if f == nil {
		return errors.New("realm_config.json: is missing: this is not an application directory (dossier init makes one)")
	}
	d, err := f.object()
	if err != nil {
		return err
	}
	for _, e := range d {
		switch e.Key {
		case "app_id":
			r.app.ID, err = f.text(e.Key, e.Value)
		case "name":
			r.app.Name, err = f.text(e.Key, e.Value)
		case "environment":
			r.env, err = f.text(e.Key, e.Value)
		case "config_version", "location", "provider_region", "deployment_model":
		default:
			r.ignore(f, e.Key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	if !validID(r.app.ID) {
		return f.errorf("app_id", "wants letters, digits, - and _, at most 50, has %q", r.app.ID)
	}
	return nil
}

// validID keeps application ids to what fits a URL and a database's name.
func validID(id string) bool {
	return id != "" && len(id) <= 50 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	})
}

// list gives the names in a directory in order; none where there is no such directory.
func (r *reader) list(dir string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(r.fs, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", dir, err)
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }), nil
}

// values reads values/*.json.
func (r *reader) values() error {
	entries, err := r.list("values")
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join("values", e.Name())
		if path.Ext(name) != ".json" {
			r.app.Notices = append(r.app.Notices, Notice{File: name, Text: "is not a value; it has no effect"})
			continue
		}
		if err := r.value(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) value(name string) error {
	f, err := open(r.fs, name)
	if err != nil {
		return err
	}
	d, err := f.object()
	if err != nil {
		return err
	}
	key := strings.TrimSuffix(path.Base(name), ".json")
	var value any
	found, secret := false, false
	for _, e := range d {
		switch e.Key {
		case "name":
			key, err = f.text(e.Key, e.Value)
		case "value":
			value, found = e.Value, true
		case "from_secret":
			secret, err = f.truth(e.Key, e.Value)
		case "private", "id", "_id":
		default:
			r.ignore(f, e.Key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	if secret {
		r.notice(f, "from_secret", "secrets are not part of an export; the value %q is undefined", key)
		return nil
	}
	if !found {
		return f.errorf("value", "is missing")
	}
	if _, double := r.app.Values[key]; double {
		return f.errorf("name", "%q is defined twice", key)
	}
	v, err := rawValue(value)
	if err != nil {
		return f.errorf("value", "%v", err)
	}
	r.app.Values[key] = v
	return nil
}

// environment reads environments/NAME.json of the environment that realm_config.json names.
func (r *reader) environment() error {
	r.app.Environment = rules.Environment{Tag: r.env, Values: map[string]bson.RawValue{}}
	name := r.env
	if name == "" {
		name = "no-environment"
	}
	f, err := open(r.fs, path.Join("environments", name+".json"))
	if err != nil || f == nil {
		return err
	}
	d, err := f.object()
	if err != nil {
		return err
	}
	for _, e := range d {
		values, ok := e.Value.(bson.D)
		if e.Key != "values" || !ok {
			r.ignore(f, e.Key, e.Value)
			continue
		}
		for _, v := range values {
			if r.app.Environment.Values[v.Key], err = rawValue(v.Value); err != nil {
				return f.errorf("values."+v.Key, "%v", err)
			}
		}
	}
	return nil
}

// partOf says what to note about an entry at the top of the directory; "": it is read or says nothing.
func partOf(name string) string {
	switch name {
	case "realm_config.json", "root_config.json", "auth", "data_sources", "environments", "functions", "values", "README.md":
		return ""
	case "triggers":
		return "triggers are not supported; it never runs"
	case "http_endpoints":
		return "HTTPS endpoints are not supported; it never answers"
	case "graphql", "hosting", "sync", "services", "log_forwarders", "data_api_config.json", "secrets.json":
		return "is not supported; it has no effect"
	}
	return "is not part of an application directory; it has no effect"
}

// rest names what else lies in the directory.
func (r *reader) rest() error {
	entries, err := r.list(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		text := partOf(e.Name())
		if text == "" {
			continue
		}
		files, err := r.filesIn(e)
		if err != nil {
			return err
		}
		for _, name := range files {
			r.app.Notices = append(r.app.Notices, Notice{File: name, Text: text})
		}
	}
	return r.restOfAuth()
}

// filesIn gives the JSON files below an entry, or the entry itself when there are none.
func (r *reader) filesIn(e fs.DirEntry) ([]string, error) {
	if !e.IsDir() {
		return []string{e.Name()}, nil
	}
	var names []string
	err := fs.WalkDir(r.fs, e.Name(), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(name) == ".json" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", e.Name(), err)
	}
	if len(names) == 0 {
		return []string{e.Name()}, nil
	}
	return names, nil
}

func (r *reader) restOfAuth() error {
	entries, err := r.list("auth")
	for _, e := range entries {
		if e.Name() != "providers.json" && e.Name() != "custom_user_data.json" {
			r.app.Notices = append(r.app.Notices, Notice{File: path.Join("auth", e.Name()), Text: "is not supported; it has no effect"})
		}
	}
	return err
}
