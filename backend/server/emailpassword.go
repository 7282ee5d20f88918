package server

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// handleEmailPassword answers the management calls of local-userpass. The Web SDK sends an Authorization header with them when somebody is signed in; it
// means nothing here, so an expired token is no reason to fail.
func (s *Server) handleEmailPassword(root string) {
	for step, h := range map[string]func(http.ResponseWriter, *http.Request, bson.Raw) error{
		"confirm": s.confirm, "confirm/send": emailHandler(s.config.Auth.ResendConfirmation), "reset": s.reset, "reset/send": emailHandler(s.config.Auth.SendResetPasswordEmail),
	} {
		s.handleInApp("POST "+root+"/"+step, authTimeout, withBody(h))
	}
	for step, h := range map[string]func(http.ResponseWriter, *http.Request, bson.Raw) error{ // those may run a function
		"register": s.register, "confirm/call": emailHandler(s.config.Auth.RetryCustomConfirmation), "reset/call": s.resetCall,
	} {
		s.handleInApp("POST "+root+"/"+step, callTimeout, withBody(h))
	}
}

func withBody(h func(http.ResponseWriter, *http.Request, bson.Raw) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := readDocument(w, r)
		if err != nil {
			return err
		}
		return h(w, r, body)
	}
}

// emailHandler serves a step that needs an e-mail address and the client's, and nothing else.
func emailHandler(do func(ctx context.Context, email, address string) error) func(http.ResponseWriter, *http.Request, bson.Raw) error {
	return func(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
		email, err := parseEmail(body)
		if err != nil {
			return err
		}
		return noContent(w, do(r.Context(), email, clientKey(r)))
	}
}

// register keeps an e-mail/password registration.
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

// confirm confirms a registration by what the mail, or a function, carried.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	return noContent(w, s.config.Auth.ConfirmUser(r.Context(), parseTicket(body)))
}

// reset replaces a password by what the mail, or a function, carried.
func (s *Server) reset(w http.ResponseWriter, r *http.Request, body bson.Raw) error {
	password, err := parsePassword(body)
	if err != nil {
		return err
	}
	return noContent(w, s.config.Auth.ResetPassword(r.Context(), parseTicket(body), password))
}

// resetCall asks the application's function to replace a password.
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
			return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "'arguments' wants an array")
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

// parseTicket reads a ticket; what is missing makes it one that is refused.
func parseTicket(body bson.Raw) auth.OneTimeToken {
	id, _ := body.Lookup("tokenId").StringValueOK()
	token, _ := body.Lookup("token").StringValueOK()
	return auth.OneTimeToken{ID: id, Token: auth.NewSecret(token)}
}
