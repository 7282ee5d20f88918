package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"dossier/model"
)

// declare binds the options that every command shares.
func declare(f *pflag.FlagSet, o *Options) {
	f.StringVar(&o.Data, "data", "", "directory of the embedded workspace and what is kept beside it")
	f.StringVar(&o.URI, "uri", "", "a MongoDB deployment, such as mongodb://localhost:27017")
	f.StringVar(&o.Database, "database", "", "database of the custom data")
	f.StringVar(&o.Collection, "collection", "", "collection of the custom data")
	f.StringVar(&o.UserIDField, "user-id-field", "", "field that holds the user's id")
	f.StringVar(&o.Service, "service", "mongodb-atlas", "name of the data source")
	f.StringVar(&o.As, "as", "", "user id to look at the data as, with --uri")
	f.Var((*directories)(o), "app", "directory of an application, as the old service exported it")
	f.StringVar(&o.Server, "server", "", "address of a service that speaks the client API")
	f.StringVar(&o.AppID, "app-id", "", "id of the application: at the service of --server, or for init to write")
	f.BoolVar(&o.Demo, "demo", false, "a throw-away workspace with made-up people and a simulated app")
	f.StringVar(&o.Theme, "theme", "", "colour theme")
	f.StringVar(&o.Background, "background", "auto", "terminal background: dark, light or auto")
	f.BoolVar(&o.ASCII, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&o.JSON, "json", false, "print JSON")
	f.DurationVar(&o.Timeout, "timeout", callTimeout, "how long one call may take, such as 5s; a function (dossier call) has 90s unless it is given")
}

// directories collects application directories.
type directories Options

// Set adds one.
func (d *directories) Set(dir string) error {
	d.App, d.Apps = dir, append(d.Apps, dir)
	return nil
}

// String is the last one.
func (d *directories) String() string { return d.App }

// Type is what help calls the value.
func (d *directories) Type() string { return "string" }

// exclusive says which settings are left out below a layer that has this one: they would start another service, or look at another's data.
// The layers are what was typed, the environment, and the configuration file.
func exclusive() map[string][]string {
	return map[string][]string{
		"server": {"uri", "app", "demo", "as", "data"},
		"uri":    {"server", "app-id", "demo"},
		"app":    {"server", "app-id", "demo", "as", "database", "collection", "user-id-field"},
		"demo":   {"server", "app-id", "uri", "app", "as", "database", "collection", "user-id-field"},
		"as":     {"server", "app-id", "app", "demo"},
	}
}

// fill sets what no flag said from DOSSIER_… variables, then from the configuration file, and gives the places of what it set by the flag's
// name. What is typed wins: what goes against it further down is left out. An application that is typed does not move to the deployment of
// the configuration file, which is there for looking; that of the environment is what services are started with.
func (s *commands) fill(f *pflag.FlagSet) (map[string]string, error) {
	path := s.Settings
	settings, err := readSettings(path, f)
	if err != nil {
		return nil, err
	}
	if settings["uri"] != "" && f.Changed("app") && !f.Changed("uri") && s.Getenv(variable("uri")) == "" {
		delete(settings, "uri")
		fmt.Fprintf(s.Err, "dossier: %s: uri is left out, because --app is typed without --uri\n", model.Show(path))
	}
	places, out := map[string]string{}, map[string]bool{}
	exclude(f, out)
	for _, layer := range []func(name string) (text, place string){
		func(name string) (string, string) { return s.Getenv(variable(name)), variable(name) },
		func(name string) (string, string) {
			return settings[name], path + ": " + strings.ReplaceAll(name, "-", "_")
		},
	} {
		var first error
		f.VisitAll(func(flag *pflag.Flag) {
			text, place := layer(flag.Name)
			if text == "" || flag.Changed || out[flag.Name] || first != nil {
				return
			}
			if err := f.Set(flag.Name, text); err != nil {
				first = model.InvalidInputf(place, "%q does not fit: %v", text, err)
			}
			places[flag.Name] = place
		})
		if first != nil {
			return nil, first
		}
		exclude(f, out)
	}
	return places, nil
}

// exclude adds what goes against the settings there are.
func exclude(f *pflag.FlagSet, out map[string]bool) {
	for name, others := range exclusive() {
		if flag := f.Lookup(name); !flag.Changed || flag.Value.String() == "" || flag.Value.String() == "false" {
			continue
		}
		for _, other := range others {
			out[other] = true
		}
	}
}

// variable is the environment variable that stands for a flag.
func variable(flag string) string {
	return "DOSSIER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fillOwn sets a command's own flags that were not given from DOSSIER_… variables.
func fillOwn(f *pflag.FlagSet, getenv func(string) string) (first error) {
	f.VisitAll(func(flag *pflag.Flag) {
		text := getenv(variable(flag.Name))
		if flag.Changed || first != nil || text == "" {
			return
		}
		if err := f.Set(flag.Name, text); err != nil {
			first = model.InvalidInputf(variable(flag.Name), "%q does not fit: %v", text, err)
		}
	})
	return first
}

// readSettings reads the configuration file as flag name → text. No file is no error; a key that no flag has is one.
func readSettings(path string, f *pflag.FlagSet) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, model.InvalidInputf(path, "cannot be read: %v", err)
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
		name := strings.ReplaceAll(key, "_", "-")
		if f.Lookup(name) == nil {
			return nil, model.InvalidInputf(path+": "+key, "there is no such setting; see dossier --help for the names")
		}
		settings[name] = fmt.Sprint(v)
	}
	return settings, nil
}

// check refuses options that contradict each other, before anything is opened. The places say where those come from that were not typed.
func (o Options) check(places map[string]string) error {
	from := func(name string) string {
		if place := places[name]; place != "" {
			return place
		}
		return "--" + name
	}
	switch {
	case o.Server != "" && o.AppID == "":
		return model.InvalidInputf(from("server"), "needs --app-id: which application at %s", o.Server)
	case o.Server != "" && o.URI != "":
		return model.InvalidInputf(from("server"), "is for a service elsewhere; %s starts one here", from("uri"))
	case o.Server != "" && o.App != "":
		return model.InvalidInputf(from("server"), "is for a service elsewhere; %s starts one here", from("app"))
	case o.Server != "" && o.Demo:
		return model.InvalidInputf(from("server"), "is for a service elsewhere; %s starts one here", from("demo"))
	case o.Demo && o.URI != "":
		return model.InvalidInputf(from("demo"), "uses a throw-away workspace, never a deployment; leave %s out", from("uri"))
	case o.URI != "" && o.App == "" && (o.Database == "" || o.Collection == "" || o.UserIDField == ""):
		return model.InvalidInputf(from("uri"), "needs --database, --collection and --user-id-field (or --app DIR), to know where the custom data is")
	case o.As != "" && o.URI == "":
		return model.InvalidInputf(from("as"), "goes with --uri: whoever holds the URI may look as any user id")
	case o.URI == "" && o.Server == "" && (o.Database != "" || o.Collection != "" || o.UserIDField != ""):
		return model.InvalidInputf("--database, --collection, --user-id-field", "go with --uri or --server")
	case o.Background != "dark" && o.Background != "light" && o.Background != "auto":
		return model.InvalidInputf(from("background"), "wants dark, light or auto, not %q", o.Background)
	case o.Timeout <= 0:
		return model.InvalidInputf(from("timeout"), "wants a time above zero, such as 5s, not %v", o.Timeout)
	}
	return nil
}
