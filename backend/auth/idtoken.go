package auth

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// idToken proves an identity by the id token of a sign-in service. The other ways in, a code or an access token to be exchanged there, would need
// a secret of the application and a connection that dossier does not make.
func (s *Service) idToken(ctx context.Context, a Credential) (directory.Identity, error) {
	_, err := a.Body.LookupErr("id_token")
	for _, other := range []string{"authCode", "accessToken"} {
		if _, otherErr := a.Body.LookupErr(other); err != nil && otherErr == nil {
			return directory.Identity{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
				"%s takes id tokens only, not '%s': sign in with an id token (in the field 'id_token') of the issuer and client id that auth/providers.json names", a.Provider, other)
		}
	}
	token, err := field(a.Body, "id_token")
	if err != nil {
		return directory.Identity{}, err
	}
	if i := s.issuers[a.Provider]; i != nil && len(i.audience) == 0 {
		return directory.Identity{}, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound,
			"auth provider %s not found: its settings name no client id, for which id tokens would have to be", a.Provider)
	}
	return s.vouched(ctx, a.Provider, token)
}
