package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// bearerToken returns the token in the Authorization header.
func bearerToken(r *http.Request) (auth.Secret, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return auth.Secret{}, api.Errorf(http.StatusUnauthorized, "",
			"expected Authorization header with JWT (Bearer schema)")
	}
	return auth.NewSecret(strings.TrimSpace(token)), nil
}

// authenticate returns the session of the request's access token.
func (s *Server) authenticate(r *http.Request) (*auth.Session, error) {
	token, err := bearerToken(r)
	if err != nil {
		return nil, err
	}
	return s.authenticateToken(r, token)
}

// authenticateToken returns the session of an access token, and records its user.
func (s *Server) authenticateToken(r *http.Request, token auth.Secret) (*auth.Session, error) {
	session, err := s.config.Auth.Authenticate(r.Context(), token)
	if err != nil {
		return nil, err
	}
	infoOf(r.Context()).userID = session.User.ID
	return session, nil
}

// authenticateStream is authenticate for streams: some SDKs send the token in the query.
func (s *Server) authenticateStream(r *http.Request) (*auth.Session, error) {
	if token := queryParam(r, "baas_at", "stitch_at"); token != "" && r.Header.Get("Authorization") == "" {
		return s.authenticateToken(r, auth.NewSecret(token))
	}
	return s.authenticate(r)
}

// queryParam returns a query parameter by its current name, else by the name that older SDKs use.
func queryParam(r *http.Request, name, olderName string) string {
	q := r.URL.Query()
	if q.Has(name) {
		return q.Get(name)
	}
	return q.Get(olderName)
}
