package app

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
)

// reader reads an application directory and collects its findings. A mistake does not end the reading: the value is
// left empty, and a finding is recorded.
type reader struct {
	fs       fs.FS
	options  Options
	app      *App
	findings []Finding

	mainFile         *file             // such as realm_config.json
	legacyCustomData bson.D            // custom user data configuration in the main file of an older export
	functionNames    map[string]bool   // functions with an entry, valid or not
	readingFunctions bool              // functionNames is incomplete: an unknown function may follow
	deferredChecks   []func()          // checks that need all of functionNames
	missingSecrets   map[string]string // values whose secret is not set, and the secret's name
	sources          []sourceFile      // of functions, in the order of the entries
	referencedFiles  map[string]bool   // files that another file references
	// keys in rules that have no effect; every role of an export has them, so they are reported once
	ignoredRuleKeys []Finding
	ruleSets        map[string]*ruleSet // by "source/database.collection"; default rules by "source"
}

// Options supply what an application directory does not contain, and checks of other packages.
type Options struct {
	// Secret returns a secret by name; nil: no secrets.
	Secret func(name string) (string, bool)
	// CheckProvider checks the settings of an enabled provider, such as its keys; nil: no check.
	CheckProvider func(Provider) error
	// Compile checks that a function's source parses; nil: no check.
	Compile func(name, source string) error
	// LoadModule checks that a module required by a function's file exists and loads; nil: no check.
	LoadModule func(modules fs.FS, file, module string) error
	// AllowedHosts are the hosts that functions may send requests to, as "name" or "name:port".
	AllowedHosts []string
}

// SecretVariable is the environment variable of a secret: DOSSIER_SECRET_ and its name in upper case, with underscores
// for all characters except letters and digits.
func SecretVariable(name string) string {
	return "DOSSIER_SECRET_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// Read reads and checks an application directory. The error has the file and key of the first mistake.
func Read(fsys fs.FS, o Options) (*App, error) {
	r := examine(fsys, o)
	if f := r.first(Invalid); f != nil {
		return nil, errors.New(f.String())
	}
	return r.app, nil
}

// Examine reads an application directory completely and returns all findings. The application is nil when one is
// Invalid.
func Examine(fsys fs.FS, o Options) (*App, []Finding) {
	r := examine(fsys, o)
	if r.first(Invalid) != nil {
		return nil, r.findings
	}
	return r.app, r.findings
}

func examine(fsys fs.FS, o Options) *reader {
	if o.Secret == nil {
		o.Secret = func(string) (string, bool) { return "", false }
	}
	r := &reader{fs: fsys, options: o, functionNames: map[string]bool{}, missingSecrets: map[string]string{},
		referencedFiles: map[string]bool{}, ruleSets: map[string]*ruleSet{}, app: &App{
			Providers: map[string]Provider{}, DataSources: map[string]*DataSource{},
			Functions: map[string]*Function{}, Values: map[string]bson.RawValue{},
			Environment: rules.Environment{Values: map[string]bson.RawValue{}},
		}}
	if r.readMainFile(); r.mainFile == nil {
		return r
	}
	r.values()
	r.environment()
	r.functions()
	r.dataSources()
	r.providers()
	r.customData()
	r.triggers()
	r.reportUnsupported()
	r.lintSources()
	return r
}

// mainFileNames are the names of the application's main file, from the newest layout to the oldest.
func mainFileNames() []string {
	return []string{"realm_config.json", "root_config.json", "config.json", "stitch.json"}
}

// readMainFile reads the application's main file.
func (r *reader) readMainFile() {
	for _, name := range mainFileNames() {
		switch {
		case !r.exists(name):
		case r.mainFile == nil && r.first(Invalid) == nil:
			r.mainFile = r.openMainFile(name)
		default:
			r.report(Unsupported, name, "", "is ignored: another main file is used")
		}
	}
	if r.mainFile == nil {
		if r.first(Invalid) == nil {
			r.report(Invalid, "realm_config.json", "",
				"is missing: this is not an application directory (create one with dossier init)")
		}
		return
	}
	for _, e := range r.mainFile.topLevel() {
		r.configKey(r.mainFile, e)
	}
	r.checkAppID()
}

// openMainFile opens the application's main file. Parts of an application have a config.json, too, which is refused.
func (r *reader) openMainFile(name string) *file {
	f := r.openFile(name)
	if f == nil || name != "config.json" {
		return f
	}
	d, is := f.value.(bson.D)
	if !is || lookup(d, "type") != nil {
		f.invalid("", "is not a main file: this is not an application directory, but perhaps a part of one")
		return nil
	}
	return f
}

func (r *reader) configKey(f *file, e bson.E) {
	switch e.Key {
	case "app_id":
		r.app.ID = f.stringValue(e.Key, e.Value)
	case "name":
		r.app.Name = f.stringValue(e.Key, e.Value)
	case "environment":
		r.app.Environment.Tag = f.stringValue(e.Key, e.Value)
	case "allowed_request_origins":
		r.origins(f, e.Key, e.Value)
	case "security":
		for _, s := range f.objectValue(e.Key, e.Value) {
			if key := joinKey(e.Key, s.Key); s.Key == "allowed_request_origins" {
				r.origins(f, key, s.Value)
			} else {
				f.ignored(key, s.Value)
			}
		}
	case "custom_user_data_config":
		r.legacyCustomData = f.objectValue(e.Key, e.Value)
	case "hosting", "sync":
		if !isOff(e.Value) {
			f.ignored(e.Key, e.Value)
		}
	case "location":
		r.app.Hosting.Location, _ = e.Value.(string)
	case "deployment_model":
		if r.app.Hosting.DeploymentModel, _ = e.Value.(string); r.app.Hosting.DeploymentModel != "GLOBAL" &&
			r.app.Hosting.DeploymentModel != "LOCAL" {
			f.suspicious(e.Key, "expected GLOBAL or LOCAL, got %s; GLOBAL is reported to SDKs", rules.DescribeValue(e.Value))
			r.app.Hosting.DeploymentModel = ""
		}
	case "config_version", "provider_region":
	default:
		f.ignored(e.Key, e.Value)
	}
}

// checkAppID checks the application's id. Exports as templates have none: the name is used.
func (r *reader) checkAppID() {
	if r.app.ID == "" && validID(r.app.Name) {
		r.app.ID = r.app.Name
		r.mainFile.unsupported("app_id", "is missing; the application is served as %q", r.app.ID)
	}
	if !validID(r.app.ID) {
		r.mainFile.invalid("app_id", "invalid application id %q: expected at most 50 letters, digits, - and _", r.app.ID)
		return
	}
	r.mainFile.works("app_id", "the application %s", r.app.ID)
}

// validID restricts application ids to what fits into a URL and a database name.
func validID(id string) bool {
	return id != "" && len(id) <= 50 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	})
}

// origins reads the origins that may use the API from browsers.
func (r *reader) origins(f *file, key string, v any) {
	list := f.stringList(key, v)
	if slices.Contains(list, "*") {
		f.works(key, "browsers may use the API from any origin")
		return
	}
	for _, origin := range list {
		origin = strings.TrimSuffix(origin, "/")
		_, host, ok := strings.Cut(origin, "://")
		switch {
		case !ok || host == "" || strings.Contains(host, "/"):
			f.invalid(key, "%q is not an origin (example: https://example.com)", origin)
		case strings.Contains(host, "*"):
			f.unsupported(key, "%q: patterns are not supported; no origin matches", origin)
		}
		r.app.Origins = append(r.app.Origins, origin)
	}
	if len(r.app.Origins) > 0 {
		f.works(key, "browsers may use the API from these origins: %s", strings.Join(r.app.Origins, ", "))
	}
}

// isOff reports whether the settings of a feature disable it or enable nothing.
func isOff(v any) bool {
	d, ok := v.(bson.D)
	if !ok {
		return isEmpty(v)
	}
	off := func(e bson.E) bool {
		return e.Key == "disabled" && e.Value == true || e.Key == "enabled" && e.Value == false || e.Key == "state" &&
			e.Value == "disabled"
	}
	if slices.ContainsFunc(d, off) {
		return true
	}
	for _, e := range d {
		if (e.Key == "enabled" || e.Key == "state" || e.Key == "development_mode_enabled") && e.Value != true &&
			e.Value != "enabled" {
			continue
		}
		if !isEmpty(e.Value) {
			return false
		}
	}
	return true
}

// values reads values/*.json.
func (r *reader) values() { r.eachFile("values", "a value", r.value) }

func (r *reader) value(f *file) {
	key := f.baseName()
	var value any
	found, secret := false, false
	for _, e := range f.topLevel() {
		switch e.Key {
		case "name":
			key = f.stringValue(e.Key, e.Value)
		case "value":
			value, found = e.Value, true
		case "from_secret":
			secret = f.boolValue(e.Key, e.Value)
		case "private", "id", "_id":
		default:
			f.ignored(e.Key, e.Value)
		}
	}
	if !found {
		f.invalid("value", "is missing")
		return
	}
	if _, exists := r.app.Values[key]; exists || r.missingSecrets[key] != "" {
		f.invalid("name", "duplicate value %q", key)
		return
	}
	if secret {
		if value = r.secretValue(f, key, value); value == nil {
			return
		}
	}
	if v, ok := f.encodeValue("value", value); ok {
		r.app.Values[key] = v
		f.works("", "the value %s", key)
	}
}

// secretValue returns the secret that a value names; nil when it is not set: the value stays undefined.
func (r *reader) secretValue(f *file, key string, value any) any {
	name := f.stringValue("value", value)
	if name == "" {
		return nil
	}
	if text, ok := r.options.Secret(name); ok {
		return text
	}
	r.missingSecrets[key] = name
	f.unsupported("value", "the secret %q is not set: set %s; the value %q is undefined", name, SecretVariable(name), key)
	return nil
}

// environment reads environments/NAME.json of the environment in the main file.
func (r *reader) environment() {
	tag := r.app.Environment.Tag
	name := tag
	if name == "" {
		name = "no-environment"
	}
	file := path.Join("environments", name+".json")
	if !fs.ValidPath(file) || path.Dir(file) != "environments" {
		r.mainFile.invalid("environment", "invalid environment name %q", tag)
		return
	}
	if tag != "" && !r.exists(file) {
		r.mainFile.suspicious("environment", "%s is missing: the environment %q has no values", file, tag)
	}
	f := r.openFile(file)
	if f == nil {
		return
	}
	for _, e := range f.topLevel() {
		if e.Key != "values" {
			f.ignored(e.Key, e.Value)
			continue
		}
		for _, v := range f.objectValue(e.Key, e.Value) {
			if value, ok := f.encodeValue(joinKey("values", v.Key), v.Value); ok {
				r.app.Environment.Values[v.Key] = value
				f.works(joinKey("values", v.Key), "the environment value")
			}
		}
	}
}
