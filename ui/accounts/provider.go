package accounts

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/text"
)

// providerForm is a way to sign in, as the service names it and as people do.
type providerForm struct {
	name   string
	title  string
	about  string
	fields []field
}

// field is one thing that is typed to sign in.
type field struct {
	key    string // in the login body
	label  string
	secret bool
	line   text.Line
}

// The providers' names on the wire.
const (
	emailPassword  = "local-userpass"
	anonymous      = "anon-user"
	apiKey         = "api-key"
	customToken    = "custom-token"
	customFunction = "custom-function"
)

// providerForms are the ways to sign in that can be typed, the usual one first. Each call makes fresh fields.
func providerForms() []providerForm {
	return []providerForm{
		{name: emailPassword, title: "e-mail and password", fields: []field{{key: "username", label: "e-mail"}, {key: "password", label: "password", secret: true}}},
		{name: anonymous, title: "anonymous", about: "A new person without a name. Signed out, they cannot come back."},
		{name: apiKey, title: "API key", about: "A key that the application made for an account, or for a server.", fields: []field{{key: "key", label: "key", secret: true}}},
		{name: customToken, title: "token of your own", about: "A JSON Web Token that the application knows how to check.", fields: []field{{key: "token", label: "token", secret: true}}},
		{name: customFunction, title: "function of your own", about: "What the application's sign-in function takes, as an extended JSON object.", fields: []field{{key: "", label: "payload"}}},
	}
}

// formFor is how a provider is called; an unknown one by its own name.
func formFor(name string) providerForm {
	for _, k := range providerForms() {
		if k.name == name {
			return k
		}
	}
	return providerForm{name: name, title: name}
}

// credential is what was typed. It says what is missing and in which field.
func (k *providerForm) credential() (c model.Credential, missing int, fault *model.Fault) {
	c.Provider = k.name
	for i := range k.fields {
		f := &k.fields[i]
		typed := f.line.Value()
		if k.name == apiKey || k.name == customToken { // they are copied, with what stood around them
			typed = strings.TrimSpace(typed)
		}
		switch {
		case typed == "":
			return c, i, model.InvalidInputf("", "the %s is missing", f.label)
		case f.key == "":
			doc, err := model.ParseDocument(typed)
			if err != nil {
				return c, i, model.AsFault("", err)
			}
			if err := bson.Unmarshal(doc, &c.Fields); err != nil {
				return c, i, model.AsFault("read the payload", err)
			}
		default:
			c.Fields = append(c.Fields, bson.E{Key: f.key, Value: typed})
		}
	}
	return c, 0, nil
}
