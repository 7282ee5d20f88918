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

// clientError turns a failure into what a client is told. A deployment's own troubles stay as they are: they are the
// service's to report.
func clientError(err error) error {
	var (
		done     *api.Error
		denied   *rules.DeniedError
		words    *query.Error
		database *store.Error
	)
	switch {
	case err == nil, errors.As(err, &done):
		return err
	case errors.Is(err, rules.ErrTooManyFunctionCalls):
		return &api.Error{Status: http.StatusBadRequest, Code: codeReadSizeLimit, Message: err.Error(), Err: err}
	case errors.As(err, &denied):
		status := http.StatusForbidden
		if denied.Operation == "insert" {
			status = http.StatusBadRequest // as the hosted service answered; SDK tests look for it
		}
		return &api.Error{Status: status, Code: api.CodeNoMatchingRuleFound, Message: denied.Error(), Err: err}
	case errors.As(err, &words):
		return &api.Error{Status: http.StatusBadRequest, Code: api.CodeMongoDBError, Message: truncate(words.Message), Err: err}
	case errors.As(err, &database):
		switch database.Kind {
		case store.Duplicate, store.BadQuery, store.Unsupported:
			return &api.Error{Status: http.StatusBadRequest, Code: api.CodeMongoDBError, Message: truncate(database.Message), Err: err}
		}
	}
	return err
}

// maxMessage is how long a message may be, in bytes: some quote the document, which may be large.
const maxMessage = 2000

func truncate(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}

// codeReadSizeLimit is the service's name for a read that is too large.
const codeReadSizeLimit = "ReadSizeLimitExceeded"

func readSizeLimitExceeded() error {
	return api.Errorf(http.StatusBadRequest, codeReadSizeLimit,
		"the query reads more than %d documents or %d MiB; narrow it", maxDocuments, maxBytes>>20)
}
