package datasource

import (
	"context"
	"net/http"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/query"
	"dossier/backend/rules"
	"dossier/backend/store"
)

// Sources are the data sources of an application. They are safe for concurrent use.
type Sources struct {
	app    *app.App
	now    func() time.Time // the clock of $$NOW and $currentDate where this package computes them
	limits limits
	client map[string]operation                                    // that clients may call, by name
	own    map[string]operation                                    // that only the application's functions may call
	open   func(service, database, name string) (collection, bool) // false: unknown service
}

// New returns the data sources of an application over its deployments, by service name. now is the clock.
func New(a *app.App, deployments map[string]*store.Deployment, now func() time.Time) *Sources {
	return &Sources{
		app: a, now: now, limits: newLimits(), client: clientOperations(), own: functionOperations(),
		open: func(service, database, name string) (collection, bool) {
			d := deployments[service]
			if d == nil {
				return nil, false
			}
			return exactCollection{d.Collection(database, name)}, true
		},
	}
}

// collection is the part of *store.Collection that this package uses.
type collection interface {
	Each(ctx context.Context, filter any, o store.Find, f func(bson.Raw) error) error
	FindOne(ctx context.Context, filter any, o store.Find) (bson.Raw, error)
	InsertOne(ctx context.Context, doc any) (bson.RawValue, error)
	InsertMany(ctx context.Context, docs []bson.Raw, ordered bool) ([]bson.RawValue, error)
	UpdateOne(ctx context.Context, filter, update any, o store.Change) (store.Changed, error)
	UpdateMany(ctx context.Context, filter, update any, o store.Change) (store.Changed, error)
	ReplaceOne(ctx context.Context, filter, doc any, o store.Change) (store.Changed, error)
	DeleteOne(ctx context.Context, filter any) (int64, error)
	DeleteMany(ctx context.Context, filter any) (int64, error)
	FindOneAndUpdate(ctx context.Context, filter, update any, o store.FindAnd) (bson.Raw, error)
	FindOneAndReplace(ctx context.Context, filter, update any, o store.FindAnd) (bson.Raw, error)
	FindOneAndDelete(ctx context.Context, filter any, o store.FindAnd) (bson.Raw, error)
	Count(ctx context.Context, filter any, limit int64) (int64, error)
	Distinct(ctx context.Context, field string, filter any) ([]bson.RawValue, error)
	Aggregate(ctx context.Context, pipeline any) ([]bson.Raw, error)
	Watch(ctx context.Context, pipeline any, resumeAfter bson.Raw, await time.Duration) (*store.Stream, error)
}

// Call runs one operation for a client's call: one of api.ClientOperations. Errors for the client are *api.Error; a
// deployment that cannot be reached stays a *store.Error. It waits while the caller has too many calls running.
func (s *Sources) Call(
	ctx context.Context, caller rules.Caller, service, function string, arg bson.Raw,
) (bson.RawValue, error) {
	op, ok := s.client[function]
	slots, err := s.limits.acquire(ctx, caller.User.ID)
	if err != nil {
		return bson.RawValue{}, err
	}
	defer slots.held.Release()
	return s.call(ctx, caller, op, ok, service, function, arg, slots)
}

// Run is Call for the application's own functions, which may also call api.FunctionOperations and need no slot.
func (s *Sources) Run(
	ctx context.Context, caller rules.Caller, service, function string, arg bson.Raw,
) (bson.RawValue, error) {
	op, ok := s.client[function]
	if !ok {
		op, ok = s.own[function]
	}
	return s.call(ctx, caller, op, ok, service, function, arg, nil)
}

func (s *Sources) call(ctx context.Context, caller rules.Caller, op operation, ok bool, service, function string,
	arg bson.Raw, slots *callSlots) (bson.RawValue, error) {
	if !ok {
		return bson.RawValue{}, api.Errorf(http.StatusBadRequest, api.CodeServiceCommandNotFound,
			"the data source has no function %q", function)
	}
	a, err := readArguments(function, arg, op.keys)
	if err != nil {
		return bson.RawValue{}, err
	}
	t, err := s.target(caller, service, function, a)
	if err != nil {
		return bson.RawValue{}, err
	}
	t.slots = slots
	out, err := op.run(ctx, t, a)
	if t.view != nil && t.view.Err() != nil { // this error explains denials, and wins over errors that follow from them
		err = t.view.Err()
	}
	if err != nil {
		return bson.RawValue{}, clientError(err)
	}
	return encodeResult(out)
}

// operation is one operation of a data source: the keys that its argument may have besides database and collection, and
// its implementation.
type operation struct {
	keys []string
	run  func(ctx context.Context, t *target, a *arguments) (any, error)
}

// clientOperations are those of api.ClientOperations.
func clientOperations() map[string]operation {
	const (
		updating = "query update upsert arrayFilters"
		finding  = "filter update sort projection upsert returnNewDocument arrayFilters"
	)
	return map[string]operation{
		api.OpFind:              {strings.Fields("query project projection sort limit skip"), find},
		api.OpFindOne:           {strings.Fields("query project projection sort"), findOne},
		api.OpCount:             {strings.Fields("query limit"), count},
		api.OpAggregate:         {strings.Fields("pipeline"), aggregate},
		api.OpInsertOne:         {strings.Fields("document"), insertOne},
		api.OpInsertMany:        {strings.Fields("documents ordered"), insertMany},
		api.OpUpdateOne:         {strings.Fields(updating), updateOne},
		api.OpUpdateMany:        {strings.Fields(updating), updateMany},
		api.OpDeleteOne:         {strings.Fields("query"), deleteOne},
		api.OpDeleteMany:        {strings.Fields("query"), deleteMany},
		api.OpFindOneAndUpdate:  {strings.Fields(finding), findOneAndUpdate},
		api.OpFindOneAndReplace: {strings.Fields(finding), findOneAndReplace},
		api.OpFindOneAndDelete:  {strings.Fields("filter sort projection"), findOneAndDelete},
	}
}

// functionOperations are those of api.FunctionOperations: only the application's functions may call them.
func functionOperations() map[string]operation {
	return map[string]operation{
		api.OpDistinct:       {strings.Fields("key query"), distinct},
		api.OpCountDocuments: {strings.Fields("query limit skip"), count},
		api.OpReplaceOne:     {strings.Fields("query update upsert"), replaceOne},
		api.OpBulkWrite:      {strings.Fields("operations ordered"), bulkWrite},
	}
}

// target is one collection with the permissions of one caller.
type target struct {
	coll    collection
	name    string      // "database.collection"
	view    *rules.View // nil: the rules do not apply
	idField string      // the user id field of the custom data collection; empty for other collections and system callers
	schema  *schema     // nil: no schema
	env     query.Env
	slots   *callSlots // of the call; nil: the call needs none
}

func (s *Sources) target(caller rules.Caller, service, function string, a *arguments) (*target, error) {
	n, err := a.namespace()
	if err != nil {
		return nil, err
	}
	coll, ok := s.open(service, n.Database, n.Collection)
	if !ok {
		// App Services answers with the part before the last colon; tests of SDKs compare it.
		return nil, api.Errorf(http.StatusBadRequest, api.CodeFunctionExecutionError,
			"Cannot access member '%s' of undefined: service not found: '%s'", function, service)
	}
	t := &target{coll: coll, name: n.String(), env: query.Env{Now: bson.NewDateTimeFromTime(s.now())}}
	if caller.System {
		return t, nil
	}
	if custom := s.app.CustomData; custom.Enabled && n == s.app.CustomDataNamespace() {
		t.idField = custom.UserIDField
	}
	source := s.app.DataSources[service]
	if source == nil {
		source = &app.DataSource{}
	}
	namespace := source.Rules(n)
	if namespace == nil {
		return nil, api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
			"%s not permitted: there are no rules for %s.%s", function, service, n)
	}
	caller.Values, caller.Environment = s.app.Values, s.app.Environment
	t.view = namespace.ViewFor(caller, n.String())
	if c := source.Namespaces[n]; c != nil && c.Schema != nil {
		t.schema = readSchema(c.Schema)
	}
	return t, nil
}

// checkNamespace rejects invalid names and the databases that do not belong to the application.
func checkNamespace(n app.Namespace) error {
	name := strings.ToLower(n.Database)
	switch {
	case n.Database == "" || len(n.Database) > 63 || strings.ContainsAny(n.Database, "/\\. \"$*<>:|?\x00"):
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%q is not a database name", n.Database)
	case n.Collection == "" || strings.ContainsAny(n.Collection, "$\x00") || strings.HasPrefix(n.Collection, "system."):
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "%q is not a collection name", n.Collection)
	case name == "admin", name == "config", name == "local", strings.HasPrefix(name, "dossier_"):
		return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound, "the database %q is closed to applications",
			n.Database)
	}
	return nil
}
