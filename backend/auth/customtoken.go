package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// customToken proves an identity by a token that somebody else signed.
func (s *Service) customToken(_ context.Context, a Attempt) (directory.Identity, error) {
	return directory.Identity{}, api.Errorf(http.StatusNotImplemented, api.CodeAuthProviderNotFound, "dossier does not sign anybody in with the provider %s", a.Provider)
}
