package server

import (
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// location tells where the service is: at the public address, or where it was asked.
func (s *Server) location(w http.ResponseWriter, r *http.Request) error {
	here := recordOf(r.Context()).base
	return writeBody(w, http.StatusOK, api.Location{
		DeploymentModel: s.c.Place.DeploymentModel, Location: s.c.Place.Location, Hostname: here, WSHostname: "ws" + strings.TrimPrefix(here, "http"),
	})
}

// login signs in, or with ?link=true adds an identity to who is signed in.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	var who *auth.Session
	link := r.URL.Query().Get("link") == "true"
	if link {
		var err error
		if who, err = s.who(r); err != nil {
			return err
		}
	}
	body, err := readDocumentUpTo(w, r, api.MaxLoginBody)
	if err != nil {
		return err
	}
	rec := recordOf(r.Context())
	attempt := auth.Credential{Provider: r.PathValue("provider"), Body: body, ClientAddress: address(r)}
	var g auth.Tokens
	if link {
		g, err = s.c.Auth.Link(r.Context(), who, attempt)
	} else {
		rec.Kind = SignIn
		g, err = s.c.Auth.SignIn(r.Context(), attempt)
	}
	if err == nil || asAnswer(err).Code != api.CodeAuthProviderNotFound {
		rec.Name = attempt.Provider
	}
	if err != nil {
		return err
	}
	rec.user = g.UserID
	return writeBody(w, http.StatusOK, api.Login{
		AccessToken: g.Access.Reveal(), RefreshToken: g.Refresh.Reveal(), UserID: g.UserID, DeviceID: g.DeviceID,
	})
}

// refresh mints a new access token.
func (s *Server) refresh(w http.ResponseWriter, r *http.Request) error {
	recordOf(r.Context()).Kind = Refresh
	token, err := bearer(r)
	if err != nil {
		return err
	}
	access, err := s.c.Auth.Refresh(r.Context(), token)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusCreated, api.Session{AccessToken: access.Reveal()})
}

// signOut ends one session.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	token, err := bearer(r)
	if err != nil {
		return err
	}
	if err := s.c.Auth.SignOut(r.Context(), token); err != nil {
		return err
	}
	writeNothing(w, http.StatusNoContent)
	return nil
}

// deleteUser forgets who is signed in.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	who, err := s.who(r)
	if err != nil {
		return err
	}
	if err := s.c.Auth.DeleteUser(r.Context(), who); err != nil {
		return err
	}
	writeNothing(w, http.StatusNoContent)
	return nil
}

// profile tells who is signed in.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	who, err := s.who(r)
	if err != nil {
		return err
	}
	p := api.Profile{UserID: who.User.ID, DomainID: auth.DomainID(s.c.AppID), Type: who.User.Type, Identities: []api.Identity{}, Dossier: s.info()}
	if p.Data, err = api.Document(who.User.Data); err != nil {
		return err
	}
	for _, i := range who.User.Identities {
		out := api.Identity{ID: i.ID, ProviderType: i.ProviderType, ProviderID: auth.ProviderID(s.c.AppID, i.ProviderType)}
		if len(i.Data) > 0 {
			if out.ProviderData, err = api.Document(i.Data); err != nil {
				return err
			}
		}
		p.Identities = append(p.Identities, out)
	}
	return writeBody(w, http.StatusOK, p)
}

func (s *Server) info() *api.AppInfo {
	c := s.c.Info.CustomData
	names := s.c.Info.Functions
	if names == nil {
		names = []string{}
	}
	return &api.AppInfo{Functions: names, CustomUserData: api.CustomUserData{
		Enabled: c.Enabled, MongoServiceName: c.Service, DatabaseName: c.Database, CollectionName: c.Collection, UserIDField: c.UserIDField,
	}}
}
