package functions

import (
	"context"
	"fmt"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/rules"
)

// runAsCaller returns whose permissions a function uses: system, the user that it names, or its caller.
func (f *Functions) runAsCaller(
	ctx context.Context, caller rules.Caller, fn *app.Function, args []bson.RawValue, depth int,
) (rules.Caller, error) {
	if caller.System || fn.RunAsSystem {
		caller.System = true
		return caller, nil
	}
	id := fn.RunAsUserID
	if fn.RunAsUserScript != "" {
		named, err := f.runAsUserID(ctx, caller, fn, args, depth)
		if err != nil {
			return caller, err
		}
		id = named
	}
	if id == "" || id == caller.User.ID {
		return caller, nil
	}
	return f.callerForUser(ctx, caller, fn, id)
}

// runAsUserID runs the script that selects the user whom a function runs as.
func (f *Functions) runAsUserID(
	ctx context.Context, caller rules.Caller, fn *app.Function, args []bson.RawValue, depth int,
) (string, error) {
	out, err := f.newRun(ctx, caller, fn, depth).outcome(f.runAsScripts[fn.Name](), args)
	if err != nil {
		return "", err
	}
	v, err := out.result()
	if err != nil {
		return "", err
	}
	if id, ok := v.ObjectIDOK(); ok {
		return id.Hex(), nil
	}
	id, ok := v.StringValueOK()
	if !ok || id == "" {
		return "", api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError,
			"the script of the function %q did not return a user id to run as", fn.Name)
	}
	return id, nil
}

func (f *Functions) callerForUser(
	ctx context.Context, caller rules.Caller, fn *app.Function, id string,
) (rules.Caller, error) {
	var other *rules.Caller
	if f.options.CallerByUserID != nil {
		found, err := f.options.CallerByUserID(ctx, id)
		if err != nil {
			return caller, fmt.Errorf("find the user that the function %q runs as: %w", fn.Name, err)
		}
		other = found
	}
	if other == nil {
		return caller, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError,
			"the function %q runs as the user %q, who does not exist", fn.Name, id)
	}
	out := *other
	out.System, out.Request, out.Values, out.Environment = false, caller.Request, caller.Values, caller.Environment
	return out, nil
}
