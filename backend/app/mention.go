package app

import "regexp"

// mention is one way in which a function's source speaks of a part of the application by its name.
type mention struct {
	what  string // what to say of a name that is not there
	names *regexp.Regexp
	known func(name string) bool
}

// mentioned finds the names that a method is called with, written out as a text.
func mentioned(object, method string) *regexp.Regexp {
	return regexp.MustCompile(`\b` + object + `\s*\.\s*` + method + "\\(\\s*[\"'`]([^\"'`$\\\\]+)[\"'`]")
}

// adviseSources names what functions ask for and the application does not have, as far as their sources say it in so many words.
func (r *reader) adviseSources() {
	mentions := []mention{
		{"there is no data source %q", mentioned("services", "get"), func(name string) bool { return r.app.Services[name] != nil }},
		{"there is no value %q", mentioned("values", "get"), r.hasValue},
		{"there is no function %q", mentioned("functions", "execute"), func(name string) bool { return r.entries[name] }},
	}
	comments := regexp.MustCompile(`(?s:/\*.*?\*/)|(?m://.*$)`)
	for _, c := range r.sources {
		source, told := comments.ReplaceAllString(c.source, ""), map[string]bool{}
		for _, m := range mentions {
			for _, found := range m.names.FindAllStringSubmatch(source, -1) {
				if name := found[1]; !m.known(name) && !told[m.what+name] {
					told[m.what+name] = true
					r.say(Suspect, c.file, "", m.what, name)
				}
			}
		}
	}
}

// hasValue tells a value that the application has, be its secret known or not.
func (r *reader) hasValue(name string) bool {
	_, there := r.app.Values[name]
	_, secret := r.secrets[name]
	return there || secret
}
