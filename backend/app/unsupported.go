package app

import (
	"io/fs"
	"path"
	"slices"
)

// unsupportedText is the finding about an entry at the top level of the directory; empty: none.
func unsupportedText(name string) string {
	switch name {
	case "auth", "auth_providers", "data_sources", "environments", "functions", "services", "triggers", "values",
		"README.md":
		return ""
	case "http_endpoints":
		return "HTTPS endpoints are not supported; it has no effect"
	case "graphql":
		return "GraphQL is not supported; it has no effect"
	case "sync":
		return "device sync is not supported; it has no effect"
	case "hosting":
		return "static hosting is not supported; it has no effect"
	case "log_forwarders":
		return "log forwarding is not supported; it has no effect"
	case "data_api_config.json":
		return "the Data API is not supported; it has no effect"
	case "secrets.json":
		return "secrets are read from the environment (DOSSIER_SECRET_NAME), never from a file; it has no effect"
	}
	if slices.Contains(mainFileNames(), name) {
		return ""
	}
	return "is not part of an application directory; it has no effect"
}

// reportUnsupported reports the other entries of the directory.
func (r *reader) reportUnsupported() {
	for _, e := range r.listDir(".") {
		text := unsupportedText(e.Name())
		if text == "" {
			continue
		}
		for _, name := range r.unsupportedFiles(e) {
			r.report(Unsupported, name, "", "%s", text)
		}
	}
	for _, e := range r.listDir("auth") {
		if e.Name() != "providers.json" && e.Name() != "custom_user_data.json" {
			if name := path.Join("auth", e.Name()); !r.referencedFiles[name] && !r.isOffFile(name) {
				r.report(Unsupported, name, "", "is not supported; it has no effect")
			}
		}
	}
}

// unsupportedFiles returns the non-empty JSON files of a feature, or the entry itself when it is not a feature's
// directory.
func (r *reader) unsupportedFiles(e fs.DirEntry) []string {
	switch e.Name() {
	case "http_endpoints", "graphql", "sync", "log_forwarders":
	case "hosting":
		if r.isOffFile("hosting/config.json") {
			return nil
		}
		return []string{e.Name()}
	default:
		if r.referencedFiles[e.Name()] || r.isOffFile(e.Name()) {
			return nil
		}
		return []string{e.Name()}
	}
	var names []string
	err := fs.WalkDir(r.fs, e.Name(), func(name string, d fs.DirEntry, err error) error {
		// every export has graphql/config.json
		if err == nil && !d.IsDir() && path.Ext(name) == ".json" && name != "graphql/config.json" && !r.isOffFile(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		r.report(Invalid, e.Name(), "", "cannot be read: %v", err)
	}
	return names
}

// isOffFile reports whether a JSON file enables nothing.
func (r *reader) isOffFile(name string) bool {
	if path.Ext(name) != ".json" {
		return false
	}
	info, err := fs.Stat(r.fs, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return false
	}
	text, err := fs.ReadFile(r.fs, name)
	if err != nil {
		return false
	}
	v, err := parseJSON(text)
	return err == nil && isOff(v)
}
