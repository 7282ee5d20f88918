package app

import (
	"fmt"
	"path"
	"strings"

	"dossier/backend/rules"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// services reads data_sources/*, and those of services/* that are data sources in older exports.
func (r *reader) services() {
	for _, e := range r.list("data_sources") {
		dir := path.Join("data_sources", e.Name())
		if !e.IsDir() {
			r.say(Unsupported, dir, "", "is not a data source; it has no effect")
			continue
		}
		r.service(dir, r.sourceEntry)
	}
	for _, e := range r.list("services") {
		r.olderService(path.Join("services", e.Name()))
	}
	if len(r.ignored) == 0 {
		return
	}
	more := ""
	if n := len(r.ignored) - 1; n > 0 {
		more = fmt.Sprintf(" (and so %s of the rules)", counted(n, "more place"))
	}
	r.say(Unsupported, r.ignored[0].File, r.ignored[0].Key, "is not supported; it has no effect%s", more)
}

// olderService reads services/NAME: a data source with its rules in one directory, or a service of another kind.
func (r *reader) olderService(dir string) {
	name := path.Join(dir, "config.json")
	f := r.open(name)
	if f == nil {
		if !r.has(name) {
			r.say(Unsupported, dir, "", "is no data source; it has no effect")
		}
		return
	}
	d, _ := f.value.(bson.D)
	for _, e := range d {
		if kind, _ := e.Value.(string); e.Key == "type" && !strings.HasPrefix(kind, "mongodb") {
			f.missing("type", "a service of the kind %q is not supported; it has no effect", kind)
			return
		}
	}
	r.service(dir, r.olderEntry)
}

// service reads a data source's settings and hands on every other entry of its directory.
func (r *reader) service(dir string, entry func(s *DataSource, at string, isDir bool)) {
	name := path.Join(dir, "config.json")
	f := r.open(name)
	if f == nil {
		if !r.has(name) {
			r.say(Invalid, name, "", "is missing")
		}
		return
	}
	s := r.serviceConfig(f, path.Base(dir))
	switch {
	case s.Name == "":
		f.wrong("name", "is missing")
		return
	case r.app.DataSources[s.Name] != nil:
		f.wrong("name", "the data source %q is there twice", s.Name)
		return
	}
	r.app.DataSources[s.Name] = s
	f.works("", "the data source %s", s.Name)
	for _, e := range r.list(dir) {
		at := path.Join(dir, e.Name())
		switch {
		case e.Name() == "config.json":
		case e.Name() == "default_rule.json":
			if f := r.open(at); f != nil {
				d := f.top()
				s.Default, r.ruled[s.Name] = r.rules(f, d), &ruled{file: f, rules: d}
			}
		default:
			entry(s, at, e.IsDir())
		}
	}
}

func (r *reader) serviceConfig(f *file, name string) *DataSource {
	s := &DataSource{Name: name, Namespaces: map[Namespace]*Collection{}}
	for _, e := range f.top() {
		switch e.Key {
		case "name":
			s.Name = f.text(e.Key, e.Value)
		case "type":
			if kind := f.text(e.Key, e.Value); kind != "mongodb-atlas" && kind != "mongodb" {
				f.missing("type", "%q is not supported; it is served as an ordinary deployment", kind)
			}
		case "config":
			d := f.object(e.Key, e.Value)
			s.Config, _ = f.raw(e.Key, d)
			serviceSettings(f, d)
		case "version", "id", "_id", "secret_config":
		default:
			f.ignore(e.Key, e.Value)
		}
	}
	return s
}

// serviceSettings notes what in a data source's settings does nothing here: which deployment it is comes from dossier's own flags.
func serviceSettings(f *file, d bson.D) {
	for _, e := range d {
		switch e.Key {
		case "clusterName", "readPreference", "wireProtocolEnabled", "clusterType", "clusterId", "namespacePreview":
		default:
			if !idle(e.Value) {
				f.ignore("config."+e.Key, e.Value)
			}
		}
	}
}

// sourceEntry reads data_sources/NAME/DATABASE.
func (r *reader) sourceEntry(s *DataSource, at string, isDir bool) {
	if !isDir {
		r.say(Unsupported, at, "", "is not part of a data source; it has no effect")
		return
	}
	database := path.Base(at)
	for _, e := range r.list(at) {
		dir := path.Join(at, e.Name())
		switch err := checkName(database); {
		case !e.IsDir():
			r.say(Unsupported, dir, "", "is not a collection; it has no effect")
		case err != nil:
			r.say(Invalid, dir, "", "%v", err)
		default:
			r.collection(s, dir, Namespace{Database: database, Collection: e.Name()})
		}
	}
}

func (r *reader) collection(s *DataSource, dir string, n Namespace) {
	c := &collection{Collection: &Collection{}, name: n}
	s.Namespaces[n] = c.Collection
	for _, e := range r.list(dir) {
		at := path.Join(dir, e.Name())
		switch e.Name() {
		case "rules.json":
			if f := r.open(at); f != nil {
				d := f.top()
				f.placed(d, n)
				c.take(r, f, d)
			}
		case "schema.json":
			if f := r.open(at); f != nil {
				c.takeSchema(f, "", f.top())
			}
		default:
			if !r.off(at) {
				r.say(Unsupported, at, "", "is not supported; it has no effect")
			}
		}
	}
	r.advise(s, c)
}

// olderEntry reads services/NAME/rules/DATABASE.COLLECTION.json, which holds the schema too.
func (r *reader) olderEntry(s *DataSource, at string, isDir bool) {
	if !isDir || path.Base(at) != "rules" {
		r.say(Unsupported, at, "", "is not supported; it has no effect")
		return
	}
	r.each(at, "a collection's rules", func(f *file) {
		d, n := f.top(), Namespace{}
		n.Database, n.Collection, _ = strings.Cut(f.stem(), ".")
		for _, e := range d {
			switch e.Key {
			case "database":
				n.Database = f.text(e.Key, e.Value)
			case "collection":
				n.Collection = f.text(e.Key, e.Value)
			}
		}
		if n.Database == "" || n.Collection == "" {
			f.wrong("collection", "is missing")
			return
		}
		if err := checkName(n.Database); err != nil {
			f.wrong("database", "%v", err)
			return
		}
		if s.Namespaces[n] != nil {
			f.wrong("collection", "there are two files about %s", n)
			return
		}
		c := &collection{Collection: &Collection{}, name: n}
		s.Namespaces[n] = c.Collection
		c.take(r, f, d)
		r.advise(s, c)
	})
}

// collection is a collection while it is read: with its files as they stand.
type collection struct {
	*Collection
	name       Namespace
	rulesFile  *file // nil: none
	rules      bson.D
	schemaFile *file // nil: none
	schemaAt   string
	schema     bson.D
}

// take reads the rules, and in older exports the schema beside them.
func (c *collection) take(r *reader, f *file, d bson.D) {
	c.rulesFile = f
	for _, e := range d {
		switch e.Key {
		case "schema":
			c.takeSchema(f, e.Key, f.object(e.Key, e.Value))
		case "relationships":
			f.ignore(e.Key, e.Value)
		default:
			c.rules = append(c.rules, e)
		}
	}
	c.Rules = r.rules(f, c.rules)
}

// rules reads rules.json or default_rule.json; nil where they do not hold up.
func (r *reader) rules(f *file, d bson.D) *rules.Namespace {
	r.namesKnown(f, "", d)
	set, err := rules.Read(d)
	if err != nil {
		f.refuse(err)
		return nil
	}
	for _, key := range set.Ignored {
		r.ignored = append(r.ignored, Notice{File: f.name, Key: key})
	}
	r.adviseRoles(f, d)
	names := make([]string, len(set.Roles))
	for i, role := range set.Roles {
		names[i] = role.Name
	}
	f.works("", "rules: %s, %s", counted(len(names), "role")+of(names), counted(len(set.Filters), "filter"))
	return set
}

// counted is a number of things in words: "no filters", "1 role", "2 roles".
func counted(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func of(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// placed makes sure that a rules file says no other collection than the one it lies under.
func (f *file) placed(d bson.D, n Namespace) {
	for _, e := range d {
		switch {
		case e.Key == "database" && e.Value != n.Database:
			f.wrong(e.Key, "says %s, but the file lies under %q", describe(e.Value), n.Database)
		case e.Key == "collection" && e.Value != n.Collection:
			f.wrong(e.Key, "says %s, but the file lies under %q", describe(e.Value), n.Collection)
		}
	}
}

// namesKnown refuses variables about values that the application does not define, and functions that it does not have.
func (r *reader) namesKnown(f *file, at string, v any) {
	switch x := v.(type) {
	case string:
		r.nameKnown(f, at, x)
	case bson.A:
		for i, item := range x {
			r.namesKnown(f, fmt.Sprintf("%s[%d]", at, i), item)
		}
	case bson.D:
		for _, e := range x {
			key := under(at, e.Key)
			r.nameKnown(f, key, e.Key)
			if call, ok := e.Value.(bson.D); ok && (e.Key == "%function" || e.Key == "$function") {
				r.functionKnown(f, key, call)
			}
			r.namesKnown(f, key, e.Value)
		}
	}
}

func (r *reader) functionKnown(f *file, at string, call bson.D) {
	for _, e := range call {
		if name, ok := e.Value.(string); ok && e.Key == "name" {
			r.named(f, under(at, e.Key), name)
		}
	}
}

func (r *reader) nameKnown(f *file, at, word string) {
	if name, ok := strings.CutSuffix(word, "%%"); ok && strings.HasPrefix(name, "%%") {
		f.wrong(at, "the variable %s is not known: is %s meant?", word, name)
		return
	}
	values := r.app.Values
	name, is := strings.CutPrefix(word, "%%values.")
	if !is {
		name, is = strings.CutPrefix(word, "%%environment.values.")
		values = r.app.Environment.Values
	}
	if !is {
		return
	}
	name, _, _ = strings.Cut(name, ".")
	if _, ok := values[name]; ok || r.broken("values/") || r.broken("environments/") {
		return
	}
	if secret := r.secrets[name]; secret != "" && strings.HasPrefix(word, "%%values.") {
		f.wrong(at, "the variable %s is a secret that is not known: set %s", word, SecretVariable(secret))
		return
	}
	f.wrong(at, "the variable %s is about a value that the application does not define", word)
}
