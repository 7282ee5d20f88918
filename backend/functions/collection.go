package functions

import (
	"errors"
	"slices"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// service returns a data source: service(name).db(database).collection(name); undefined if there is none of that name.
func (r *run) service(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	if r.functions.app.DataSources[name] == nil {
		return goja.Undefined()
	}
	return r.objectWithMethod("db", func(call goja.FunctionCall) goja.Value {
		database := call.Argument(0).String()
		return r.objectWithMethod("collection", func(call goja.FunctionCall) goja.Value {
			return r.collection(&collectionRef{run: r, service: name, database: database, collection: call.Argument(0).String()})
		})
	})
}

// collectionRef names a collection for a function.
type collectionRef struct {
	run                           *run
	service, database, collection string
}

// collectionMethod describes how a method of a collection becomes an operation: the name of the operation, the keys of
// the positional arguments, and the keys that the options object behind them may have.
type collectionMethod struct {
	function string
	args     []string
	options  []string
}

func methodOf(name string) collectionMethod {
	var (
		query    = []string{"query"}
		updating = []string{"query", "update"}
		changing = []string{"upsert", "arrayFilters"}
		finding  = []string{"sort", "projection", "upsert", "returnNewDocument", "arrayFilters"}
	)
	switch name {
	case api.OpFind:
		return collectionMethod{name, []string{"query", "project"}, []string{"sort", "limit", "skip", "projection"}}
	case api.OpFindOne:
		return collectionMethod{name, []string{"query", "project"}, []string{"sort", "projection"}}
	case api.OpAggregate:
		return collectionMethod{name, []string{"pipeline"}, nil}
	case api.OpCount:
		return collectionMethod{name, query, []string{"limit"}}
	case api.OpCountDocuments:
		return collectionMethod{name, query, []string{"limit", "skip"}}
	case estimatedDocumentCount:
		return collectionMethod{api.OpCount, nil, nil}
	case api.OpDistinct:
		return collectionMethod{name, []string{"key", "query"}, nil}
	case api.OpInsertOne:
		return collectionMethod{name, []string{"document"}, nil}
	case api.OpInsertMany:
		return collectionMethod{name, []string{"documents"}, []string{"ordered"}}
	case api.OpUpdateOne, api.OpUpdateMany:
		return collectionMethod{name, updating, changing}
	case api.OpReplaceOne:
		return collectionMethod{name, updating, []string{"upsert"}}
	case api.OpDeleteOne, api.OpDeleteMany:
		return collectionMethod{name, query, nil}
	case api.OpFindOneAndUpdate, api.OpFindOneAndReplace:
		return collectionMethod{name, []string{"filter", "update"}, finding}
	case api.OpFindOneAndDelete:
		return collectionMethod{name, []string{"filter"}, []string{"sort", "projection"}}
	}
	return collectionMethod{name, []string{"operations"}, []string{"ordered"}} // bulkWrite
}

// estimatedDocumentCount has no operation; it is OpCount without a query.
const estimatedDocumentCount = "estimatedDocumentCount"

var collectionMethods = slices.Concat(
	api.ClientOperations(), api.FunctionOperations(), []string{estimatedDocumentCount},
)

// collection returns the object of a collection. All methods but find and aggregate run at once and return a promise.
func (r *run) collection(p *collectionRef) goja.Value {
	return r.newLazyObject(nil, collectionMethods, func(name string) goja.Value {
		m := methodOf(name)
		if name == api.OpFind || name == api.OpAggregate {
			return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
				arg, err := p.arguments(name, m, call.Arguments)
				return r.cursor(&cursor{collection: p, function: name, arg: arg, err: err})
			})
		}
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			return r.promise(func() (goja.Value, error) {
				arg, err := p.arguments(name, m, call.Arguments)
				if err != nil {
					return nil, err
				}
				v, err := p.call(m.function, arg)
				if err != nil {
					return nil, err
				}
				if m.function == api.OpCount || m.function == api.OpCountDocuments {
					return r.vm.ToValue(v.AsInt64()), nil
				}
				return r.decodeRaw(v)
			})
		})
	})
}

// arguments converts a method's arguments to the operation's single argument document.
func (p *collectionRef) arguments(name string, m collectionMethod, args []goja.Value) (bson.D, error) {
	var out bson.D
	for i, key := range m.args {
		v := argument(args, i)
		if !isPresent(v) {
			continue
		}
		value, err := p.argument(name, key, v)
		if err != nil {
			return nil, err
		}
		out = append(out, bson.E{Key: key, Value: value})
	}
	options, ok := argument(args, len(m.args)).(*goja.Object)
	if !ok {
		return out, nil
	}
	for _, key := range options.Keys() {
		v := options.Get(key)
		if key == "returnDocument" && slices.Contains(m.options, "returnNewDocument") { // the drivers' name of the option
			key, v = "returnNewDocument", p.run.vm.ToValue(v.String() == "after")
		}
		if !slices.Contains(m.options, key) {
			return nil, errors.New(name + ": the option " + key + " is not supported")
		}
		if !isPresent(v) {
			continue
		}
		value, err := p.argument(name, key, v)
		if err != nil {
			return nil, err
		}
		out = setKey(out, key, value)
	}
	return out, nil
}

func (p *collectionRef) argument(name, key string, v goja.Value) (any, error) {
	value, err := p.run.encode(v, forDatabase)
	if err != nil {
		return nil, errors.New(name + ": " + key + ": " + err.Error())
	}
	return value, nil
}

// setKey sets a key of a document.
func setKey(d bson.D, key string, v any) bson.D {
	for i := range d {
		if d[i].Key == key {
			d[i].Value = v
			return d
		}
	}
	return append(d, bson.E{Key: key, Value: v})
}

func (p *collectionRef) call(function string, arg bson.D) (bson.RawValue, error) {
	b, err := bson.Marshal(append(bson.D{{Key: "database", Value: p.database}, {Key: "collection", Value: p.collection}},
		arg...))
	if err != nil {
		return bson.RawValue{}, err
	}
	return p.run.functions.sources.Run(p.run.ctx, p.run.caller, p.service, function, b)
}

// promise runs do at once and returns its result as a promise.
func (r *run) promise(do func() (goja.Value, error)) goja.Value {
	p, resolve, reject := r.vm.NewPromise()
	v, err := do()
	if err != nil {
		_ = reject(r.jsError(err))
	} else {
		_ = resolve(v)
	}
	return r.vm.ToValue(p)
}
