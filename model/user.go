package model

import "go.mongodb.org/mongo-driver/v2/bson"

// Identity is one way a person proves who they are (seed: user object, `identities [{id, provider_type}]`).
type Identity struct {
	ID           string   // the provider's id of the identity; free text
	ProviderType string   // "anon-user", "local-userpass", "api-key", …
	Data         bson.Raw // what the provider knows, such as the e-mail address; may be nil
}

// User is who a signed-in person is, as the service's profile says (seed: Web SDK page, 'Example User Object').
type User struct {
	ID         string
	Type       string   // "normal" or "server"
	Data       bson.Raw // profile metadata such as `email`; empty for an anonymous person
	Identities []Identity
	App        AppInfo // what the service says about the application; zero where a service does not say
}

// Name is how people call the person: the e-mail address or the name that the profile holds, else "".
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

// AppInfo is what a service may tell a signed-in person about the application: where the custom data lives and which functions can be called.
// Services other than dossier's do not send it; flags and configuration fill it in then.
type AppInfo struct {
	CustomData CustomDataConfig
	Functions  []string
}

// CustomDataConfig says where an application keeps its custom data (`auth/custom_user_data.json` of an application directory).
type CustomDataConfig struct {
	Enabled     bool
	Service     string // the data source, such as "mongodb-atlas"
	Database    string
	Collection  string
	UserIDField string
}

// Complete reports whether a collection and a user id field are known, so that the document can be looked at and changed.
func (c CustomDataConfig) Complete() bool {
	return c.Database != "" && c.Collection != "" && c.UserIDField != ""
}
