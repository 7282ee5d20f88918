package client

import (
	"context"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/model"
)

// do makes one call with the access token, within the client's timeout. A refused token is renewed once for all who wait, and the call repeated once.
// It returns the token that the service accepted.
func (p *User) do(ctx context.Context, op string, r request) ([]byte, Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, p.client.o.Timeout)
	defer cancel()
	for attempt := 0; ; attempt++ {
		p.mu.Lock()
		access, out := p.tokens.Access, p.tokens.SignedOut
		p.mu.Unlock()
		if out {
			return nil, "", signedOut(op)
		}
		if access == "" {
			if err := p.renewed(ctx, op, ""); err != nil {
				return nil, "", err
			}
			continue
		}
		r.bearer = access
		answer, err := p.client.send(ctx, op, r)
		u, refused := is401(err)
		if !refused || !u.renewable() || attempt > 0 {
			return answer, access, err
		}
		if err := p.renewed(ctx, op, access); err != nil {
			return nil, "", err
		}
	}
}

// call runs a function, or with a service a MongoDB operation.
func (p *User) call(ctx context.Context, op string, c api.Call) (bson.RawValue, Secret, error) {
	body, err := c.Body()
	if err != nil {
		return bson.RawValue{}, "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: err.Error(), Err: err}
	}
	answer, used, err := p.do(ctx, op, request{method: http.MethodPost, path: api.CallPath(p.client.o.AppID), body: body})
	if err != nil {
		return bson.RawValue{}, used, err
	}
	v, err := parseValue(answer)
	if err != nil {
		return bson.RawValue{}, used, &model.Fault{Kind: model.Failed, Op: op, Message: err.Error(), Err: err}
	}
	return v, used, nil
}

// Call runs a function of the application and returns what it returned (seed: `user.functions.call("writeCustomUserData", [data])`).
func (p *User) Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error) {
	v, _, err := p.call(ctx, "call "+name, api.Call{Name: name, Arguments: args})
	return v, err
}

// Functions calls functions in the words of the SDKs.
type Functions struct{ person *User }

// Functions gives the application's functions.
func (p *User) Functions() Functions { return Functions{p} }

// Call runs a function with any arguments that BSON can carry.
func (f Functions) Call(ctx context.Context, name string, args ...any) (bson.RawValue, error) {
	values := make([]bson.RawValue, len(args))
	for i, a := range args {
		v, err := api.RawValue(a)
		if err != nil {
			return bson.RawValue{}, model.InvalidInputf("argument", "%d of %s cannot be sent: %v", i+1, name, err)
		}
		values[i] = v
	}
	return f.person.Call(ctx, name, values)
}
