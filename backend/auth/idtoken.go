package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// verifyIDToken verifies an OpenID Connect id token. Authorization codes and access tokens are not accepted: exchanging
// them would need a client secret and a connection to the issuer.
func (s *Service) verifyIDToken(ctx context.Context, c Credential) (directory.Identity, error) {
	_, err := c.Body.LookupErr("id_token")
	for _, other := range []string{"authCode", "accessToken"} {
		if _, otherErr := c.Body.LookupErr(other); err != nil && otherErr == nil {
			return directory.Identity{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
				"%s accepts only id tokens, not '%s': send an id token in the field 'id_token', for the issuer and client id "+
					"in auth/providers.json", c.Provider, other)
		}
	}
	token, err := requiredString(c.Body, "id_token")
	if err != nil {
		return directory.Identity{}, err
	}
	if i := s.issuers[c.Provider]; i != nil && len(i.audience) == 0 {
		return directory.Identity{}, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound,
			"auth provider %s not found: its settings name no client id", c.Provider)
	}
	return s.verifyToken(ctx, c.Provider, token)
}
