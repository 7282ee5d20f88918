package app

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dossier/backend/rules"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// reader collects an application, and what there is to say about it, while its directory is read. A mistake does not end the
// reading: what comes back of it is empty, and the finding is recorded.
type reader struct {
	fs       fs.FS
	options  Options
	app      *App
	findings []Finding

	mainFile         *file               // the application's own file, such as realm_config.json
	legacyCustomData bson.D              // what the own file of an older export says about custom user data
	functionNames    map[string]bool     // functions that have an entry, sound or not
	readingFunctions bool                // entries is being filled: a function that is named may come
	deferredChecks   []func()            // what to check when it is filled
	missingSecrets   map[string]string   // values whose secret is not known, and the secret's name
	sources          []sourceFile        // of functions, in the order of their entries
	referencedFiles  map[string]bool     // files that another one names
	ignoredRuleKeys  []Notice            // places in rules that have no effect; exports have them in every role, so they are told once
	ruleSets         map[string]*ruleSet // rules as they stand: of "service/database.collection", or of "service" by default
}

// Options say what an application directory cannot hold.
type Options struct {
	// Secret gives a secret by its name; nil: there are none.
	Secret func(name string) (string, bool)
	// CheckProvider tells what is wrong with the settings of a provider that is on, such as a key that none is; nil: that is not looked at.
	CheckProvider func(Provider) error
	// Compile tells why a function's source does not parse; nil: sources are not looked at.
	Compile func(name, source string) error
	// LoadModule tells why the module that a function's file requires is not there or does not load; nil: that is not looked at.
	LoadModule func(modules fs.FS, file, module string) error
	// AllowedHosts are where functions may send requests to, as "name" or "name:port".
	AllowedHosts []string
}

// SecretVariable is the environment variable that holds a secret: DOSSIER_SECRET_ and its name in capitals, every character
// but letters and digits an underscore.
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

// Read reads and checks an application directory. The error names file and key of the first mistake.
func Read(fsys fs.FS, o Options) (*App, error) {
	r := examine(fsys, o)
	if f := r.first(Invalid); f != nil {
		return nil, errors.New(f.String())
	}
	return r.app, nil
}

// Examine reads an application directory to its end, whatever is wrong in it, and gives all there is to say about it. The
// application is nil where something is wrong.
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
	r := &reader{fs: fsys, options: o, functionNames: map[string]bool{}, missingSecrets: map[string]string{}, referencedFiles: map[string]bool{}, ruleSets: map[string]*ruleSet{}, app: &App{
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
	r.app.Notices = r.notices()
	return r
}

// mainFileNames are the names of the application's own file, from the youngest layout to the oldest.
func mainFileNames() []string {
	return []string{"realm_config.json", "root_config.json", "config.json", "stitch.json"}
}

// readMainFile reads the application's own file.
func (r *reader) readMainFile() {
	for _, name := range mainFileNames() {
		switch {
		case !r.exists(name):
		case r.mainFile == nil && r.first(Invalid) == nil:
			r.mainFile = r.openMainFile(name)
		default:
			r.report(Unsupported, name, "", "is not read: there is another of its kind")
		}
	}
	if r.mainFile == nil {
		if r.first(Invalid) == nil {
			r.report(Invalid, "realm_config.json", "", "is missing: this is not an application directory (dossier init makes one)")
		}
		return
	}
	for _, e := range r.mainFile.topLevel() {
		r.configKey(r.mainFile, e)
	}
	r.checkAppID()
}

// openMainFile opens the application's own file. The parts of an application have a config.json too, and are none by themselves.
func (r *reader) openMainFile(name string) *file {
	f := r.openFile(name)
	if f == nil || name != "config.json" {
		return f
	}
	d, is := f.value.(bson.D)
	if !is || lookup(d, "type") != nil {
		f.invalid("", "is not an application's own: this is not an application directory, but perhaps a part of one")
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
		if r.app.Hosting.DeploymentModel, _ = e.Value.(string); r.app.Hosting.DeploymentModel != "GLOBAL" && r.app.Hosting.DeploymentModel != "LOCAL" {
			f.suspicious(e.Key, "wants GLOBAL or LOCAL, has %s; SDKs are told GLOBAL", describe(e.Value))
			r.app.Hosting.DeploymentModel = ""
		}
	case "config_version", "provider_region":
	default:
		f.ignored(e.Key, e.Value)
	}
}

// checkAppID makes sure that the application has an id. Exports made to be used as a template have none: then it is the name.
func (r *reader) checkAppID() {
	if r.app.ID == "" && validID(r.app.Name) {
		r.app.ID = r.app.Name
		r.mainFile.unsupported("app_id", "is not given; the application is served as %q", r.app.ID)
	}
	if !validID(r.app.ID) {
		r.mainFile.invalid("app_id", "wants letters, digits, - and _, at most 50, has %q", r.app.ID)
		return
	}
	r.mainFile.works("app_id", "the application %s", r.app.ID)
}

// validID keeps application ids to what fits a URL and a database's name.
func validID(id string) bool {
	return id != "" && len(id) <= 50 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	})
}

// origins reads from which pages browsers may use the API.
func (r *reader) origins(f *file, key string, v any) {
	list := f.stringList(key, v)
	if slices.Contains(list, "*") {
		f.works(key, "browsers may use the API from any page")
		return
	}
	for _, origin := range list {
		origin = strings.TrimSuffix(origin, "/")
		_, host, ok := strings.Cut(origin, "://")
		switch {
		case !ok || host == "" || strings.Contains(host, "/"):
			f.invalid(key, "wants origins such as https://example.com, has %q", origin)
		case strings.Contains(host, "*"):
			f.unsupported(key, "%q: patterns are not supported; no page has this origin", origin)
		}
		r.app.Origins = append(r.app.Origins, origin)
	}
	if len(r.app.Origins) > 0 {
		f.works(key, "browsers may use the API from pages of %s only", strings.Join(r.app.Origins, ", "))
	}
}

// isOff tells settings of a feature that is off: they say so, or nothing in them is on.
func isOff(v any) bool {
	d, ok := v.(bson.D)
	if !ok {
		return isEmpty(v)
	}
	off := func(e bson.E) bool {
		return e.Key == "disabled" && e.Value == true || e.Key == "enabled" && e.Value == false || e.Key == "state" && e.Value == "disabled"
	}
	if slices.ContainsFunc(d, off) {
		return true
	}
	for _, e := range d {
		if (e.Key == "enabled" || e.Key == "state" || e.Key == "development_mode_enabled") && e.Value != true && e.Value != "enabled" {
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
	if _, double := r.app.Values[key]; double || r.missingSecrets[key] != "" {
		f.invalid("name", "%q is defined twice", key)
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

// secretValue gives the secret that a value names; nil where it is not known, which leaves the value undefined.
func (r *reader) secretValue(f *file, key string, value any) any {
	name := f.stringValue("value", value)
	if name == "" {
		return nil
	}
	if text, ok := r.options.Secret(name); ok {
		return text
	}
	r.missingSecrets[key] = name
	f.unsupported("value", "the secret %q is not known: set %s; the value %q is undefined", name, SecretVariable(name), key)
	return nil
}

// environment reads environments/NAME.json of the environment that the application's own file names.
func (r *reader) environment() {
	tag := r.app.Environment.Tag
	name := tag
	if name == "" {
		name = "no-environment"
	}
	place := path.Join("environments", name+".json")
	if !fs.ValidPath(place) || path.Dir(place) != "environments" {
		r.mainFile.invalid("environment", "wants a name, has %q", tag)
		return
	}
	if tag != "" && !r.exists(place) {
		r.mainFile.suspicious("environment", "there is no %s: the environment %q has no values", place, tag)
	}
	f := r.openFile(place)
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
				f.works(joinKey("values", v.Key), "the value of the environment")
			}
		}
	}
}
