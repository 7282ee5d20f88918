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

// dispatcher runs the calls of functions/call: it is the server's Dispatcher, and runs functions for auth and triggers.
type dispatcher struct {
	app       *app.App
	sources   *datasource.Sources
	functions *functions.Functions
}

// caller returns the session's user as rules see it: with the custom data in the access token, and with functions that
// rules may call.
func (d *dispatcher) caller(ctx context.Context, session *auth.Session) (rules.Caller, error) {
	data, err := session.Snapshot()
	if err != nil {
		return rules.Caller{}, fmt.Errorf("read the custom data of a token: %w", err)
	}
	out := rules.Caller{User: session.User.User, CustomData: data, Request: session.Request, Values: d.app.Values,
		Environment: d.app.Environment}
	logged := false
	out.Call = func(name string, args []any) (any, error) {
		v, err := d.functions.Evaluate(ctx, out, name, args)
		if err != nil && !logged { // the client only sees a denial; one log line per request is enough
			logged = true
			d.functions.LogFailure(ctx, out, name, functions.ForRule, err)
		}
		return v, err
	}
	return out, nil
}

// CallFunction runs a function of the application.
func (d *dispatcher) CallFunction(ctx context.Context, session *auth.Session, name string,
	args []bson.RawValue) (bson.RawValue, error) {
	caller, err := d.caller(ctx, session)
	if err != nil {
		return bson.RawValue{}, err
	}
	release, err := d.sources.AcquireSlot(ctx, session.User.ID) // so that one user does not occupy all function runtimes
	if err != nil {
		return bson.RawValue{}, err
	}
	defer release()
	return d.functions.Call(ctx, caller, name, args)
}

// CallService runs one operation of a data source.
func (d *dispatcher) CallService(ctx context.Context, session *auth.Session, service, name string,
	arg bson.Raw) (bson.RawValue, error) {
	caller, err := d.caller(ctx, session)
	if err != nil {
		return bson.RawValue{}, err
	}
	return d.sources.Call(ctx, caller, service, name, arg)
}

// userCreationHook returns the application's user creation function, nil when it has none. Its argument is the user
// object before it is stored; its error prevents the creation.
func (d *dispatcher) userCreationHook() func(context.Context, model.User) error {
	if d.app.OnUserCreation == "" {
		return nil
	}
	return func(ctx context.Context, u model.User) error {
		argument, err := userObject(u)
		if err != nil {
			return err
		}
		caller := rules.Caller{User: u}
		_, err = d.functions.Run(ctx, caller, d.app.OnUserCreation, []bson.RawValue{argument})
		d.functions.LogFailure(ctx, caller, d.app.OnUserCreation, functions.ForUserCreation, err)
		return err
	}
}

// runForAuth runs a function that authenticates a user, confirms an email address or resets a password. Its arguments
// may hold a password.
func (d *dispatcher) runForAuth(ctx context.Context, name string, u model.User, args []bson.RawValue) (bson.RawValue,
	error) {
	caller := rules.Caller{User: u}
	out, err := d.functions.Run(ctx, caller, name, args)
	d.functions.LogFailure(ctx, caller, name, functions.ForCredentials, err)
	return out, err
}

// runTrigger runs a trigger's function, as the system user.
func (d *dispatcher) runTrigger(ctx context.Context, name string, event bson.RawValue) error {
	_, err := d.functions.Run(ctx, rules.Caller{User: model.User{Type: "system"}}, name, []bson.RawValue{event})
	if at := functions.Location(err); at != "" {
		return fmt.Errorf("%s: %w", at, err)
	}
	return err
}

// Watch opens a change stream of a data source.
func (d *dispatcher) Watch(ctx context.Context, session *auth.Session, service string, arg bson.Raw) (server.Stream,
	error) {
	caller, err := d.caller(ctx, session)
	if err != nil {
		return nil, err
	}
	stream, err := d.sources.Watch(ctx, caller, service, arg)
	if err != nil {
		return nil, err
	}
	return stream, nil
}

// userObject returns a user as functions see it (seed: Web SDK page, 'Example User Object').
func userObject(u model.User) (bson.RawValue, error) {
	identities := bson.A{}
	for _, i := range u.Identities {
		identities = append(identities, bson.D{{Key: "id", Value: i.ID}, {Key: "provider_type", Value: i.ProviderType},
			{Key: "data", Value: orEmpty(i.Data)}})
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
