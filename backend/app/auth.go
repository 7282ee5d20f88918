package app

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// providers reads auth/providers.json.
func (r *reader) providers() error {
	f, err := open(r.fs, "auth/providers.json")
	if err != nil || f == nil {
		return err
	}
	d, err := f.object()
	if err != nil {
		return err
	}
	for _, e := range d {
		settings, ok := e.Value.(bson.D)
		if !ok {
			return f.errorf(e.Key, "wants an object, has %s", describe(e.Value))
		}
		if err := r.provider(f, e.Key, settings); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) provider(f *file, key string, d bson.D) error {
	p := Provider{Type: key}
	var config any
	for _, e := range d {
		at := key + "." + e.Key
		var err error
		switch e.Key {
		case "name", "id", "_id":
		case "type":
			p.Type, err = f.text(at, e.Value)
		case "disabled":
			p.Disabled, err = f.truth(at, e.Value)
		case "config":
			config = e.Value
		default:
			r.ignore(f, at, e.Value)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case p.Type == "anon-user", p.Type == "api-key":
	case p.Type == "local-userpass":
		if err := r.emailPassword(f, key+".config", config, &p.EmailPassword); err != nil {
			return err
		}
	case p.Type == "custom-token", p.Type == "custom-function", strings.HasPrefix(p.Type, "oauth2-"):
		if !p.Disabled {
			r.notice(f, key, "this provider is not supported; nobody can sign in with it")
		}
		p.Disabled = true
	default:
		return f.errorf(key+".type", "the provider type %q is not known", p.Type)
	}
	if _, double := r.app.Providers[p.Type]; double {
		return f.errorf(key, "the provider type %q is there twice", p.Type)
	}
	r.app.Providers[p.Type] = p
	return nil
}

// emailPassword reads the settings of local-userpass.
func (r *reader) emailPassword(f *file, at string, v any, into *EmailPassword) error {
	d, ok := v.(bson.D)
	if v != nil && !ok {
		return f.errorf(at, "wants an object, has %s", describe(v))
	}
	for _, e := range d {
		key := at + "." + e.Key
		var err error
		switch e.Key {
		case "autoConfirm":
			into.AutoConfirm, err = f.truth(key, e.Value)
		case "emailConfirmationUrl":
			into.ConfirmURL, err = f.text(key, e.Value)
		case "confirmEmailSubject":
			into.ConfirmSubject, err = f.text(key, e.Value)
		case "resetPasswordUrl":
			into.ResetURL, err = f.text(key, e.Value)
		case "resetPasswordSubject":
			into.ResetSubject, err = f.text(key, e.Value)
		default:
			r.ignore(f, key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *file) document(key string, v any) (bson.Raw, error) {
	if v == nil {
		return nil, nil
	}
	d, ok := v.(bson.D)
	if !ok {
		return nil, f.errorf(key, "wants an object, has %s", describe(v))
	}
	b, err := raw(d)
	if err != nil {
		return nil, f.errorf(key, "%v", err)
	}
	return b, nil
}

// customData reads auth/custom_user_data.json; without it the feature is off.
func (r *reader) customData() error {
	f, err := open(r.fs, "auth/custom_user_data.json")
	if err != nil || f == nil {
		return err
	}
	d, err := f.object()
	if err != nil {
		return err
	}
	c := &r.app.CustomData
	for _, e := range d {
		switch e.Key {
		case "enabled":
			c.Enabled, err = f.truth(e.Key, e.Value)
		case "mongo_service_name":
			c.Service, err = f.text(e.Key, e.Value)
		case "database_name":
			c.Database, err = f.text(e.Key, e.Value)
		case "collection_name":
			c.Collection, err = f.text(e.Key, e.Value)
		case "user_id_field":
			c.UserIDField, err = f.text(e.Key, e.Value)
		case "on_user_creation_function_name":
			r.app.OnUserCreation, err = f.text(e.Key, e.Value)
		default:
			r.ignore(f, e.Key, e.Value)
		}
		if err != nil {
			return err
		}
	}
	return r.checkCustomData(f)
}

func (r *reader) checkCustomData(f *file) error {
	c := r.app.CustomData
	if name := r.app.OnUserCreation; name != "" && r.app.Functions[name] == nil {
		return f.errorf("on_user_creation_function_name", "there is no function %q that can run here", name)
	}
	if !c.Enabled {
		return nil
	}
	for _, k := range []struct{ key, value string }{
		{"mongo_service_name", c.Service}, {"database_name", c.Database},
		{"collection_name", c.Collection}, {"user_id_field", c.UserIDField},
	} {
		if k.value == "" {
			return f.errorf(k.key, "is missing, and custom user data is enabled")
		}
	}
	if r.app.Services[c.Service] == nil {
		return f.errorf("mongo_service_name", "there is no data source %q", c.Service)
	}
	if strings.ContainsAny(c.UserIDField, ".$") || c.UserIDField == "_id" {
		return f.errorf("user_id_field", "wants a field at the top of the document other than _id, has %q", c.UserIDField)
	}
	if err := checkName(c.Database); err != nil {
		return f.errorf("database_name", "%v", err)
	}
	return nil
}

// checkName refuses databases that an application may not use: MongoDB's own, and those where accounts are kept.
func checkName(database string) error {
	switch {
	case database == "admin", database == "local", database == "config":
		return fmt.Errorf("the database %q is MongoDB's own", database)
	case strings.HasPrefix(strings.ToLower(database), "dossier_"):
		return fmt.Errorf("the database %q is reserved for accounts", database)
	}
	return nil
}
