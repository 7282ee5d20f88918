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

// verifyCustomFunction verifies a credential with a function of the application. The function gets the login payload
// and returns an id, or an id and a name.
func (s *Service) verifyCustomFunction(ctx context.Context, c Credential) (directory.Identity, error) {
	var none directory.Identity
	function := s.options.Providers[c.Provider].Function
	if function == "" || s.options.CallFunction == nil {
		return none, api.Errorf(http.StatusNotFound, api.CodeAuthProviderNotFound,
			"auth provider %s not found: it has no function", c.Provider)
	}
	payload, err := functionPayload(c.Body)
	if err != nil {
		return none, err
	}
	result, err := s.options.CallFunction(ctx, function, model.User{}, []bson.RawValue{payload})
	if err != nil {
		return none, functionError(function, err)
	}
	id, name, err := readFunctionResult(result)
	if err != nil {
		return none, unauthorized("the function %q %w", function, err)
	}
	data := bson.D{}
	if name != "" {
		data = append(data, bson.E{Key: "name", Value: name})
	}
	doc, err := bson.Marshal(data)
	if err != nil {
		return none, fmt.Errorf("encode the data of an identity: %w", err)
	}
	return s.findOrAddIdentity(ctx, c.Provider, id, doc)
}

// functionPayload returns the login body without the field options, in which SDKs describe the device.
func functionPayload(body bson.Raw) (bson.RawValue, error) {
	payload := bson.D{}
	if len(body) > 0 {
		elements, err := body.Elements()
		if err != nil {
			return bson.RawValue{}, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "malformed request body")
		}
		for _, e := range elements {
			if e.Key() != "options" {
				payload = append(payload, bson.E{Key: e.Key(), Value: e.Value()})
			}
		}
	}
	kind, data, err := bson.MarshalValue(payload)
	if err != nil {
		return bson.RawValue{}, fmt.Errorf("encode the payload of a custom function: %w", err)
	}
	return bson.RawValue{Type: kind, Value: data}, nil
}

// functionError maps a failed function call to a response. An exception refuses the sign-in; the log gets its code and
// not its text, which may quote a password. Overload and database errors are passed on: they say nothing about the
// credential.
func functionError(function string, err error) error {
	var refusal *api.Error
	if !errors.As(err, &refusal) || refusal.Status >= http.StatusInternalServerError ||
		refusal.Status == http.StatusTooManyRequests {
		return err
	}
	return unauthorized("the function %q failed: %s", function, refusal.Code)
}

// readFunctionResult reads the user's id and name from the function's result.
func readFunctionResult(v bson.RawValue) (id, name string, err error) {
	id, ok := v.StringValueOK()
	if doc, is := v.DocumentOK(); is {
		id, ok = doc.Lookup("id").StringValueOK()
		name, _ = doc.Lookup("name").StringValueOK()
	}
	switch {
	case !ok:
		return "", "", fmt.Errorf("returned a value of type %s: expected a string id or {id, name}", v.Type)
	case id == "" || len(id) > maxSubject:
		return "", "", fmt.Errorf("returned an id of %d bytes: expected 1 to %d", len(id), maxSubject)
	case utf8.RuneCountInString(name) > maxClaimLength:
		return "", "", fmt.Errorf("returned a name of more than %d characters", maxClaimLength)
	}
	return id, name, nil
}
