package datasource

import (
	"errors"
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/query"
	"dossier/backend/rules"
	"dossier/backend/store"
)

// clientError converts an error to the one that the client receives. Errors of the deployment itself stay as they are:
// the server reports them.
func clientError(err error) error {
	var (
		apiError *api.Error
		denied   *rules.DeniedError
		invalid  *query.Error
		database *store.Error
	)
	switch {
	case err == nil, errors.As(err, &apiError):
		return err
	case errors.Is(err, rules.ErrTooManyFunctionCalls):
		return &api.Error{Status: http.StatusBadRequest, Code: codeReadSizeLimit, Message: err.Error(), Err: err}
	case errors.As(err, &denied):
		status := http.StatusForbidden
		if denied.Operation == "insert" {
			status = http.StatusBadRequest // App Services' status; tests of SDKs compare it
		}
		return &api.Error{Status: status, Code: api.CodeNoMatchingRuleFound, Message: denied.Error(), Err: err}
	case errors.As(err, &invalid):
		return &api.Error{Status: http.StatusBadRequest, Code: api.CodeMongoDBError, Message: truncate(invalid.Message),
			Err: err}
	case errors.As(err, &database):
		switch database.Kind {
		case store.Duplicate, store.BadQuery, store.Unsupported:
			return &api.Error{Status: http.StatusBadRequest, Code: api.CodeMongoDBError, Message: truncate(database.Message),
				Err: err}
		}
	}
	return err
}

// maxMessage is the longest message, in bytes: some messages quote a document, which may be large.
const maxMessage = 2000

func truncate(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}

// codeReadSizeLimit is App Services' error code for a read that is too large.
const codeReadSizeLimit = "ReadSizeLimitExceeded"

func readSizeLimitExceeded() error {
	return api.Errorf(http.StatusBadRequest, codeReadSizeLimit,
		"the query reads more than %d documents or %d MiB; narrow it", maxDocuments, maxBytes>>20)
}
