package server

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// handleAPIKeys registers the endpoints of users' API keys. They take the refresh token.
func (s *Server) handleAPIKeys() {
	one := api.APIKeysPath + "/{id}"
	s.handleWithoutApp("POST "+api.APIKeysPath, s.createKey)
	s.handleWithoutApp("GET "+api.APIKeysPath, s.listKeys)
	s.handleWithoutApp("GET "+one, s.getKey)
	s.handleWithoutApp("DELETE "+one, s.changeKey(s.config.Auth.DeleteAPIKey))
	for step, disabled := range map[string]bool{"enable": false, "disable": true} {
		s.handleWithoutApp("PUT "+one+"/"+step, s.changeKey(func(ctx context.Context, token auth.Secret, id string) error {
			return s.config.Auth.SetAPIKeyDisabled(ctx, token, id, disabled)
		}))
	}
}

// createKey creates an API key. Only this response holds the key's secret.
func (s *Server) createKey(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	body, err := readDocument(w, r)
	if err != nil {
		return err
	}
	name, _ := body.Lookup("name").StringValueOK()
	created, secret, err := s.config.Auth.CreateAPIKey(r.Context(), token, name)
	if err != nil {
		return err
	}
	response := apiKeyResponse(created)
	response.Key = secret.Reveal()
	return writeBody(w, http.StatusCreated, response)
}

// listKeys returns all API keys of the user.
func (s *Server) listKeys(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	keys, err := s.config.Auth.APIKeys(r.Context(), token)
	if err != nil {
		return err
	}
	response := make([]api.KeyResponse, len(keys))
	for i, k := range keys {
		response[i] = apiKeyResponse(k)
	}
	return writeBody(w, http.StatusOK, response)
}

// getKey returns one API key of the user.
func (s *Server) getKey(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	k, err := s.config.Auth.APIKey(r.Context(), token, r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, apiKeyResponse(k))
}

// changeKey returns a handler that deletes, enables or disables one API key of the user.
func (s *Server) changeKey(do func(ctx context.Context, token auth.Secret, id string) error) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, err := bearerToken(r)
		if err != nil {
			return err
		}
		if err := do(r.Context(), token, r.PathValue("id")); err != nil {
			return err
		}
		writeStatus(w, http.StatusNoContent)
		return nil
	}
}

func apiKeyResponse(k model.APIKey) api.KeyResponse {
	return api.KeyResponse{ID: k.ID, Name: k.Name, Disabled: k.Disabled}
}
