package model

import (
	"cmp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Identity is one way a user can sign in (seed: user object, `identities [{id, provider_type}]`).
type Identity struct {
	ID           string   // assigned by the provider; any text
	ProviderType string   // "anon-user", "local-userpass", "api-key", …
	Data         bson.Raw // the provider's metadata, such as the e-mail address; may be nil
}

// User is the profile of a signed-in user (seed: Web SDK page, 'Example User Object').
type User struct {
	ID         string
	Type       string   // "normal" or "server"
	Data       bson.Raw // profile metadata such as `email`; empty for an anonymous user
	Identities []Identity
	App        AppInfo // zero when the service does not send it
}

// Name returns the e-mail address of the profile, else its name, else "".
func (u User) Name() string {
	for _, key := range []string{"email", "name"} {
		if v, ok := (Path{key}).Lookup(u.Data); ok {
			if s, ok := v.StringValueOK(); ok && s != "" {
				return s
			}
		}
	}
	return ""
}

// AppInfo describes the application to a signed-in user: where the custom data is stored and which functions can be
// called. Only dossier's own service sends it; at other services the user's settings name the collection.
type AppInfo struct {
	CustomData CustomDataConfig
	Functions  []string
}

// CustomDataConfig configures where an application stores its custom data (`auth/custom_user_data.json` of an
// application directory).
type CustomDataConfig struct {
	Enabled     bool
	Service     string // the data source, such as "mongodb-atlas"
	Database    string
	Collection  string
	UserIDField string
}

// Override returns the configuration with every value that other sets.
func (c CustomDataConfig) Override(other CustomDataConfig) CustomDataConfig {
	return CustomDataConfig{
		Enabled: c.Enabled || other.Complete(), Service: cmp.Or(other.Service, c.Service),
		Database: cmp.Or(other.Database, c.Database), Collection: cmp.Or(other.Collection, c.Collection),
		UserIDField: cmp.Or(other.UserIDField, c.UserIDField),
	}
}

// MissingError returns the fault of an operation that needs a complete configuration. It names the missing flags.
func (c CustomDataConfig) MissingError(op string) *Fault {
	var missing []string
	for _, flag := range []struct{ name, value string }{
		{"--database", c.Database}, {"--collection", c.Collection}, {"--user-id-field", c.UserIDField},
	} {
		if flag.value == "" {
			missing = append(missing, flag.name)
		}
	}
	last := len(missing) - 1
	list := missing[last]
	if last > 0 {
		list = strings.Join(missing[:last], ", ") + " and " + list
	}
	return &Fault{
		Kind: Failed, Op: op, Message: "the service does not report where the custom data is stored", Advice: "set " + list,
	}
}

// Complete reports whether the collection and the user id field are known, so that the document can be read and
// changed.
func (c CustomDataConfig) Complete() bool {
	return c.Database != "" && c.Collection != "" && c.UserIDField != ""
}
