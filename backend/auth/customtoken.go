package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// verifyCustomToken verifies a token that the provider's external issuer signed.
func (s *Service) verifyCustomToken(ctx context.Context, c Credential) (directory.Identity, error) {
	token, err := requiredString(c.Body, "token")
	if err != nil {
		return directory.Identity{}, err
	}
	return s.verifyToken(ctx, c.Provider, token)
}

// verifyToken verifies a token of the provider's issuer and returns its identity, with the claims that the settings
// map.
func (s *Service) verifyToken(ctx context.Context, provider, token string) (directory.Identity, error) {
	var none directory.Identity
	issuer := s.issuers[provider]
	if issuer == nil {
		return none, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound,
			"auth provider %s not found: it has no verification keys", provider)
	}
	claims, err := issuer.verify(ctx, token)
	if err != nil {
		return none, err
	}
	data, err := claims.metadata(issuer.settings.Metadata)
	if err != nil {
		return none, err
	}
	subject, err := claim[string](claims, "sub")
	if err != nil {
		return none, err
	}
	return s.findOrAddIdentity(ctx, provider, subject, data)
}
