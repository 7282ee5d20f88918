package app

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// The types of providers. Types with the prefix openID are OpenID Connect providers.
const (
	anonymous      = "anon-user"
	apiKey         = "api-key"
	emailPassword  = "local-userpass"
	customToken    = "custom-token"
	customFunction = "custom-function"
	openID         = "oauth2-"
)

// providerConfig is the configuration of one provider, besides its type.
type providerConfig struct {
	file           *file
	at             string
	kind           string
	config, secret bson.D
	metadata       any
	metadataAt     string
}

func (s *providerConfig) key(name string) string { return joinKey(s.at, name) }

// disable reports why the provider is disabled.
func (s *providerConfig) disable(key, format string, args ...any) {
	s.file.unsupported(s.key(key), format+"; the provider "+s.kind+" is disabled", args...)
}

// providers reads auth/providers.json, and auth_providers/*.json of older exports.
func (r *reader) providers() {
	if f := r.openFile("auth/providers.json"); f != nil {
		for _, e := range f.topLevel() {
			r.provider(f, e.Key, e.Key, e.Value)
		}
	}
	r.eachFile("auth_providers", "a provider", func(f *file) { r.provider(f, "", f.baseName(), f.value) })
	for _, p := range r.app.Providers {
		if !p.Disabled {
			return
		}
	}
	if r.first(Invalid) == nil {
		r.report(Suspicious, "auth/providers.json", "", "no provider is enabled: sign-in is not possible")
	}
}

func (r *reader) provider(f *file, at, kind string, v any) {
	s := &providerConfig{file: f, at: at, kind: kind}
	disabled := false
	for _, e := range f.objectValue(at, v) {
		key := s.key(e.Key)
		switch e.Key {
		case "name", "id", "_id":
		case "type":
			s.kind = f.stringValue(key, e.Value)
		case "disabled":
			disabled = f.boolValue(key, e.Value)
		case "config":
			s.config = f.objectValue(key, e.Value)
		case "secret_config":
			s.secret = f.objectValue(key, e.Value)
		case "metadata_fields":
			s.metadata, s.metadataAt = e.Value, key
		case "redirect_uris":
			if !disabled && !isEmpty(e.Value) {
				f.unsupported(key, "sign-in by browser redirect is not supported; it has no effect")
			}
		default:
			if disabled {
				continue
			}
			r.providerKey(s, &disabled, e)
		}
	}
	if !knownProvider(s.kind) {
		f.invalid(s.key("type"), "unknown provider type %q", s.kind)
		return
	}
	if _, exists := r.app.Providers[s.kind]; exists {
		f.invalid(at, "duplicate provider type %q", s.kind)
		return
	}
	p := Provider{Type: s.kind, Disabled: disabled}
	if !disabled {
		r.providerSettings(s, &p)
	}
	r.app.Providers[p.Type] = p
	if !p.Disabled {
		f.works(at, "the provider %s", p.Type)
	}
}

// providerKey reads the other keys of an enabled provider. A provider with domain restrictions, which are not
// supported, is disabled: otherwise it would accept all users.
func (r *reader) providerKey(s *providerConfig, disabled *bool, e bson.E) {
	if e.Key == "domain_restrictions" {
		if !isEmpty(e.Value) {
			s.disable(e.Key, "domain restrictions are not supported")
			*disabled = true
		}
		return
	}
	s.file.ignored(s.key(e.Key), e.Value)
}

func knownProvider(kind string) bool {
	switch kind {
	case anonymous, apiKey, emailPassword, customToken, customFunction:
		return true
	}
	return strings.HasPrefix(kind, openID) && len(kind) > len(openID)
}

// providerSettings reads the settings of an enabled provider.
func (r *reader) providerSettings(s *providerConfig, p *Provider) {
	switch p.Type {
	case emailPassword:
		r.emailPassword(s, &p.EmailPassword)
	case customFunction:
		r.customFunction(s, p)
	case customToken:
		p.Disabled = !r.customToken(s, &p.Token)
	case anonymous, apiKey:
		for _, e := range s.config {
			s.file.ignored(s.key("config."+e.Key), e.Value)
		}
	default:
		p.Disabled = !r.openID(s, &p.Token)
	}
	if r.options.CheckProvider == nil || p.Disabled {
		return
	}
	if err := r.options.CheckProvider(*p); err != nil {
		s.file.invalid(s.at, "%v", err)
	}
}

// emailPassword reads the settings of local-userpass.
func (r *reader) emailPassword(s *providerConfig, into *EmailPassword) {
	f, confirm, reset := s.file, false, false
	var confirmName, resetName string
	for _, e := range s.config {
		key := s.key("config." + e.Key)
		switch e.Key {
		case "autoConfirm":
			into.AutoConfirm = f.boolValue(key, e.Value)
		case "runConfirmationFunction":
			confirm = f.boolValue(key, e.Value)
		case "confirmationFunctionName":
			confirmName = f.stringValue(key, e.Value)
		case "emailConfirmationUrl":
			into.ConfirmURL = f.stringValue(key, e.Value)
		case "confirmEmailSubject":
			into.ConfirmSubject = f.stringValue(key, e.Value)
		case "runResetFunction":
			reset = f.boolValue(key, e.Value)
		case "resetFunctionName":
			resetName = f.stringValue(key, e.Value)
		case "resetPasswordUrl":
			into.ResetURL = f.stringValue(key, e.Value)
		case "resetPasswordSubject":
			into.ResetSubject = f.stringValue(key, e.Value)
		case "confirmationFunctionId", "resetFunctionId":
		default:
			f.ignored(key, e.Value)
		}
	}
	switch {
	case into.AutoConfirm:
	case confirm:
		into.ConfirmFunction = r.requireFunction(f, s.key("config.confirmationFunctionName"), confirmName)
	case into.ConfirmURL == "":
		f.suspicious(s.key("config.emailConfirmationUrl"), "is missing: confirmation mails have no link")
	}
	switch {
	case reset:
		into.ResetFunction = r.requireFunction(f, s.key("config.resetFunctionName"), resetName)
	case into.ResetURL == "":
		f.suspicious(s.key("config.resetPasswordUrl"), "is missing: password reset mails have no link")
	}
}

// customFunction reads the settings of custom-function.
func (r *reader) customFunction(s *providerConfig, p *Provider) {
	for _, e := range s.config {
		key := s.key("config." + e.Key)
		switch e.Key {
		case "authFunctionName":
			p.Function = s.file.stringValue(key, e.Value)
		case "authFunctionId":
		default:
			s.file.ignored(key, e.Value)
		}
	}
	r.requireFunction(s.file, s.key("config.authFunctionName"), p.Function)
}

// customData reads auth/custom_user_data.json, or the main file of an older export; without either, custom data is
// disabled.
func (r *reader) customData() {
	f, at := r.openFile("auth/custom_user_data.json"), ""
	var d bson.D
	if f != nil {
		d = f.topLevel()
	} else {
		f, at, d = r.mainFile, "custom_user_data_config", r.legacyCustomData
	}
	c := &r.app.CustomData
	for _, e := range d {
		key := joinKey(at, e.Key)
		switch e.Key {
		case "enabled":
			c.Enabled = f.boolValue(key, e.Value)
		case "mongo_service_name":
			c.Service = f.stringValue(key, e.Value)
		case "database_name":
			c.Database = f.stringValue(key, e.Value)
		case "collection_name":
			c.Collection = f.stringValue(key, e.Value)
		case "user_id_field":
			c.UserIDField = f.stringValue(key, e.Value)
		case "on_user_creation_function_name":
			r.app.OnUserCreation = f.stringValue(key, e.Value)
		case "mongo_service_id", "on_user_creation_function_id":
		default:
			f.ignored(key, e.Value)
		}
	}
	if name := r.app.OnUserCreation; name != "" {
		r.requireFunction(f, joinKey(at, "on_user_creation_function_name"), name)
	}
	if c.Enabled && r.checkCustomDataLocation(f, at) {
		f.works(joinKey(at, "enabled"), "custom user data: the document in %s.%s whose %s is the user's id", c.Database,
			c.Collection, c.UserIDField)
		r.lintCustomData(f, at)
	}
}

// checkCustomDataLocation checks the location of the custom data.
func (r *reader) checkCustomDataLocation(f *file, at string) bool {
	c := r.app.CustomData
	complete := true
	for _, k := range []struct{ key, value string }{
		{"mongo_service_name", c.Service}, {"database_name", c.Database},
		{"collection_name", c.Collection}, {"user_id_field", c.UserIDField},
	} {
		if k.value == "" {
			f.invalid(joinKey(at, k.key), "is missing, and custom user data is enabled")
			complete = false
		}
	}
	if !complete {
		return false
	}
	if r.app.DataSources[c.Service] == nil {
		f.invalid(joinKey(at, "mongo_service_name"), "unknown data source %q", c.Service)
		return false
	}
	if key, err := checkCustomData(c); err != nil {
		f.invalid(joinKey(at, key), "%v", err)
		return false
	}
	return true
}

// checkCustomData returns the invalid key of the location of the custom data, and what is wrong with it.
func checkCustomData(c model.CustomDataConfig) (key string, err error) {
	if strings.ContainsAny(c.UserIDField, ".$") {
		return "user_id_field", fmt.Errorf("expected a top-level field, got %q", c.UserIDField)
	}
	return "database_name", checkDatabase(c.Database)
}

// checkDatabase refuses databases that an application may not use: MongoDB's own, and those of dossier.
func checkDatabase(database string) error {
	switch {
	case database == "admin", database == "local", database == "config":
		return fmt.Errorf("the database %q is MongoDB's own", database)
	case strings.HasPrefix(strings.ToLower(database), "dossier_"):
		return fmt.Errorf("the database %q is reserved for dossier", database)
	}
	return nil
}
