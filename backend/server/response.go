package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// databaseRetryAfter is the Retry-After of responses while the database does not respond.
const databaseRetryAfter = 5 * time.Second

// writeError writes an error response. An *api.Error is written as it is, any other error without its cause.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := asAPIError(err)
	info := infoOf(r.Context())
	info.setError(e)
	info.DatabaseDown = store.KindOf(err) == store.Unreachable
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	text, err := json.Marshal(errorResponse(e, info))
	if err != nil {
		text = []byte(`{"error":"error processing request"}`)
	}
	writeJSON(w, e.Status, text)
}

func errorResponse(e *api.Error, info *requestInfo) api.ErrorResponse {
	link := e.Link
	if link == "" {
		link = logLink(info)
	}
	return api.ErrorResponse{Error: e.Message, ErrorCode: e.Code, Link: link}
}

// asAPIError converts an error to what the client sees. An unreachable database is 503: after a 401 SDKs sign the user
// out.
func asAPIError(err error) *api.Error {
	var known *api.Error
	switch {
	case errors.As(err, &known):
		return known
	case store.KindOf(err) == store.Unreachable:
		return unavailable("the database does not respond: try again", databaseRetryAfter, err)
	case store.KindOf(err) == store.Busy:
		return unavailable("the database is busy: try again", time.Second, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return unavailable("the request took too long: try again", databaseRetryAfter, err)
	}
	return &api.Error{Status: http.StatusInternalServerError, Code: api.CodeInternalServerError,
		Message: "error processing request", Err: err}
}

func unavailable(message string, retryAfter time.Duration, cause error) *api.Error {
	return &api.Error{Status: http.StatusServiceUnavailable, Message: message, RetryAfter: retryAfter, Err: cause}
}

// writeJSON writes a JSON response. Some SDKs compare the content type byte by byte.
func writeJSON(w http.ResponseWriter, status int, text []byte) {
	writeResponse(w, status, api.ContentType, text)
}

// writeResponse writes a response whose body is the parts, one after the other.
func writeResponse(w http.ResponseWriter, status int, contentType string, parts ...[]byte) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	for _, part := range parts {
		// A write fails when the client has closed the connection; there is nothing to do then.
		_, _ = w.Write(part)
	}
}

func writeBody(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	writeJSON(w, status, text)
	return nil
}

// writeStatus writes a response without a body and without a content type, which the Web SDK requires.
func writeStatus(w http.ResponseWriter, status int) { w.WriteHeader(status) }

// readBody reads a body of at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	return readAll(http.MaxBytesReader(w, r.Body, limit), limit)
}

func readAll(body io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, api.Errorf(http.StatusRequestEntityTooLarge, api.CodeBadRequest, "the body is larger than %d bytes",
			limit)
	case err != nil:
		return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeBadRequest, Message: "the body could not be read",
			Err: err}
	}
	return text, nil
}

// readDocument reads a small extended JSON object; nil for an empty body.
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
		return nil, &api.Error{Status: http.StatusBadRequest, Code: api.CodeBadRequest,
			Message: "the body is not a JSON object", Err: err}
	}
	return doc, nil
}
