package datasource

import (
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// arguments is the one object a service function is called with. Null stands for a key that is not there.
type arguments struct {
	function string
	fields   bson.D
}

func readArguments(function string, raw bson.Raw, keys string) (*arguments, error) {
	if len(raw) == 0 {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeMissingParameter, "%s: wants an object with database and collection", function)
	}
	d, err := query.Decode(raw)
	if err != nil {
		return nil, clientError(err)
	}
	return newArguments(function, d, keys)
}

func newArguments(function string, d bson.D, keys string) (*arguments, error) {
	if err := checkPaths(d); err != nil {
		return nil, err
	}
	known := map[string]bool{"database": true, "collection": true}
	for _, k := range strings.Fields(keys) {
		known[k] = true
	}
	seen := map[string]bool{}
	for _, e := range d {
		if seen[e.Key] {
			return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: %s is given twice", function, e.Key)
		}
		if seen[e.Key] = true; !known[e.Key] && e.Value != nil {
			return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: %s is not supported", function, e.Key)
		}
	}
	return &arguments{function: function, fields: d}, nil
}

// maxPath is how many names a path may have, as in MongoDB: what follows a path calls itself for each.
const maxPath = 200

func checkPaths(v any) error {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if strings.Count(e.Key, ".") >= maxPath {
				return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "a path has more than %d names: %.40s…", maxPath, e.Key)
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
	return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%s: %s: wants %s", a.function, key, want)
}

func (a *arguments) namespace() (app.Namespace, error) {
	database, ok1 := a.get("database").(string)
	name, ok2 := a.get("collection").(string)
	if !ok1 || !ok2 {
		return app.Namespace{}, api.Errorf(http.StatusBadRequest, api.CodeMissingParameter, "%s: wants database and collection as texts", a.function)
	}
	n := app.Namespace{Database: database, Collection: name}
	return n, checkNamespace(n)
}

// object gives a document; an empty one where the key is not there.
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

// number gives a whole number from 0; 0 where the key is not there.
func (a *arguments) number(key string) (int64, error) {
	v := a.get(key)
	if v == nil {
		return 0, nil
	}
	n, ok := query.WholeNumber(v)
	if !ok || n < 0 {
		return 0, a.invalid(key, "a whole number from 0")
	}
	return n, nil
}

// documents gives an array of documents.
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
