package api

import "encoding/json"

// Location answers where the service is.
type Location struct {
	DeploymentModel string `json:"deployment_model"`
	Location        string `json:"location"`
	Hostname        string `json:"hostname"`
	WSHostname      string `json:"ws_hostname"`
}

// Login answers a sign-in. Linking leaves the refresh token out.
type Login struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	UserID       string `json:"user_id"`
	DeviceID     string `json:"device_id"` // 24 hex characters: the Web SDK fails at the next sign-in otherwise
}

// Session answers a refresh.
type Session struct {
	AccessToken string `json:"access_token"`
}

// Register asks for an e-mail/password registration.
type Register struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Profile answers who is signed in.
type Profile struct {
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

// KeyAnswer is an API key in answers.
type KeyAnswer struct {
	ID       string `json:"_id"`
	Key      string `json:"key,omitempty"` // only when it is made
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
}

// Failure is the body of an error answer.
type Failure struct {
	Error     string `json:"error"`
	ErrorCode string `json:"error_code,omitempty"`
	Link      string `json:"link,omitempty"`
}
