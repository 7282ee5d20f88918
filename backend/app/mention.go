package app

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// mention is one way in which a function's source speaks of something by its name.
type mention struct {
	what  string // what to say of a name that is not there
	names *regexp.Regexp
	known func(name string) bool
	own   *regexp.Regexp // tells a source that gives the name a meaning of its own; nil: none does
}

// ContextMembers are the members of the global context that functions find.
func ContextMembers() []string {
	return []string{"app", "environment", "functions", "http", "request", "runningAsSystem", "services", "user", "values"}
}

// mentioned finds the names that a method is called with, written out as a text.
func mentioned(object, method string) *regexp.Regexp {
	return regexp.MustCompile(`\b` + object + `\s*\.\s*` + method + textArgument)
}

// textArgument is an argument that is a text written out.
const textArgument = "\\s*\\(\\s*[\"'`]([^\"'`$\\\\\n]+)[\"'`]"

// adviseSources names what functions ask for and do not find, as far as their sources say it in so many words.
func (r *reader) adviseSources() {
	none := func(string) bool { return false }
	mentions := []mention{
		{what: "there is no data source %q", names: mentioned("services", "get"), known: func(name string) bool { return r.app.DataSources[name] != nil }},
		{what: "there is no value %q", names: mentioned("values", "get"), known: r.hasValue},
		{what: "there is no function %q", names: mentioned("functions", "execute"), known: func(name string) bool { return r.entries[name] }},
		{
			what: "functions have no context.%s here", names: regexp.MustCompile(`(?:^|[^.\w$])context\s*\??\.\s*([a-zA-Z]\w*)`),
			known: func(name string) bool { return slices.Contains(ContextMembers(), name) },
			own:   regexp.MustCompile(`[(,{]\s*context\s*[,)}=]|\b(?:const|let|var)\s+context\b|\bcontext\s*=`),
		},
		{
			what: "functions have no %s here", names: regexp.MustCompile(`(?:^|[^.\w$])(?:(fetch|structuredClone)\s*\(|(?:new\s+)(TextEncoder|TextDecoder)\b|(Intl|process)\s*\.\s*\w)`),
			known: none, own: regexp.MustCompile(`\b(?:const|let|var|function|class)\s+\{?\s*(?:fetch|structuredClone|TextEncoder|TextDecoder|Intl|process)\b|[(,{]\s*process\s*[,)}]`),
		},
	}
	mentions = append(mentions, mention{
		what: "patterns have no %s here: what it stands for is not matched", names: regexp.MustCompile(`(\\[pP]\{[^}\n]*\})`), known: none,
	})
	comments := regexp.MustCompile(`(?s:/\*.*?\*/)|(?m:(^|[^:"'` + "`" + `])//.*$)`) // not the // of an address
	tried := map[string]error{}
	for _, c := range r.sources {
		source := comments.ReplaceAllString(c.source, "$1 ")
		for _, m := range mentions {
			r.adviseMention(c.file, source, m)
		}
		r.adviseModules(c.file, source, tried)
		r.adviseHosts(c.file, source)
	}
}

func (r *reader) adviseMention(file, source string, m mention) {
	if m.own != nil && m.own.MatchString(source) {
		return
	}
	for _, name := range found(m.names, source) {
		if !m.known(name) {
			r.say(Suspicious, file, "", m.what, name)
		}
	}
}

// found gives what the groups of a pattern find, each once.
func found(pattern *regexp.Regexp, source string) []string {
	var out []string
	for _, groups := range pattern.FindAllStringSubmatch(source, -1) {
		for _, name := range groups[1:] {
			if name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

var required = regexp.MustCompile(`(?:^|[^.\w$])require` + textArgument)

// adviseModules tries the modules that a source requires; tried holds those that were, by directory and name.
func (r *reader) adviseModules(file, source string, tried map[string]error) {
	if r.options.LoadModule == nil {
		return
	}
	for _, name := range found(required, source) {
		key := path.Dir(file) + ":" + name
		err, known := tried[key]
		if !known {
			err = r.options.LoadModule(r.app.Modules, file, name)
			tried[key] = err
		}
		switch {
		case err == nil:
		case strings.HasPrefix(err.Error(), "require("):
			r.say(Suspicious, file, "", "%v", err)
		default:
			r.say(Suspicious, file, "", "require(%q) fails: %v", name, err)
		}
	}
}

var (
	asksHosts = regexp.MustCompile(`\bcontext\s*\??\.\s*http\b`)
	addresses = regexp.MustCompile("[\"'`](https?://[^/\"'`$\\\\\\s]+)")
)

// adviseHosts names hosts that a source sends requests to and that whoever runs the service does not allow.
func (r *reader) adviseHosts(file, source string) {
	if !asksHosts.MatchString(source) {
		return
	}
	var hosts []string
	for _, address := range found(addresses, source) {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Host)
		}
	}
	if len(hosts) == 0 && len(r.options.AllowedHosts) == 0 {
		hosts = []string{"NAME"}
	}
	for _, host := range hosts {
		if !slices.ContainsFunc(r.options.AllowedHosts, func(allowed string) bool { return strings.EqualFold(allowed, host) }) {
			r.say(Unsupported, file, "", "sends requests (context.http), which reach no host that is not allowed: dossier serve --http-host %s", host)
		}
	}
}

// hasValue tells a value that the application has, be its secret known or not.
func (r *reader) hasValue(name string) bool {
	_, there := r.app.Values[name]
	_, secret := r.secrets[name]
	return there || secret
}
