package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/auth"
	"dossier/backend/store"
)

// databaseRetryAfter is when to try again after the database did not answer.
const databaseRetryAfter = 5 * time.Second

// writeError answers with an error: as it is when a service made it for clients, without its cause otherwise.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := asAPIError(err)
	rec := infoOf(r.Context())
	rec.setError(e)
	rec.DatabaseDown = store.KindOf(err) == store.Unreachable
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	text, err := json.Marshal(errorResponse(e, rec))
	if err != nil {
		text = []byte(`{"error":"error processing request"}`)
	}
	writeJSON(w, e.Status, text)
}

func errorResponse(e *api.Error, rec *requestInfo) api.ErrorResponse {
	link := e.Link
	if link == "" {
		link = logLink(rec)
	}
	return api.ErrorResponse{Error: e.Message, ErrorCode: e.Code, Link: link}
}

// asAPIError decides what a client sees of an error. A database that does not answer is 503: a 401 would sign people out.
func asAPIError(err error) *api.Error {
	var known *api.Error
	switch {
	case errors.As(err, &known):
		return known
	case store.KindOf(err) == store.Unreachable:
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the database does not answer: try again", RetryAfter: databaseRetryAfter, Err: err}
	case store.KindOf(err) == store.Busy:
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the database is busy: try again", RetryAfter: time.Second, Err: err}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &api.Error{Status: http.StatusServiceUnavailable, Message: "the request took too long: try again", RetryAfter: databaseRetryAfter, Err: err}
	}
	return &api.Error{Status: http.StatusInternalServerError, Code: api.CodeInternalServerError, Message: "error processing request", Err: err}
}

// writeJSON answers with a body, its type exactly as SDKs compare it.
func writeJSON(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", api.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	// A failing write means that the client has gone: there is nobody left to tell.
	_, _ = w.Write(text)
}

func writeBody(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	writeJSON(w, status, text)
	return nil
}

// writeStatus answers without a body and, as the Web SDK wants it then, without a content type.
func writeStatus(w http.ResponseWriter, status int) { w.WriteHeader(status) }

// readBody reads at most so many bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	return readAll(http.MaxBytesReader(w, r.Body, limit), limit)
}

func readAll(body io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, api.Errorf(http.StatusRequestEntityTooLarge, api.CodeBadRequest, "the body is larger than %d bytes", limit)
	case err != nil:
		return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeBadRequest, Message: "the body could not be read", Err: err}
	}
	return text, nil
}

// readDocument reads a small extended JSON object; an empty body is none.
func readDocument(w http.ResponseWriter, r *http.Request) (bson.Raw, error) {
	return readDocumentLimit(w, r, api.MaxBody)
}

func readDocumentLimit(w http.ResponseWriter, r *http.Request, limit int64) (bson.Raw, error) {
	text, err := readBody(w, r, limit)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return nil, err
	}
	doc, err := api.ParseDocument(text)
	if err != nil {
		return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeBadRequest, Message: "the body is not a JSON object", Err: err}
	}
	return doc, nil
}

// bearerToken takes the token out of the Authorization header.
func bearerToken(r *http.Request) (auth.Secret, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return auth.Secret{}, api.Errorf(http.StatusUnauthorized, "", "expected Authorization header with JWT (Bearer schema)")
	}
	return auth.NewSecret(strings.TrimSpace(token)), nil
}

// authenticate says who is asking, by the access token.
func (s *Server) authenticate(r *http.Request) (*auth.Session, error) {
	token, err := bearerToken(r)
	if err != nil {
		return nil, err
	}
	return s.authenticateToken(r, token)
}

// authenticateToken says whose an access token is.
func (s *Server) authenticateToken(r *http.Request, token auth.Secret) (*auth.Session, error) {
	who, err := s.config.Auth.Authenticate(r.Context(), token)
	if err != nil {
		return nil, err
	}
	infoOf(r.Context()).user = who.User.ID
	return who, nil
}
