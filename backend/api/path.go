package api

import "net/url"

// BasePath is the root of the client API.
const BasePath = "/api/client/v2.0"

// The paths without an application id: the service finds the application by the token.
const (
	SessionPath = BasePath + "/auth/session"
	ProfilePath = BasePath + "/auth/profile"
	DeletePath  = BasePath + "/auth/delete"
	APIKeysPath = BasePath + "/auth/api_keys"
)

// The provider types that dossier's service signs people in with.
const (
	Anonymous      = "anon-user"
	EmailPassword  = "local-userpass"
	APIKey         = "api-key"
	CustomToken    = "custom-token"
	CustomFunction = "custom-function"
	OAuthPrefix    = "oauth2-"  // and the provider's name: "oauth2-google"
	Operator       = "operator" // dossier's own: whoever started the service picks a user id
)

// ContentType is the exact content type of every answer with a body; some SDKs read an error only with exactly this.
const ContentType = "application/json"

// The limits of request bodies, in bytes: a document of 16 MB grows when it is written as extended JSON only as far as the call limit lets it.
const (
	MaxCallBody  = 17 << 20       // functions/call
	MaxLoginBody = 1<<20 + 64<<10 // signing in: the token of somebody else may have a million characters
	MaxBody      = 64 << 10       // everything else
)

// LocationPath is where an SDK asks for the address to use.
func LocationPath(appID string) string { return appPath(appID) + "/location" }

// LoginPath signs in with a provider; with `?link=true` it adds an identity to who is signed in.
func LoginPath(appID, provider string) string {
	return appPath(appID) + "/auth/providers/" + url.PathEscape(provider) + "/login"
}

// RegisterPath makes an e-mail/password registration.
func RegisterPath(appID string) string {
	return appPath(appID) + "/auth/providers/" + EmailPassword + "/register"
}

// CallPath calls a function (POST) or watches a collection (GET).
func CallPath(appID string) string { return appPath(appID) + "/functions/call" }

func appPath(appID string) string { return BasePath + "/app/" + url.PathEscape(appID) }
