package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// idToken proves an identity by the id token of an OpenID issuer.
func (s *Service) idToken(_ context.Context, a Attempt) (directory.Identity, error) {
	return directory.Identity{}, api.Errorf(http.StatusNotImplemented, api.CodeAuthProviderNotFound, "dossier does not sign anybody in with the provider %s", a.Provider)
}
