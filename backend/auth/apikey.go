package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// apiKey proves an identity by an API key.
func (s *Service) apiKey(_ context.Context, a Attempt) (directory.Identity, error) {
	return directory.Identity{}, api.Errorf(http.StatusNotImplemented, api.CodeAuthProviderNotFound, "dossier does not sign anybody in with the provider %s", a.Provider)
}
