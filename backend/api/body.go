package api

import "encoding/json"

// LocationResponse answers where the service is.
type LocationResponse struct {
	DeploymentModel string `json:"deployment_model"`
	Location        string `json:"location"`
	Hostname        string `json:"hostname"`
	WSHostname      string `json:"ws_hostname"`
}

// LoginResponse answers a sign-in. Linking leaves the refresh token out.
type LoginResponse struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	UserID       string `json:"user_id"`
	DeviceID     string `json:"device_id"` // 24 hex characters: the Web SDK fails at the next sign-in otherwise
}

// SessionResponse answers a refresh.
type SessionResponse struct {
	AccessToken string `json:"access_token"`
}

// RegisterRequest asks for an e-mail/password registration.
type RegisterRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// ProfileResponse answers who is signed in.
type ProfileResponse struct {
	UserID     string          `json:"user_id"`
	DomainID   string          `json:"domain_id"`
	Identities []Identity      `json:"identities"`
	Data       json.RawMessage `json:"data"` // an object in extended JSON, never null
	Type       string          `json:"type"`
	Dossier    *AppInfo        `json:"dossier,omitempty"` // dossier's own; SDKs ignore it
}

// Identity is one identity of a profile.
type Identity struct {
	ID           string          `json:"id"`
	ProviderType string          `json:"provider_type"`
	ProviderID   string          `json:"provider_id"`
	ProviderData json.RawMessage `json:"provider_data,omitempty"`
}

// AppInfo is what dossier's service adds to a profile: where the custom data lives and which functions the person can call.
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

// APIKeyResponse is an API key in answers.
type APIKeyResponse struct {
	ID       string `json:"_id"`
	Key      string `json:"key,omitempty"` // only when it is made
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
}

// ErrorResponse is the body of an error answer.
type ErrorResponse struct {
	Error     string `json:"error"`
	ErrorCode string `json:"error_code,omitempty"`
	Link      string `json:"link,omitempty"`
}
