package server

import (
	"context"
	"net/http"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// keyRoutes are the endpoints of people's API keys. They take the refresh token.
func (s *Server) keyRoutes() {
	one := api.APIKeysPath + "/{id}"
	s.timed("POST "+api.APIKeysPath, s.createKey)
	s.timed("GET "+api.APIKeysPath, s.listKeys)
	s.timed("GET "+one, s.showKey)
	s.timed("DELETE "+one, s.changeKey(s.c.Auth.DeleteAPIKey))
	for step, disabled := range map[string]bool{"enable": false, "disable": true} {
		s.timed("PUT "+one+"/"+step, s.changeKey(func(ctx context.Context, token auth.Secret, id string) error {
			return s.c.Auth.SetAPIKeyDisabled(ctx, token, id, disabled)
		}))
	}
}

// createKey makes a key and tells it, this once.
func (s *Server) createKey(w http.ResponseWriter, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	body, err := readDocument(w, r)
	if err != nil {
		return err
	}
	name, _ := body.Lookup("name").StringValueOK()
	made, key, err := s.c.Auth.CreateAPIKey(r.Context(), token, name)
	if err != nil {
		return err
	}
	answer := keyAnswer(made)
	answer.Key = key.Reveal()
	return writeBody(w, http.StatusCreated, answer)
}

// listKeys shows all keys of who is asking.
func (s *Server) listKeys(w http.ResponseWriter, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	keys, err := s.c.Auth.APIKeys(r.Context(), token)
	if err != nil {
		return err
	}
	answer := make([]api.KeyAnswer, len(keys))
	for i, k := range keys {
		answer[i] = keyAnswer(k)
	}
	return writeBody(w, http.StatusOK, answer)
}

// showKey shows one key of who is asking.
func (s *Server) showKey(w http.ResponseWriter, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	k, err := s.c.Auth.APIKey(r.Context(), token, r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, keyAnswer(k))
}

// changeKey does something to one key of who is asking.
func (s *Server) changeKey(do func(ctx context.Context, token auth.Secret, id string) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, err := bearer(r)
		if err != nil {
			return err
		}
		if err := do(r.Context(), token, r.PathValue("id")); err != nil {
			return err
		}
		writeNothing(w, http.StatusNoContent)
		return nil
	}
}

func keyAnswer(k model.APIKey) api.KeyAnswer {
	return api.KeyAnswer{ID: k.ID, Name: k.Name, Disabled: k.Disabled}
}
