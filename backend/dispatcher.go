package backend

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/datasource"
	"dossier/backend/functions"
	"dossier/backend/rules"
	"dossier/backend/server"
	"dossier/model"
)

// dispatcher takes what comes in at functions/call to where it is done.
type dispatcher struct {
	app       *app.App
	sources   *datasource.Sources
	functions *functions.Functions
}

// caller is the bearer of a token as the rules see them: custom data as old as the token, and functions that they may ask.
func (c *dispatcher) caller(ctx context.Context, who *auth.Session) (rules.Caller, error) {
	data, err := who.Snapshot()
	if err != nil {
		return rules.Caller{}, fmt.Errorf("read the custom data of a token: %w", err)
	}
	out := rules.Caller{User: who.User.User, CustomData: data, Request: who.Request, Values: c.app.Values, Environment: c.app.Environment}
	told := false
	out.Call = func(name string, args []any) (any, error) {
		v, err := c.functions.Evaluate(ctx, out, name, args)
		if err != nil && !told { // the client sees a denial; once a request is enough to find out why
			told = true
			c.functions.LogFailure(ctx, out, name, functions.ForRule, err)
		}
		return v, err
	}
	return out, nil
}

// CallFunction calls a function of the application.
func (c *dispatcher) CallFunction(ctx context.Context, who *auth.Session, name string, args []bson.RawValue) (bson.RawValue, error) {
	caller, err := c.caller(ctx, who)
	if err != nil {
		return bson.RawValue{}, err
	}
	release, err := c.sources.AcquireSlot(ctx, who.User.ID) // one user does not take all slots of the functions
	if err != nil {
		return bson.RawValue{}, err
	}
	defer release()
	return c.functions.Call(ctx, caller, name, args)
}

// CallService runs one operation of a data source.
func (c *dispatcher) CallService(ctx context.Context, who *auth.Session, service, name string, arg bson.Raw) (bson.RawValue, error) {
	caller, err := c.caller(ctx, who)
	if err != nil {
		return bson.RawValue{}, err
	}
	return c.sources.Call(ctx, caller, service, name, arg)
}

// userCreationHook is the application's user-creation function, nil when it has none. It gets the user object as it will be; its error prevents the account.
func (c *dispatcher) userCreationHook() func(context.Context, model.User) error {
	if c.app.OnUserCreation == "" {
		return nil
	}
	return func(ctx context.Context, u model.User) error {
		argument, err := userObject(u)
		if err != nil {
			return err
		}
		caller := rules.Caller{User: u}
		_, err = c.functions.Run(ctx, caller, c.app.OnUserCreation, []bson.RawValue{argument})
		c.functions.LogFailure(ctx, caller, c.app.OnUserCreation, functions.ForUserCreation, err)
		return err
	}
}

// runForAuth runs a function for the service itself, on the account of somebody, of whom it is to say who that is: it may be given a password.
func (c *dispatcher) runForAuth(ctx context.Context, name string, u model.User, args []bson.RawValue) (bson.RawValue, error) {
	caller := rules.Caller{User: u}
	out, err := c.functions.Run(ctx, caller, name, args)
	c.functions.LogFailure(ctx, caller, name, functions.ForCredentials, err)
	return out, err
}

// runTrigger runs a trigger's function, on nobody's account.
func (c *dispatcher) runTrigger(ctx context.Context, name string, event bson.RawValue) error {
	_, err := c.functions.Run(ctx, rules.Caller{User: model.User{Type: "system"}}, name, []bson.RawValue{event})
	if at := functions.Location(err); at != "" {
		return fmt.Errorf("%s: %w", at, err)
	}
	return err
}

// Watch opens a change stream of a data source.
func (c *dispatcher) Watch(ctx context.Context, who *auth.Session, service string, arg bson.Raw) (server.Stream, error) {
	caller, err := c.caller(ctx, who)
	if err != nil {
		return nil, err
	}
	stream, err := c.sources.Watch(ctx, caller, service, arg)
	if err != nil {
		return nil, err
	}
	return stream, nil
}

// userObject is a person as functions see them (seed: Web SDK page, 'Example User Object').
func userObject(u model.User) (bson.RawValue, error) {
	identities := bson.A{}
	for _, i := range u.Identities {
		identities = append(identities, bson.D{{Key: "id", Value: i.ID}, {Key: "provider_type", Value: i.ProviderType}, {Key: "data", Value: orEmpty(i.Data)}})
	}
	object := bson.D{
		{Key: "id", Value: u.ID}, {Key: "type", Value: u.Type}, {Key: "data", Value: orEmpty(u.Data)},
		{Key: "custom_data", Value: bson.D{}}, {Key: "identities", Value: identities},
	}
	kind, data, err := bson.MarshalValue(object)
	if err != nil {
		return bson.RawValue{}, fmt.Errorf("write the user object: %w", err)
	}
	return bson.RawValue{Type: kind, Value: data}, nil
}

func orEmpty(doc bson.Raw) any {
	if len(doc) == 0 {
		return bson.D{}
	}
	return doc
}
