package server_test

import (
	"testing"

	"dossier/backend/api"
	"dossier/backend/backendtest"
)

// Unsupported features of App Services are refused with an error that tells the developer what to do.
func TestUnsupportedFeatures(t *testing.T) {
	h := backendtest.Start(t)
	base := api.BasePath + "/app/" + h.AppID
	for _, query := range []string{"?state=abc&redirect=http%3A%2F%2Flocalhost%3A3000&device=e30%3D",
		"?link=true&state=abc&redirect=x&providerRedirectHeader=true"} {
		for _, provider := range []string{"google", "facebook", "apple"} {
			request(t, h, "GET", api.LoginPath(h.AppID, "oauth2-"+provider)+query, "", "").
				expect(t, 400, "BadRequest", "oauth2-"+provider+": sign-in by browser redirect is not supported: get an ID token")
		}
	}
	a := anonymous(t, h)
	for _, method := range []string{"PUT", "DELETE"} {
		path := base + "/push/providers/gcm/registration"
		request(t, h, method, path, a.Access, `{"registrationToken":"abc"}`).expect(t, 404, "ServiceNotFound",
			"service not found: 'gcm'")
		request(t, h, method, path, "", `{"registrationToken":"abc"}`).expect(t, 401, "", "expected Authorization header")
	}
	request(t, h, "GET", base+"/realm-sync?baas_at=x", "", "").expect(t, 404, "ServiceNotFound",
		"Device Sync is not supported")
}
