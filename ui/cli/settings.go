package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"dossier/model"
)

// declareFlags declares the flags that all commands share.
func declareFlags(f *pflag.FlagSet, o *Options) {
	f.StringVar(&o.Data, "data", "", "data directory, for the embedded workspace")
	f.StringVar(&o.URI, "uri", "", "connection string of a MongoDB deployment, such as mongodb://localhost:27017")
	f.StringVar(&o.Database, "database", "", "database of the custom data")
	f.StringVar(&o.Collection, "collection", "", "collection of the custom data")
	f.StringVar(&o.UserIDField, "user-id-field", "", "field with the user's id")
	f.StringVar(&o.Service, "service", "", "name of the data source, where it is not mongodb-atlas")
	f.StringVar(&o.As, "as", "", "id of the user whose data to show, with --uri")
	f.Var((*directories)(o), "app", "application directory, as App Services exported it")
	f.StringVar(&o.Server, "server", "", "base address of a service with the client API")
	f.StringVar(&o.AppID, "app-id", "", "application id, with --server or init")
	f.BoolVar(&o.Demo, "demo", false, "temporary workspace with sample data and a simulated app")
	f.StringVar(&o.Theme, "theme", "", "colour theme")
	f.StringVar(&o.Background, "background", "auto", "terminal background: dark, light or auto")
	f.BoolVar(&o.ASCII, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&o.NoMouse, "no-mouse", false, "leave the mouse to the terminal, so that it selects text")
	f.BoolVar(&o.NoTips, "no-tips", false, "show no tips at the first start")
	f.BoolVar(&o.ScreenReader, "screen-reader", false, "print what changes as lines of text, for screen readers")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	f.DurationVar(&o.Timeout, "timeout", callTimeout, "timeout of one call; for dossier call the default is 90s")
}

// directories is the value of --app, which can be repeated.
type directories Options

// Set adds a directory.
func (d *directories) Set(dir string) error {
	d.App, d.Apps = dir, append(d.Apps, dir)
	return nil
}

// String returns the last directory.
func (d *directories) String() string { return d.App }

// Type returns the name of the value in help texts.
func (d *directories) Type() string { return "string" }

// conflictingFlags maps a setting to the settings that are ignored in layers of lower precedence: they would select
// another service or another user's data. The layers are flags, environment and configuration file.
func conflictingFlags() map[string][]string {
	return map[string][]string{
		"server": {"uri", "app", "demo", "as", "data"},
		"uri":    {"server", "app-id", "demo"},
		"app":    {"server", "app-id", "demo", "as", "database", "collection", "user-id-field"},
		"demo":   {"server", "app-id", "uri", "app", "as", "database", "collection", "user-id-field"},
		"as":     {"server", "app-id", "app", "demo"},
	}
}

// applySettings sets flags that are not on the command line from DOSSIER_… variables, then from the configuration file.
// It returns where each value came from by the flag's name. A layer's settings exclude conflicting ones of lower
// layers. With --app the configuration file's uri is ignored, because it is for viewing data; the environment's is
// used, because services are started with it.
func (s *commands) applySettings(f *pflag.FlagSet) (map[string]string, error) {
	path := s.Settings
	settings, err := readSettings(path, f)
	if err != nil {
		return nil, err
	}
	if settings["uri"] != "" && f.Changed("app") && !f.Changed("uri") && s.Getenv(variable("uri")) == "" {
		delete(settings, "uri")
		fmt.Fprintf(s.Err, "dossier: %s: uri is ignored, because --app is set without --uri\n", model.Show(path))
	}
	places, out := map[string]string{}, map[string]bool{}
	addConflicting(f, out)
	for _, layer := range []func(name string) (text, place string){
		func(name string) (string, string) { return s.Getenv(variable(name)), variable(name) },
		func(name string) (string, string) {
			return settings[name], path + ": " + strings.ReplaceAll(name, "-", "_")
		},
	} {
		var first error
		uri, _ := layer("uri")
		otherDeployment := uri != "" && out["uri"] // the layer's collection is of a deployment that is not used
		f.VisitAll(func(flag *pflag.Flag) {
			text, place := layer(flag.Name)
			if text == "" || flag.Changed || out[flag.Name] || first != nil ||
				otherDeployment && slices.Contains(collectionFlags(), flag.Name) {
				return
			}
			if err := f.Set(flag.Name, text); err != nil {
				first = valueFault(place, flag, text, err)
			}
			places[flag.Name] = place
		})
		if first != nil {
			return nil, first
		}
		addConflicting(f, out)
	}
	return places, nil
}

// placeFlags returns the flags on the command line that select the service, with their values. A URI with a password
// is left out: "…" stands for it.
func placeFlags(f *pflag.FlagSet, places map[string]string) []string {
	var given []string
	for _, name := range append([]string{"data", "server", "app-id", "app", "uri"}, collectionFlags()...) {
		flag := f.Lookup(name)
		if !flag.Changed || places[name] != "" {
			continue
		}
		text := flag.Value.String()
		switch {
		case strings.Contains(text, "://") && strings.Contains(text, "@"):
			text = "…"
		case !plainArgument().MatchString(text):
			text = "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
		}
		given = append(given, "--"+name, text)
	}
	return given
}

// plainArgument matches text that shells take as it is.
var plainArgument = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)
})

// here returns a command with the flags that select the service of this command.
func (s *commands) here(command string) string {
	return strings.Join(append([]string{"dossier", command}, s.place...), " ")
}

// collectionFlags returns the flags that describe a collection of a deployment.
func collectionFlags() []string {
	return []string{"database", "collection", "user-id-field", "service"}
}

// addConflicting adds the settings that conflict with those that are set.
func addConflicting(f *pflag.FlagSet, out map[string]bool) {
	for name, others := range conflictingFlags() {
		if flag := f.Lookup(name); !flag.Changed || flag.Value.String() == "" || flag.Value.String() == "false" {
			continue
		}
		for _, other := range others {
			out[other] = true
		}
	}
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return "DOSSIER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyVariables sets a command's own flags that are not on the command line from DOSSIER_… variables.
func applyVariables(f *pflag.FlagSet, getenv func(string) string) (first error) {
	f.VisitAll(func(flag *pflag.Flag) {
		text := getenv(variable(flag.Name))
		if flag.Changed || first != nil || text == "" {
			return
		}
		if err := f.Set(flag.Name, text); err != nil {
			first = valueFault(variable(flag.Name), flag, text, err)
		}
	})
	return first
}

// valueFault returns the error of a setting's value that its flag does not accept.
func valueFault(place string, flag *pflag.Flag, text string, err error) error {
	switch flag.Value.Type() {
	case "bool":
		return model.InvalidInputf(place, "%q is not true or false", text)
	case "duration":
		return model.InvalidInputf(place, "%q is not a duration such as 30s or 5m", text)
	}
	return model.InvalidInputf(place, "invalid value %q: %v", text, err)
}

// readSettings reads the configuration file as flag name → text. A missing file is no error, an unknown key is one.
func readSettings(path string, f *pflag.FlagSet) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, model.InvalidInputf(path, "cannot read it: %v", err)
	}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, column := at.Position()
			return nil, model.InvalidInputf(fmt.Sprintf("%s line %d, column %d", path, line, column), "%v", err)
		}
		return nil, model.InvalidInputf(path, "%v", err)
	}
	settings := map[string]string{}
	for key, v := range values {
		if _, isTable := v.(map[string]any); isTable && key == bindingsTable {
			continue // see keyTable
		}
		name := strings.ReplaceAll(key, "_", "-")
		if f.Lookup(name) == nil {
			return nil, model.InvalidInputf(path+": "+key, "unknown setting; see dossier --help for the names")
		}
		settings[name] = fmt.Sprint(v)
	}
	return settings, nil
}

// check rejects options that contradict each other. places holds where options that are not flags come from.
func (o Options) check(places map[string]string) error {
	from := func(name string) string {
		if place := places[name]; place != "" {
			return place
		}
		return "--" + name
	}
	switch {
	case o.Server != "" && o.AppID == "":
		return model.InvalidInputf(from("server"), "requires --app-id, the application at %s", o.Server)
	case o.Server != "" && o.URI != "":
		return model.InvalidInputf(from("server"), "cannot be combined with %s", from("uri"))
	case o.Server != "" && o.App != "":
		return model.InvalidInputf(from("server"), "cannot be combined with %s", from("app"))
	case o.Server != "" && o.Demo:
		return model.InvalidInputf(from("server"), "cannot be combined with %s", from("demo"))
	case o.Demo && o.URI != "":
		return model.InvalidInputf(from("demo"), "cannot be combined with %s: it uses a temporary workspace", from("uri"))
	case o.URI != "" && o.App == "" && (o.Database == "" || o.Collection == "" || o.UserIDField == ""):
		return model.InvalidInputf(from("uri"), "requires --database, --collection and --user-id-field, or --app DIR")
	case o.As != "" && o.URI == "":
		return model.InvalidInputf(from("as"), "requires --uri")
	case o.URI == "" && o.Server == "" && (o.Database != "" || o.Collection != "" || o.UserIDField != ""):
		return model.InvalidInputf("--database, --collection, --user-id-field", "require --uri or --server")
	case o.Background != "dark" && o.Background != "light" && o.Background != "auto":
		return model.InvalidInputf(from("background"), "expected dark, light or auto, got %q", o.Background)
	case o.Timeout <= 0:
		return model.InvalidInputf(from("timeout"), "expected a positive duration such as 5s, got %v", o.Timeout)
	}
	return nil
}
