package app

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"dossier/backend/rules"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// services reads data_sources/*.
func (r *reader) services() error {
	entries, err := r.list("data_sources")
	if err != nil {
		return err
	}
	for _, e := range entries {
		dir := path.Join("data_sources", e.Name())
		if !e.IsDir() {
			r.app.Notices = append(r.app.Notices, Notice{File: dir, Text: "is not a data source; it has no effect"})
			continue
		}
		if err := r.service(dir); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) service(dir string) error {
	s, err := r.serviceConfig(dir)
	if err != nil {
		return err
	}
	if r.app.Services[s.Name] != nil {
		return fmt.Errorf("%s/config.json: name: the data source %q is there twice", dir, s.Name)
	}
	r.app.Services[s.Name] = s
	entries, err := r.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			err = r.database(s, at, e.Name())
		case e.Name() == "config.json":
		case e.Name() == "default_rule.json":
			s.Default, err = r.rulesIn(at, nil)
		default:
			r.app.Notices = append(r.app.Notices, Notice{File: at, Text: "is not part of a data source; it has no effect"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) serviceConfig(dir string) (*Service, error) {
	s := &Service{Name: path.Base(dir), Namespaces: map[Namespace]*Collection{}}
	f, err := open(r.fs, path.Join(dir, "config.json"))
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, fmt.Errorf("%s/config.json: is missing", dir)
	}
	d, err := f.object()
	if err != nil {
		return nil, err
	}
	for _, e := range d {
		switch e.Key {
		case "name":
			s.Name, err = f.text(e.Key, e.Value)
		case "type":
			err = r.serviceType(f, e.Value)
		case "config":
			s.Config, err = f.document(e.Key, e.Value)
			r.serviceSettings(f, e.Value)
		case "version", "id", "_id":
		default:
			r.ignore(f, e.Key, e.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	if s.Name == "" {
		return nil, f.errorf("name", "is missing")
	}
	return s, nil
}

func (r *reader) serviceType(f *file, v any) error {
	kind, err := f.text("type", v)
	if err == nil && kind != "mongodb-atlas" && kind != "mongodb" {
		r.notice(f, "type", "%q is not supported; it is served as an ordinary deployment", kind)
	}
	return err
}

// serviceSettings notes what in a data source's settings does nothing here: which deployment it is comes from dossier's own flags.
func (r *reader) serviceSettings(f *file, v any) {
	d, _ := v.(bson.D)
	for _, e := range d {
		switch e.Key {
		case "clusterName", "readPreference", "wireProtocolEnabled", "clusterType", "namespacePreview":
		default:
			r.ignore(f, "config."+e.Key, e.Value)
		}
	}
}

func (r *reader) database(s *Service, dir, database string) error {
	entries, err := r.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		if !e.IsDir() {
			r.app.Notices = append(r.app.Notices, Notice{File: at, Text: "is not a collection; it has no effect"})
			continue
		}
		n := Namespace{Database: database, Collection: e.Name()}
		if err := checkName(database); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		if err := r.collection(s, at, n); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) collection(s *Service, dir string, n Namespace) error {
	entries, err := r.list(dir)
	if err != nil {
		return err
	}
	c := &Collection{}
	s.Namespaces[n] = c
	for _, e := range entries {
		at := path.Join(dir, e.Name())
		switch e.Name() {
		case "rules.json":
			c.Rules, err = r.rulesIn(at, &n)
		case "schema.json":
			c.Schema, err = r.schemaIn(at)
		default:
			r.app.Notices = append(r.app.Notices, Notice{File: at, Text: "is not supported; it has no effect"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rulesIn reads rules.json, which has to name the collection it lies under, or default_rule.json.
func (r *reader) rulesIn(name string, n *Namespace) (*rules.Namespace, error) {
	f, err := open(r.fs, name)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	d, err := f.object()
	if err != nil {
		return nil, err
	}
	if err := r.namesKnown(f, "", d); err != nil {
		return nil, err
	}
	if err := namesItsPlace(f, d, n); err != nil {
		return nil, err
	}
	set, err := rules.Read(d)
	if err != nil {
		return nil, f.wrap(err)
	}
	for _, key := range set.Ignored {
		r.notice(f, key, "search is not supported; it has no effect")
	}
	return set, nil
}

// namesItsPlace makes sure that a rules file says no other collection than the one it lies under; n is nil for default rules.
func namesItsPlace(f *file, d bson.D, n *Namespace) error {
	if n == nil {
		return nil
	}
	for _, e := range d {
		switch {
		case e.Key == "database" && e.Value != n.Database:
			return f.errorf(e.Key, "says %s, but the file lies under %q", describe(e.Value), n.Database)
		case e.Key == "collection" && e.Value != n.Collection:
			return f.errorf(e.Key, "says %s, but the file lies under %q", describe(e.Value), n.Collection)
		}
	}
	return nil
}

// namesKnown refuses variables about values that the application does not define.
func (r *reader) namesKnown(f *file, at string, v any) error {
	switch x := v.(type) {
	case string:
		return r.nameKnown(f, at, x)
	case bson.A:
		for i, item := range x {
			if err := r.namesKnown(f, fmt.Sprintf("%s[%d]", at, i), item); err != nil {
				return err
			}
		}
	case bson.D:
		for _, e := range x {
			key := strings.TrimPrefix(at+"."+e.Key, ".")
			if err := r.nameKnown(f, key, e.Key); err != nil {
				return err
			}
			if err := r.namesKnown(f, key, e.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) nameKnown(f *file, at, word string) error {
	values := r.app.Values
	name, is := strings.CutPrefix(word, "%%values.")
	if !is {
		name, is = strings.CutPrefix(word, "%%environment.values.")
		values = r.app.Environment.Values
	}
	if !is {
		return nil
	}
	name, _, _ = strings.Cut(name, ".")
	if _, ok := values[name]; !ok {
		return f.errorf(at, "the variable %s is about a value that the application does not define", word)
	}
	return nil
}

// schemaIn reads schema.json: keys that only title it are left out.
func (r *reader) schemaIn(name string) (bson.Raw, error) {
	f, err := open(r.fs, name)
	if err != nil {
		return nil, err
	}
	d, err := f.object()
	if err != nil {
		return nil, err
	}
	schema := make(bson.D, 0, len(d))
	for _, e := range d {
		switch e.Key {
		case "title", "id", "_id":
		default:
			schema = append(schema, e)
		}
	}
	if len(schema) == 0 {
		return nil, nil
	}
	return f.document("(top)", schema)
}
