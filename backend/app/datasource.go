package app

import (
	"fmt"
	"path"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
)

// dataSources reads data_sources/*, and services/* of older exports that are data sources.
func (r *reader) dataSources() {
	for _, e := range r.listDir("data_sources") {
		dir := path.Join("data_sources", e.Name())
		if !e.IsDir() {
			r.report(Unsupported, dir, "", "is not a data source; it has no effect")
			continue
		}
		r.dataSource(dir, r.databaseDir)
	}
	for _, e := range r.listDir("services") {
		r.legacyDataSource(path.Join("services", e.Name()))
	}
	if len(r.ignoredRuleKeys) == 0 {
		return
	}
	more := ""
	if n := len(r.ignoredRuleKeys) - 1; n > 0 {
		more = fmt.Sprintf(" (and %s in rules)", count(n, "more key"))
	}
	r.report(Unsupported, r.ignoredRuleKeys[0].File, r.ignoredRuleKeys[0].Key, "is not supported; it has no effect%s",
		more)
}

// legacyDataSource reads services/NAME: a data source with its rules in one directory, or another kind of service.
func (r *reader) legacyDataSource(dir string) {
	name := path.Join(dir, "config.json")
	f := r.openFile(name)
	if f == nil {
		if !r.exists(name) {
			r.report(Unsupported, dir, "", "is not a data source; it has no effect")
		}
		return
	}
	d, _ := f.value.(bson.D)
	for _, e := range d {
		if kind, _ := e.Value.(string); e.Key == "type" && !strings.HasPrefix(kind, "mongodb") {
			f.unsupported("type", "a service of the kind %q is not supported; it has no effect", kind)
			return
		}
	}
	r.dataSource(dir, r.legacyRulesDir)
}

// dataSource reads a data source's settings, and calls entry for the other entries of its directory.
func (r *reader) dataSource(dir string, entry func(s *DataSource, at string, isDir bool)) {
	name := path.Join(dir, "config.json")
	f := r.openFile(name)
	if f == nil {
		if !r.exists(name) {
			r.report(Invalid, name, "", "is missing")
		}
		return
	}
	s := r.dataSourceConfig(f, path.Base(dir))
	switch {
	case s.Name == "":
		f.invalid("name", "is missing")
		return
	case r.app.DataSources[s.Name] != nil:
		f.invalid("name", "duplicate data source %q", s.Name)
		return
	}
	r.app.DataSources[s.Name] = s
	f.works("", "the data source %s", s.Name)
	for _, e := range r.listDir(dir) {
		at := path.Join(dir, e.Name())
		switch {
		case e.Name() == "config.json":
		case e.Name() == "default_rule.json":
			if f := r.openFile(at); f != nil {
				d := f.topLevel()
				s.Default, r.ruleSets[s.Name] = r.compileRules(f, d), &ruleSet{file: f, rules: d}
			}
		default:
			entry(s, at, e.IsDir())
		}
	}
}

func (r *reader) dataSourceConfig(f *file, name string) *DataSource {
	s := &DataSource{Name: name, Namespaces: map[Namespace]*Collection{}}
	for _, e := range f.topLevel() {
		switch e.Key {
		case "name":
			s.Name = f.stringValue(e.Key, e.Value)
		case "type":
			if kind := f.stringValue(e.Key, e.Value); kind != "mongodb-atlas" && kind != "mongodb" {
				f.unsupported("type", "%q is not supported; it is served as an ordinary deployment", kind)
			}
		case "config":
			d := f.objectValue(e.Key, e.Value)
			s.Config, _ = f.encode(e.Key, d)
			dataSourceSettings(f, d)
		case "version", "id", "_id", "secret_config":
		default:
			f.ignored(e.Key, e.Value)
		}
	}
	return s
}

// dataSourceSettings reports settings without effect; the deployment is set by dossier's flags.
func dataSourceSettings(f *file, d bson.D) {
	for _, e := range d {
		switch e.Key {
		case "clusterName", "readPreference", "wireProtocolEnabled", "clusterType", "clusterId", "namespacePreview":
		default:
			if !isOff(e.Value) {
				f.ignored("config."+e.Key, e.Value)
			}
		}
	}
}

// databaseDir reads data_sources/NAME/DATABASE.
func (r *reader) databaseDir(s *DataSource, at string, isDir bool) {
	if !isDir {
		r.report(Unsupported, at, "", "is not part of a data source; it has no effect")
		return
	}
	database := path.Base(at)
	for _, e := range r.listDir(at) {
		dir := path.Join(at, e.Name())
		switch err := checkDatabase(database); {
		case !e.IsDir():
			r.report(Unsupported, dir, "", "is not a collection; it has no effect")
		case err != nil:
			r.report(Invalid, dir, "", "%v", err)
		default:
			r.collection(s, dir, Namespace{Database: database, Collection: e.Name()})
		}
	}
}

func (r *reader) collection(s *DataSource, dir string, n Namespace) {
	c := &collectionReader{Collection: &Collection{}, name: n}
	s.Namespaces[n] = c.Collection
	for _, e := range r.listDir(dir) {
		at := path.Join(dir, e.Name())
		switch e.Name() {
		case "rules.json":
			if f := r.openFile(at); f != nil {
				d := f.topLevel()
				f.checkLocation(d, n)
				c.readRules(r, f, d)
			}
		case "schema.json":
			if f := r.openFile(at); f != nil {
				c.readSchema(f, "", f.topLevel())
			}
		default:
			if !r.isOffFile(at) {
				r.report(Unsupported, at, "", "is not supported; it has no effect")
			}
		}
	}
	r.lintCollection(s, c)
}

// legacyRulesDir reads services/NAME/rules/DATABASE.COLLECTION.json, which also has the schema.
func (r *reader) legacyRulesDir(s *DataSource, at string, isDir bool) {
	if !isDir || path.Base(at) != "rules" {
		r.report(Unsupported, at, "", "is not supported; it has no effect")
		return
	}
	r.eachFile(at, "a collection's rules", func(f *file) {
		d, n := f.topLevel(), Namespace{}
		n.Database, n.Collection, _ = strings.Cut(f.baseName(), ".")
		for _, e := range d {
			switch e.Key {
			case "database":
				n.Database = f.stringValue(e.Key, e.Value)
			case "collection":
				n.Collection = f.stringValue(e.Key, e.Value)
			}
		}
		if n.Database == "" || n.Collection == "" {
			f.invalid("collection", "is missing")
			return
		}
		if err := checkDatabase(n.Database); err != nil {
			f.invalid("database", "%v", err)
			return
		}
		if s.Namespaces[n] != nil {
			f.invalid("collection", "duplicate rules for %s", n)
			return
		}
		c := &collectionReader{Collection: &Collection{}, name: n}
		s.Namespaces[n] = c.Collection
		c.readRules(r, f, d)
		r.lintCollection(s, c)
	})
}

// collectionReader is a collection with its files while it is read.
type collectionReader struct {
	*Collection
	name       Namespace
	rulesFile  *file // nil: none
	rules      bson.D
	schemaFile *file // nil: none
	schemaAt   string
	schema     bson.D
}

// readRules reads the rules, and the schema in the same file of older exports.
func (c *collectionReader) readRules(r *reader, f *file, d bson.D) {
	c.rulesFile = f
	for _, e := range d {
		switch e.Key {
		case "schema":
			c.readSchema(f, e.Key, f.objectValue(e.Key, e.Value))
		case "relationships":
			f.ignored(e.Key, e.Value)
		default:
			c.rules = append(c.rules, e)
		}
	}
	c.Rules = r.compileRules(f, c.rules)
}

// compileRules reads rules.json or default_rule.json; nil when they are invalid.
func (r *reader) compileRules(f *file, d bson.D) *rules.Namespace {
	r.checkNames(f, "", d)
	set, err := rules.Read(d)
	if err != nil {
		f.invalidRules(err)
		return nil
	}
	for _, key := range set.Ignored {
		r.ignoredRuleKeys = append(r.ignoredRuleKeys, Finding{File: f.name, Key: key})
	}
	r.lintRoles(f, d)
	names := make([]string, len(set.Roles))
	for i, role := range set.Roles {
		names[i] = role.Name
	}
	f.works("", "rules: %s, %s", count(len(names), "role")+parenthesized(names), count(len(set.Filters), "filter"))
	return set
}

// count is a number of things as text: "no filters", "1 role", "2 roles".
func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func parenthesized(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// checkLocation checks that a rules file names the database and collection of its path.
func (f *file) checkLocation(d bson.D, n Namespace) {
	for _, e := range d {
		switch {
		case e.Key == "database" && e.Value != n.Database:
			f.invalid(e.Key, "is %s, but the file is in the directory of %q", rules.DescribeValue(e.Value), n.Database)
		case e.Key == "collection" && e.Value != n.Collection:
			f.invalid(e.Key, "is %s, but the file is in the directory of %q", rules.DescribeValue(e.Value), n.Collection)
		}
	}
}

// checkNames reports undefined values in variables, and unknown functions.
func (r *reader) checkNames(f *file, at string, v any) {
	switch x := v.(type) {
	case string:
		r.checkName(f, at, x)
	case bson.A:
		for i, item := range x {
			r.checkNames(f, fmt.Sprintf("%s[%d]", at, i), item)
		}
	case bson.D:
		for _, e := range x {
			key := joinKey(at, e.Key)
			r.checkName(f, key, e.Key)
			if call, ok := e.Value.(bson.D); ok && (e.Key == "%function" || e.Key == "$function") {
				r.checkFunctionName(f, key, call)
			}
			r.checkNames(f, key, e.Value)
		}
	}
}

func (r *reader) checkFunctionName(f *file, at string, call bson.D) {
	for _, e := range call {
		if name, ok := e.Value.(string); ok && e.Key == "name" {
			r.requireFunction(f, joinKey(at, e.Key), name)
		}
	}
}

func (r *reader) checkName(f *file, at, variable string) {
	if name, ok := strings.CutSuffix(variable, "%%"); ok && strings.HasPrefix(name, "%%") {
		f.invalid(at, "unknown variable %s: did you mean %s?", variable, name)
		return
	}
	values := r.app.Values
	name, is := strings.CutPrefix(variable, "%%values.")
	if !is {
		name, is = strings.CutPrefix(variable, "%%environment.values.")
		values = r.app.Environment.Values
	}
	if !is {
		return
	}
	name, _, _ = strings.Cut(name, ".")
	if _, ok := values[name]; ok || r.unreadable("values/") || r.unreadable("environments/") {
		return
	}
	if secret := r.missingSecrets[name]; secret != "" && strings.HasPrefix(variable, "%%values.") {
		f.invalid(at, "the secret of the variable %s is not set: set %s", variable, SecretVariable(secret))
		return
	}
	f.invalid(at, "unknown variable %s: the application does not define this value", variable)
}
