package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// customFunction proves an identity by asking a function of the application.
func (s *Service) customFunction(_ context.Context, a Attempt) (directory.Identity, error) {
	return directory.Identity{}, api.Errorf(http.StatusNotImplemented, api.CodeAuthProviderNotFound, "dossier does not sign anybody in with the provider %s", a.Provider)
}
