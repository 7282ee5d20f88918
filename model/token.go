package model

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MaxTokenBytes is the largest access token dossier reads or mints: 1 MiB encoded.
const MaxTokenBytes = 1 << 20

// Token is what an access token says; its signature is the service's business.
type Token struct {
	UserID     string    // sub
	SessionID  string    // iss
	DeviceID   string    // baas_device_id
	IssuedAt   time.Time // iat
	ExpiresAt  time.Time // exp
	CustomData bson.Raw  // user_data decoded; nil when the token carries none
	TooLarge   bool      // the service says that the document did not fit
}

// ParseToken reads an access token's claims without checking the signature. Numbers may be plain or wrapped extended JSON.
// The error names the part or the claim.
func ParseToken(token string) (Token, error) { panic("unwritten") }
