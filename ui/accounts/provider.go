package accounts

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/text"
)

// providerForm is the form of one authentication provider.
type providerForm struct {
	name   string
	title  string
	about  string
	fields []field
}

// field is one input of a form.
type field struct {
	key    string // in the body of the login request
	label  string
	secret bool
	line   text.Line
}

// The providers' names in the protocol.
const (
	emailPassword  = "local-userpass"
	anonymous      = "anon-user"
	apiKey         = "api-key"
	customToken    = "custom-token"
	customFunction = "custom-function"
)

// providerForms returns the forms of all providers, with empty fields, the most common provider first.
func providerForms() []providerForm {
	return []providerForm{
		{name: emailPassword, title: "e-mail and password",
			fields: []field{{key: "username", label: "e-mail"}, {key: "password", label: "password", secret: true}}},
		{name: anonymous, title: "anonymous",
			about: "Creates a user without a credential: once signed out, it cannot sign in again."},
		{name: apiKey, title: "API key", about: "A key that the application created for a user or a server.",
			fields: []field{{key: "key", label: "key", secret: true}}},
		{name: customToken, title: "custom token", about: "A JSON Web Token that the application can verify.",
			fields: []field{{key: "token", label: "token", secret: true}}},
		{name: customFunction, title: "custom function",
			about:  "The payload of the application's sign-in function, as an extended JSON object.",
			fields: []field{{key: "", label: "payload"}}},
	}
}

// formFor returns a provider's form; for an unknown provider one with its name as title.
func formFor(name string) providerForm {
	for _, k := range providerForms() {
		if k.name == name {
			return k
		}
	}
	return providerForm{name: name, title: name}
}

// credential returns what was typed; otherwise a fault and the index of the field it is about.
func (k *providerForm) credential() (c model.Credential, missing int, fault *model.Fault) {
	c.Provider = k.name
	for i := range k.fields {
		f := &k.fields[i]
		typed := f.line.Value()
		if k.name == apiKey || k.name == customToken { // pasted, often with spaces around it
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
