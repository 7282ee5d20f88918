package server

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// handleEmailPassword registers the endpoints of local-userpass that manage users. The Web SDK sends an Authorization
// header with them while a user is signed in; it is ignored, so that an expired token does not fail the request.
func (s *Server) handleEmailPassword(root string) {
	for step, h := range map[string]func(http.ResponseWriter, *http.Request, bson.Raw) error{
		"confirm": s.confirm, "confirm/send": emailHandler(s.config.Auth.ResendConfirmation), "reset": s.reset,
		"reset/send": emailHandler(s.config.Auth.SendResetPasswordEmail),
	} {
		s.handleInApp("POST "+root+"/"+step, authTimeout, withBody(h))
	}
	for step, h := range map[string]func(http.ResponseWriter, *http.Request, bson.Raw) error{ // these may run a function
		"register": s.register, "confirm/call": emailHandler(s.config.Auth.RetryCustomConfirmation),
		"reset/call": s.resetCall,
	} {
		s.handleInApp("POST "+root+"/"+step, callTimeout, withBody(h))
	}
}

func withBody(h func(http.ResponseWriter, *http.Request, bson.Raw) error) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := readDocument(w, r)
		if err != nil {
			return err
		}
		return h(w, r, body)
	}
}

// emailHandler returns a handler for a step whose only inputs are an email address and the client's network address.
func emailHandler(do func(ctx context.Context, email, address string) error) func(http.ResponseWriter, *http.Request,
	bson.Raw) error {
	return func(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
		email, err := parseEmail(body)
		if err != nil {
			return err
		}
		return noContent(w, do(r.Context(), email, clientKey(r)))
	}
}

// register creates a user with an email address and a password, or a pending registration.
func (s *Server) register(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	email, err := parseEmail(body)
	if err != nil {
		return err
	}
	password, err := parsePassword(body)
	if err != nil {
		return err
	}
	if err := s.config.Auth.Register(r.Context(), email, password, clientKey(r)); err != nil {
		return err
	}
	writeStatus(w, http.StatusCreated)
	return nil
}

// confirm confirms a registration with the one-time token from the email or the application's function.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	return noContent(w, s.config.Auth.ConfirmUser(r.Context(), parseTicket(body)))
}

// reset replaces a password with the one-time token from the email or the application's function.
func (s *Server) reset(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	password, err := parsePassword(body)
	if err != nil {
		return err
	}
	return noContent(w, s.config.Auth.ResetPassword(r.Context(), parseTicket(body), password))
}

// resetCall runs the application's function that decides on a password reset.
func (s *Server) resetCall(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	email, err := parseEmail(body)
	if err != nil {
		return err
	}
	password, err := parsePassword(body)
	if err != nil {
		return err
	}
	var args []bson.RawValue
	if given, err := body.LookupErr("arguments"); err == nil && given.Type != bson.TypeNull {
		list, ok := given.ArrayOK()
		if !ok {
			return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "'arguments' must be an array")
		}
		if args, err = list.Values(); err != nil {
			return err
		}
	}
	return noContent(w, s.config.Auth.CallResetPasswordFunction(r.Context(), email, password, args, clientKey(r)))
}

func noContent(w http.ResponseWriter, err error) error {
	if err == nil {
		writeStatus(w, http.StatusNoContent)
	}
	return err
}

func parseEmail(body bson.Raw) (string, error) {
	if email, ok := body.Lookup("email").StringValueOK(); ok {
		return email, nil
	}
	return "", api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "email invalid")
}

func parsePassword(body bson.Raw) (auth.Secret, error) {
	if password, ok := body.Lookup("password").StringValueOK(); ok {
		return auth.NewSecret(password), nil
	}
	return auth.Secret{}, api.Errorf(http.StatusBadRequest, api.CodeMissingParameter, "'password' is a required string")
}

// parseTicket reads a one-time token. A missing field makes one that is refused.
func parseTicket(body bson.Raw) auth.OneTimeToken {
	id, _ := body.Lookup("tokenId").StringValueOK()
	token, _ := body.Lookup("token").StringValueOK()
	return auth.OneTimeToken{ID: id, Token: auth.NewSecret(token)}
}
