package datasource

import (
	"fmt"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
)

// schema validates the documents of a collection (`schema.json`).
type schema struct {
	doc    bson.D
	filter *query.Filter
	err    error // the schema is invalid: no document can be written
}

func readSchema(raw bson.Raw) *schema {
	d, err := query.Decode(raw)
	if err != nil {
		return &schema{err: err}
	}
	f, err := query.ParseFilter(bson.D{{Key: "$jsonSchema", Value: d}}, query.Env{})
	if at := query.SchemaErrorPath(d); err != nil && at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	return &schema{doc: d, filter: f, err: err}
}

// check returns why a document violates the schema; a nil schema accepts every document.
func (s *schema) check(doc bson.D) error {
	switch {
	case s == nil:
		return nil
	case s.err != nil:
		return &api.Error{Status: http.StatusBadRequest, Code: api.CodeSchemaValidationFailed,
			Message: "schema.json of the collection is invalid: " + s.err.Error(), Err: s.err}
	case !s.filter.Match(doc):
		return api.Errorf(http.StatusBadRequest, api.CodeSchemaValidationFailed,
			"schema validation failed: the document does not match schema.json of the collection: %s",
			query.SchemaViolation(s.doc, doc))
	}
	return nil
}
