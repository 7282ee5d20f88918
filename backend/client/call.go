package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// send makes one request with the access token, within the caller's deadline or the client's timeout. When the service
// rejects the token, it refreshes the token, shared with concurrent callers, and repeats the request once. It returns
// the token that the service accepted.
func (u *User) send(ctx context.Context, op string, r request) ([]byte, Secret, error) {
	ctx, cancel := u.client.withDeadline(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		u.mu.Lock()
		access, out := u.tokens.Access, u.tokens.SignedOut
		u.mu.Unlock()
		if out {
			return nil, "", signedOutFault(op)
		}
		if access == "" {
			if err := u.ensureRefreshed(ctx, op, ""); err != nil {
				return nil, "", err
			}
			continue
		}
		r.bearer = access
		body, err := u.client.send(ctx, op, r)
		cause, rejected := asUnauthorized(err)
		if !rejected || !cause.refreshable() || attempt > 0 {
			return body, access, err
		}
		if err := u.ensureRefreshed(ctx, op, access); err != nil {
			return nil, "", err
		}
	}
}

// callResult is the result of a call.
type callResult struct {
	value bson.RawValue
	token Secret // the one that the service accepted
	exact bool   // transferred in BSON: every value is as the service has it
}

// call calls a function, or an operation of a data source when c.Service is set. The latter is sent in BSON where the
// service supports it, because extended JSON cannot represent every value.
func (u *User) call(ctx context.Context, op string, c api.Call) (callResult, error) {
	r := request{method: http.MethodPost, path: api.CallPath(u.client.options.AppID)}
	var err error
	if c.Service != "" {
		if r.bson, err = u.client.speaksBSON(ctx, op); err != nil {
			return callResult{}, err
		}
	}
	if r.body, err = encodeCall(c, r.bson); err != nil {
		return callResult{}, &model.Fault{Kind: model.InvalidInput, Op: op, Message: err.Error(), Err: err}
	}
	response, used, err := u.send(ctx, op, r)
	if err != nil {
		return callResult{}, err
	}
	v, err := parseResult(response, r.bson)
	if err != nil {
		return callResult{}, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	return callResult{value: v, token: used, exact: r.bson}, nil
}

func encodeCall(c api.Call, inBSON bool) ([]byte, error) {
	if inBSON {
		return c.BSON(), nil
	}
	return c.Body()
}

func parseResult(response []byte, inBSON bool) (bson.RawValue, error) {
	if !inBSON {
		return parseValue(response)
	}
	v, ok := api.ParseBSONResult(response)
	if !ok {
		return v, errors.New("the response is not BSON")
	}
	return v, nil
}

// Call calls a function of the application and returns its result (seed: `user.functions.call("writeCustomUserData",
// [data])`).
func (u *User) Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error) {
	for i, a := range args {
		doc, err := bson.Marshal(bson.D{{Key: "value", Value: a}})
		if err != nil {
			return bson.RawValue{}, model.InvalidInputf(fmt.Sprintf("argument %d", i+1), "%v", err)
		}
		if fields := model.UnencodableFields(doc); len(fields) > 0 {
			return bson.RawValue{}, model.InvalidInputf(fmt.Sprintf("argument %d", i+1), "cannot be sent: %s", fields[0])
		}
	}
	result, err := u.call(ctx, "call "+name, api.Call{Name: name, Arguments: args})
	if mayStillRun(err) { // unlike a save, a function has no guards
		f := *model.AsFault("", err)
		f.Message += "; it is unknown whether the function ran"
		f.Advice = "check what it changes before you call it again"
		err = &f
	}
	return result.value, err
}

// Functions calls the application's functions with Go values as arguments, like the SDKs.
type Functions struct{ user *User }

// Functions returns the application's functions.
func (u *User) Functions() Functions { return Functions{u} }

// Call calls a function. The arguments can be any values that BSON can represent.
func (f Functions) Call(ctx context.Context, name string, args ...any) (bson.RawValue, error) {
	values := make([]bson.RawValue, len(args))
	for i, a := range args {
		v, err := api.RawValue(a)
		if err != nil {
			return bson.RawValue{}, model.InvalidInputf(fmt.Sprintf("argument %d", i+1), "cannot be sent to %s: %v", name, err)
		}
		values[i] = v
	}
	return f.user.Call(ctx, name, values)
}
