package api

import (
	"net/url"
	"strings"
)

// BasePath is the path of the client API.
const BasePath = "/api/client/v2.0"

// ServiceURL returns the base URL of a service without the path of the client API and slashes at its end. Settings of
// SDKs and documentation contain URLs with this path.
func ServiceURL(base string) string {
	before, rest, found := strings.Cut(base, BasePath)
	if found && (rest == "" || rest[0] == '/') {
		base = before
	}
	return strings.TrimRight(base, "/")
}

// The paths without an application id. The token names the application.
const (
	SessionPath = BasePath + "/auth/session"
	ProfilePath = BasePath + "/auth/profile"
	DeletePath  = BasePath + "/auth/delete"
	APIKeysPath = BasePath + "/auth/api_keys"
	HintsPath   = BasePath + "/auth/custom_data_hints" // an extension of dossier
)

// The provider types that dossier's service supports.
const (
	Anonymous      = "anon-user"
	EmailPassword  = "local-userpass"
	APIKey         = "api-key"
	CustomToken    = "custom-token"
	CustomFunction = "custom-function"
	OAuthPrefix    = "oauth2-"  // followed by the identity provider: "oauth2-google"
	Operator       = "operator" // an extension of dossier: an operator signs in as any user
)

// ContentType is the content type of every response with a body. Some SDKs decode an error only with exactly this
// value.
const ContentType = "application/json"

// The limits of request bodies, in bytes. A document of 16 MB may be longer than MaxCallBody as extended JSON; then it
// is refused.
const (
	MaxCallBody  = 17 << 20       // functions/call
	MaxLoginBody = 1<<20 + 64<<10 // signing in: an external token may have a million characters
	MaxBody      = 64 << 10       // everything else
)

// LocationPath is the path at which an SDK requests the address of the service.
func LocationPath(appID string) string { return appPath(appID) + "/location" }

// LoginPath is the path to sign in with a provider; with `?link=true` it adds an identity to the signed-in user.
func LoginPath(appID, provider string) string {
	return appPath(appID) + "/auth/providers/" + url.PathEscape(provider) + "/login"
}

// RegisterPath is the path to register with an email address and a password.
func RegisterPath(appID string) string {
	return appPath(appID) + "/auth/providers/" + EmailPassword + "/register"
}

// CallPath is the path to call a function or an operation (POST) or to watch a collection (GET).
func CallPath(appID string) string { return appPath(appID) + "/functions/call" }

func appPath(appID string) string { return BasePath + "/app/" + url.PathEscape(appID) }
