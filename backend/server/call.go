package server

import (
	"context"
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// call runs a function of the application or, with `service`, an operation of a data source.
func (s *Server) call(w http.ResponseWriter, r *http.Request) error {
	session, err := s.authenticate(r)
	if err != nil {
		return err
	}
	text, release, err := s.readCallBody(w, r, session.User.ID)
	if err != nil {
		return err
	}
	defer release()
	inBSON := strings.HasPrefix(r.Header.Get("Content-Type"), api.BSONType)
	parse := api.ParseCall
	if inBSON {
		parse = api.ParseBSONCall
	}
	c, err := parse(text)
	if err != nil {
		return err
	}
	session.Request = requestContext(r, c.Service, c.Name)
	infoOf(r.Context()).setCall(c, s.config.Info.Functions)
	value, err := s.dispatch(r.Context(), session, c)
	if err != nil {
		return err
	}
	if inBSON {
		before, after := api.FrameBSONResult(value)
		writeResponse(w, http.StatusOK, api.BSONType, before, value.Value, after)
		return nil
	}
	body, err := api.EncodeRawValue(value)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, body)
	return nil
}

func (s *Server) dispatch(ctx context.Context, session *auth.Session, c api.Call) (bson.RawValue, error) {
	if c.Service == "" {
		return s.config.Dispatcher.CallFunction(ctx, session, c.Name, c.Arguments)
	}
	arg, err := c.Argument()
	if err != nil {
		return bson.RawValue{}, err
	}
	infoOf(ctx).setCollection(arg)
	return s.config.Dispatcher.CallService(ctx, session, c.Service, c.Name, arg)
}
