package api

import "encoding/json"

// LocationResponse is the response of LocationPath: the address of the service.
type LocationResponse struct {
	DeploymentModel string      `json:"deployment_model"`
	Location        string      `json:"location"`
	Hostname        string      `json:"hostname"`
	WSHostname      string      `json:"ws_hostname"`
	Dossier         *Extensions `json:"dossier,omitempty"` // SDKs ignore it
}

// Extensions are what dossier's service can do beyond the client API.
type Extensions struct {
	// service calls and watch requests in BSON (see BSONType); for users also guards by $getField and updates by
	// $setField and $unsetField, for fields that no path can name
	BSON bool `json:"bson"`
}

// LoginResponse is the response of LoginPath. Linking an identity omits the refresh token.
type LoginResponse struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	UserID       string `json:"user_id"`
	DeviceID     string `json:"device_id"` // 24 hex characters: with another value the Web SDK fails at the next sign-in
}

// SessionResponse is the response to a refresh of the access token.
type SessionResponse struct {
	AccessToken string `json:"access_token"`
}

// RegisterRequest is the body of RegisterPath.
type RegisterRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// ProfileResponse is the signed-in user.
type ProfileResponse struct {
	UserID     string          `json:"user_id"`
	DomainID   string          `json:"domain_id"`
	Identities []Identity      `json:"identities"`
	Data       json.RawMessage `json:"data"` // an object in extended JSON, never null
	Type       string          `json:"type"`
	Dossier    *AppInfo        `json:"dossier,omitempty"` // an extension of dossier; SDKs ignore it
}

// Identity is one identity of a profile.
type Identity struct {
	ID           string          `json:"id"`
	ProviderType string          `json:"provider_type"`
	ProviderID   string          `json:"provider_id"`
	ProviderData json.RawMessage `json:"provider_data,omitempty"`
}

// AppInfo is dossier's extension of a profile: where the custom data is stored, and the functions that clients may
// call.
type AppInfo struct {
	CustomUserData CustomUserData `json:"custom_user_data"`
	Functions      []string       `json:"functions"`
}

// CustomUserData has the keys of an application directory's auth/custom_user_data.json.
type CustomUserData struct {
	Enabled          bool   `json:"enabled"`
	MongoServiceName string `json:"mongo_service_name"`
	DatabaseName     string `json:"database_name"`
	CollectionName   string `json:"collection_name"`
	UserIDField      string `json:"user_id_field"`
}

// KeyResponse is an API key in responses.
type KeyResponse struct {
	ID       string `json:"_id"`
	Key      string `json:"key,omitempty"` // only in the response to its creation
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
}

// ErrorResponse is the body of an error response.
type ErrorResponse struct {
	Error     string `json:"error"`
	ErrorCode string `json:"error_code,omitempty"`
	Link      string `json:"link,omitempty"`
}
