package server

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// handleAPIKeys are the endpoints of people's API keys. They take the refresh token.
func (s *Server) handleAPIKeys() {
	one := api.APIKeysPath + "/{id}"
	s.handleTimed("POST "+api.APIKeysPath, s.createKey)
	s.handleTimed("GET "+api.APIKeysPath, s.listKeys)
	s.handleTimed("GET "+one, s.getKey)
	s.handleTimed("DELETE "+one, s.changeKey(s.config.Auth.DeleteAPIKey))
	for step, disabled := range map[string]bool{"enable": false, "disable": true} {
		s.handleTimed("PUT "+one+"/"+step, s.changeKey(func(ctx context.Context, token auth.Secret, id string) error {
			return s.config.Auth.SetAPIKeyDisabled(ctx, token, id, disabled)
		}))
	}
}

// createKey makes a key and tells it, this once.
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
	made, key, err := s.config.Auth.CreateAPIKey(r.Context(), token, name)
	if err != nil {
		return err
	}
	answer := apiKeyResponse(made)
	answer.Key = key.Reveal()
	return writeBody(w, http.StatusCreated, answer)
}

// listKeys shows all keys of who is asking.
func (s *Server) listKeys(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	keys, err := s.config.Auth.APIKeys(r.Context(), token)
	if err != nil {
		return err
	}
	answer := make([]api.APIKeyResponse, len(keys))
	for i, k := range keys {
		answer[i] = apiKeyResponse(k)
	}
	return writeBody(w, http.StatusOK, answer)
}

// getKey shows one key of who is asking.
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

// changeKey does something to one key of who is asking.
func (s *Server) changeKey(do func(ctx context.Context, token auth.Secret, id string) error) handler {
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

func apiKeyResponse(k model.APIKey) api.APIKeyResponse {
	return api.APIKeyResponse{ID: k.ID, Name: k.Name, Disabled: k.Disabled}
}
