package datasource

import (
	"net/http"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/query"
)

// arguments is the only argument of an operation, an object. A null value counts as a missing key.
type arguments struct {
	function string
	fields   bson.D
}

func readArguments(function string, raw bson.Raw, keys []string) (*arguments, error) {
	if len(raw) == 0 {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeMissingParameter,
			"%s: the argument must be an object with database and collection", function)
	}
	d, err := query.Decode(raw)
	if err != nil {
		return nil, clientError(err)
	}
	return newArguments(function, d, keys)
}

func newArguments(function string, d bson.D, keys []string) (*arguments, error) {
	if err := checkPaths(d); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(d))
	for _, e := range d {
		if seen[e.Key] {
			return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: duplicate key %s", function, e.Key)
		}
		seen[e.Key] = true
		known := e.Key == "database" || e.Key == "collection" || slices.Contains(keys, e.Key)
		if !known && e.Value != nil {
			return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: %s is not supported", function, e.Key)
		}
	}
	return &arguments{function: function, fields: d}, nil
}

// maxPath is how many segments a path may have, as in MongoDB: functions that follow a path recurse for each segment.
const maxPath = 200

func checkPaths(v any) error {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if strings.Count(e.Key, ".") >= maxPath {
				return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "a path has more than %d segments: %.40s…", maxPath,
					e.Key)
			}
			if err := checkPaths(e.Value); err != nil {
				return err
			}
		}
	case bson.A:
		for _, item := range x {
			if err := checkPaths(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *arguments) get(key string) any {
	v, _ := query.Get(a.fields, key)
	return v
}

func (a *arguments) invalid(key, want string) error {
	return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: %s must be %s", a.function, key, want)
}

func (a *arguments) namespace() (app.Namespace, error) {
	database, ok1 := a.get("database").(string)
	name, ok2 := a.get("collection").(string)
	if !ok1 || !ok2 {
		return app.Namespace{}, api.Errorf(http.StatusBadRequest, api.CodeMissingParameter,
			"%s: database and collection must be strings", a.function)
	}
	n := app.Namespace{Database: database, Collection: name}
	return n, checkNamespace(n)
}

// object returns a document, empty where the key is missing.
func (a *arguments) object(key string) (bson.D, error) {
	switch v := a.get(key).(type) {
	case nil:
		return bson.D{}, nil
	case bson.D:
		return v, nil
	}
	return nil, a.invalid(key, "an object")
}

func (a *arguments) array(key string) (bson.A, error) {
	switch v := a.get(key).(type) {
	case nil:
		return nil, nil
	case bson.A:
		return v, nil
	}
	return nil, a.invalid(key, "an array")
}

func (a *arguments) boolean(key string) (bool, error) {
	switch v := a.get(key).(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	}
	return false, a.invalid(key, "true or false")
}

// number returns a non-negative integer, 0 where the key is missing.
func (a *arguments) number(key string) (int64, error) {
	v := a.get(key)
	if v == nil {
		return 0, nil
	}
	n, ok := query.WholeNumber(v)
	if !ok || n < 0 {
		return 0, a.invalid(key, "a non-negative integer")
	}
	return n, nil
}

// documents returns an array of documents.
func (a *arguments) documents(key string) ([]bson.D, error) {
	list, err := a.array(key)
	if err != nil {
		return nil, err
	}
	out := make([]bson.D, 0, len(list))
	for _, v := range list {
		d, ok := v.(bson.D)
		if !ok {
			return nil, a.invalid(key, "an array of objects")
		}
		out = append(out, d)
	}
	return out, nil
}
