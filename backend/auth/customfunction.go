package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
	"dossier/model"
)

// customFunction proves an identity by asking a function of the application, which gets what was sent and returns an id, or an id and a name.
func (s *Service) customFunction(ctx context.Context, a Credential) (directory.Identity, error) {
	var none directory.Identity
	function := s.o.Providers[a.Provider].Function
	if function == "" || s.o.CallFunction == nil {
		return none, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound, "auth provider %s not found: it has no function", a.Provider)
	}
	sent, err := sentTo(a.Body)
	if err != nil {
		return none, err
	}
	answer, err := s.o.CallFunction(ctx, function, model.User{}, []bson.RawValue{sent})
	if err != nil {
		return none, functionRefused(function, err)
	}
	id, name, err := whoIs(answer)
	if err != nil {
		return none, refused("the function %q %w", function, err)
	}
	data := bson.D{}
	if name != "" {
		data = append(data, bson.E{Key: "name", Value: name})
	}
	doc, err := bson.Marshal(data)
	if err != nil {
		return none, fmt.Errorf("write the data of an identity: %w", err)
	}
	return s.external(ctx, a.Provider, id, doc)
}

// sentTo is what a login body holds for the function: what the application sent, without what SDKs add about the device.
func sentTo(body bson.Raw) (bson.RawValue, error) {
	sent := bson.D{}
	if len(body) > 0 {
		elements, err := body.Elements()
		if err != nil {
			return bson.RawValue{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "the body cannot be read")
		}
		for _, e := range elements {
			if e.Key() != "options" {
				sent = append(sent, bson.E{Key: e.Key(), Value: e.Value()})
			}
		}
	}
	kind, data, err := bson.MarshalValue(sent)
	if err != nil {
		return bson.RawValue{}, fmt.Errorf("write the payload of a custom function: %w", err)
	}
	return bson.RawValue{Type: kind, Value: data}, nil
}

// functionRefused answers for a function that failed. A throw is a refusal, of which the log learns the kind and not the text: that may quote
// a password. A service that cannot run it now, or a database that does not answer, says nothing about who somebody is.
func functionRefused(function string, err error) error {
	var known *api.Error
	if !errors.As(err, &known) || known.Status >= http.StatusInternalServerError || known.Status == http.StatusTooManyRequests {
		return err
	}
	return refused("the function %q failed: %s", function, known.Code)
}

// whoIs reads what the function returned.
func whoIs(v bson.RawValue) (id, name string, err error) {
	id, ok := v.StringValueOK()
	if doc, is := v.DocumentOK(); is {
		id, ok = doc.Lookup("id").StringValueOK()
		name, _ = doc.Lookup("name").StringValueOK()
	}
	switch {
	case !ok:
		return "", "", fmt.Errorf("returned a value of type %s: wanted is an id as text, or {id, name}", v.Type)
	case id == "" || len(id) > maxSubject:
		return "", "", fmt.Errorf("returned an id of %d bytes: wanted are 1 to %d", len(id), maxSubject)
	case utf8.RuneCountInString(name) > maxClaim:
		return "", "", fmt.Errorf("returned a name of more than %d characters", maxClaim)
	}
	return id, name, nil
}
