package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// customToken proves an identity by a token that somebody else signed.
func (s *Service) customToken(ctx context.Context, a Credential) (directory.Identity, error) {
	token, err := field(a.Body, "token")
	if err != nil {
		return directory.Identity{}, err
	}
	return s.vouched(ctx, a.Provider, token)
}

// vouched proves the identity that a token of the provider's issuer names; what the settings say is copied from it.
func (s *Service) vouched(ctx context.Context, provider, token string) (directory.Identity, error) {
	var none directory.Identity
	from := s.issuers[provider]
	if from == nil {
		return none, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound, "auth provider %s not found: it has no key to check tokens with", provider)
	}
	c, err := from.verify(ctx, token)
	if err != nil {
		return none, err
	}
	data, err := c.data(from.settings.Metadata)
	if err != nil {
		return none, err
	}
	subject, err := claim[string](c, "sub")
	if err != nil {
		return none, err
	}
	return s.external(ctx, provider, subject, data)
}
