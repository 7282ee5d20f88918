package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// location tells where the service is: at the public address, or where it was asked.
func (s *Server) location(w http.ResponseWriter, r *http.Request) error {
	here := infoOf(r.Context()).base
	return writeBody(w, http.StatusOK, api.LocationResponse{
		DeploymentModel: s.config.Location.DeploymentModel, Location: s.config.Location.Location, Hostname: here, WSHostname: "ws" + strings.TrimPrefix(here, "http"),
	})
}

// login signs in, or with ?link=true adds an identity to who is signed in.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	var who *auth.Session
	link := r.URL.Query().Get("link") == "true"
	if link {
		var err error
		if who, err = s.authenticate(r); err != nil {
			return err
		}
	}
	body, err := readDocumentLimit(w, r, api.MaxLoginBody)
	if err != nil {
		return err
	}
	rec := infoOf(r.Context())
	attempt := auth.Credential{Provider: r.PathValue("provider"), Body: body, ClientAddress: clientKey(r)}
	var g auth.Tokens
	if link {
		g, err = s.config.Auth.Link(r.Context(), who, attempt)
	} else {
		rec.Kind = SignIn
		g, err = s.config.Auth.SignIn(r.Context(), attempt)
	}
	if err == nil || asAPIError(err).Code != api.CodeAuthProviderNotFound {
		rec.Name = attempt.Provider
	}
	if err != nil {
		return err
	}
	rec.user = g.UserID
	return writeBody(w, http.StatusOK, api.LoginResponse{
		AccessToken: g.Access.Reveal(), RefreshToken: g.Refresh.Reveal(), UserID: g.UserID, DeviceID: g.DeviceID,
	})
}

// refresh mints a new access token.
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

// deleteUser forgets who is signed in.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	who, err := s.authenticate(r)
	if err != nil {
		return err
	}
	if err := s.config.Auth.DeleteUser(r.Context(), who); err != nil {
		return err
	}
	writeStatus(w, http.StatusNoContent)
	return nil
}

// profile tells who is signed in.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	who, err := s.authenticate(r)
	if err != nil {
		return err
	}
	p := api.ProfileResponse{UserID: who.User.ID, DomainID: auth.DomainID(s.config.AppID), Type: who.User.Type, Identities: []api.Identity{}, Dossier: s.appInfo()}
	if p.Data, err = api.EncodeDocument(who.User.Data); err != nil {
		return err
	}
	for _, i := range who.User.Identities {
		out := api.Identity{ID: i.ID, ProviderType: i.ProviderType, ProviderID: auth.ProviderID(s.config.AppID, i.ProviderType)}
		if len(i.Data) > 0 {
			if out.ProviderData, err = api.EncodeDocument(i.Data); err != nil {
				return err
			}
		}
		p.Identities = append(p.Identities, out)
	}
	return writeBody(w, http.StatusOK, p)
}

func (s *Server) appInfo() *api.AppInfo {
	c := s.config.Info.CustomData
	names := s.config.Info.Functions
	if names == nil {
		names = []string{}
	}
	return &api.AppInfo{Functions: names, CustomUserData: api.CustomUserData{
		Enabled: c.Enabled, MongoServiceName: c.Service, DatabaseName: c.Database, CollectionName: c.Collection, UserIDField: c.UserIDField,
	}}
}
