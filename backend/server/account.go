package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/model"
)

// location returns the service's address: the public URL, or the one in the request.
func (s *Server) location(w http.ResponseWriter, r *http.Request) error {
	base := infoOf(r.Context()).baseURL
	return writeBody(w, http.StatusOK, api.LocationResponse{
		DeploymentModel: s.config.Location.DeploymentModel, Location: s.config.Location.Location, Hostname: base,
		WSHostname: "ws" + strings.TrimPrefix(base, "http"), Dossier: &api.Extensions{BSON: true},
	})
}

// login signs a user in, or with ?link=true adds an identity to the signed-in user.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	var session *auth.Session
	link := r.URL.Query().Get("link") == "true"
	if link {
		var err error
		if session, err = s.authenticate(r); err != nil {
			return err
		}
	}
	body, err := readDocumentLimit(w, r, api.MaxLoginBody)
	if err != nil {
		return err
	}
	info := infoOf(r.Context())
	credential := auth.Credential{Provider: r.PathValue("provider"), Body: body, ClientAddress: clientKey(r)}
	var tokens auth.Tokens
	if link {
		tokens, err = s.config.Auth.Link(r.Context(), session, credential)
	} else {
		info.Kind = SignIn
		tokens, err = s.config.Auth.SignIn(r.Context(), credential)
	}
	if err == nil || asAPIError(err).Code != api.CodeAuthProviderNotFound {
		info.Name = credential.Provider
	}
	if err != nil {
		return err
	}
	info.userID = tokens.UserID
	return writeBody(w, http.StatusOK, api.LoginResponse{
		AccessToken: tokens.Access.Reveal(), RefreshToken: tokens.Refresh.Reveal(), UserID: tokens.UserID,
		DeviceID: tokens.DeviceID,
	})
}

// refresh issues a new access token.
func (s *Server) refresh(w http.ResponseWriter, r *http.Request) error {
	infoOf(r.Context()).Kind = Refresh
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	access, err := s.config.Auth.Refresh(r.Context(), token)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusCreated, api.SessionResponse{AccessToken: access.Reveal()})
}

// signOut ends one session.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	if err := s.config.Auth.SignOut(r.Context(), token); err != nil {
		return err
	}
	writeStatus(w, http.StatusNoContent)
	return nil
}

// deleteUser deletes the signed-in user.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	session, err := s.authenticate(r)
	if err != nil {
		return err
	}
	if err := s.config.Auth.DeleteUser(r.Context(), session); err != nil {
		return err
	}
	writeStatus(w, http.StatusNoContent)
	return nil
}

// profile returns the signed-in user.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	session, err := s.authenticate(r)
	if err != nil {
		return err
	}
	p := api.ProfileResponse{UserID: session.User.ID, DomainID: auth.DomainID(s.config.AppID), Type: session.User.Type,
		Identities: []api.Identity{}, Dossier: s.appInfo()}
	if p.Data, err = api.EncodeDocument(session.User.Data); err != nil {
		return err
	}
	for _, i := range session.User.Identities {
		out := api.Identity{ID: i.ID, ProviderType: i.ProviderType, ProviderID: auth.ProviderID(s.config.AppID,
			i.ProviderType)}
		if len(i.Data) > 0 {
			if out.ProviderData, err = api.EncodeDocument(i.Data); err != nil {
				return err
			}
		}
		p.Identities = append(p.Identities, out)
	}
	return writeBody(w, http.StatusOK, p)
}

// hints returns the hints of the custom data to a signed-in user.
func (s *Server) hints(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.authenticate(r); err != nil {
		return err
	}
	var known model.Hints
	if s.config.Hints != nil {
		var err error
		if known, err = s.config.Hints(r.Context()); err != nil {
			return err
		}
	}
	return writeBody(w, http.StatusOK, api.EncodeHints(known))
}

func (s *Server) appInfo() *api.AppInfo {
	c := s.config.Info.CustomData
	names := s.config.Info.Functions
	if names == nil {
		names = []string{}
	}
	return &api.AppInfo{Functions: names, CustomUserData: api.CustomUserData{
		Enabled: c.Enabled, MongoServiceName: c.Service, DatabaseName: c.Database, CollectionName: c.Collection,
		UserIDField: c.UserIDField,
	}}
}
