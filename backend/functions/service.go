package functions

import (
	"errors"
	"slices"

	"dossier/backend/api"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// service gives a data source: service(name).db(database).collection(name). Of one that is not there, undefined.
func (r *run) service(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	if r.all.app.DataSources[name] == nil {
		return goja.Undefined()
	}
	return r.object("db", func(call goja.FunctionCall) goja.Value {
		database := call.Argument(0).String()
		return r.object("collection", func(call goja.FunctionCall) goja.Value {
			return r.collection(&place{run: r, service: name, database: database, collection: call.Argument(0).String()})
		})
	})
}

// place is one collection as a function reaches it.
type place struct {
	run                           *run
	service, database, collection string
}

// method says how a collection's method in JavaScript becomes a call of the service: the service function's name, the
// keys its arguments go under in order, and the keys that may come in an object behind them.
type method struct {
	function string
	args     []string
	options  []string
}

func methodOf(name string) method {
	var (
		query    = []string{"query"}
		updating = []string{"query", "update"}
		changing = []string{"upsert", "arrayFilters"}
		finding  = []string{"sort", "projection", "upsert", "returnNewDocument", "arrayFilters"}
	)
	switch name {
	case api.OpFind:
		return method{name, []string{"query", "project"}, []string{"sort", "limit", "skip", "projection"}}
	case api.OpFindOne:
		return method{name, []string{"query", "project"}, []string{"sort", "projection"}}
	case api.OpAggregate:
		return method{name, []string{"pipeline"}, nil}
	case api.OpCount:
		return method{name, query, []string{"limit"}}
	case api.OpCountDocuments:
		return method{name, query, []string{"limit", "skip"}}
	case estimatedDocumentCount:
		return method{api.OpCount, nil, nil}
	case api.OpDistinct:
		return method{name, []string{"key", "query"}, nil}
	case api.OpInsertOne:
		return method{name, []string{"document"}, nil}
	case api.OpInsertMany:
		return method{name, []string{"documents"}, []string{"ordered"}}
	case api.OpUpdateOne, api.OpUpdateMany:
		return method{name, updating, changing}
	case api.OpReplaceOne:
		return method{name, updating, []string{"upsert"}}
	case api.OpDeleteOne, api.OpDeleteMany:
		return method{name, query, nil}
	case api.OpFindOneAndUpdate, api.OpFindOneAndReplace:
		return method{name, []string{"filter", "update"}, finding}
	case api.OpFindOneAndDelete:
		return method{name, []string{"filter"}, []string{"sort", "projection"}}
	}
	return method{name, []string{"operations"}, []string{"ordered"}} // bulkWrite
}

// estimatedDocumentCount is a method without an operation of its own: it is count of all documents.
const estimatedDocumentCount = "estimatedDocumentCount"

var collectionMethods = slices.Concat(
	api.ClientOperations(), api.FunctionOperations(), []string{estimatedDocumentCount},
)

// collection is a collection's object. Its methods but find and aggregate do what they do at once and give the result as a promise.
func (r *run) collection(p *place) goja.Value {
	return r.members(nil, collectionMethods, func(name string) goja.Value {
		m := methodOf(name)
		if name == api.OpFind || name == api.OpAggregate {
			return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
				arg, err := p.arguments(name, m, call.Arguments)
				return r.cursor(&cursor{place: p, function: name, arg: arg, err: err})
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

// arguments makes a service function's argument of a method's.
func (p *place) arguments(name string, m method, args []goja.Value) (bson.D, error) {
	var out bson.D
	for i, key := range m.args {
		v := argument(args, i)
		if !given(v) {
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
		if key == "returnDocument" && known(m.options, "returnNewDocument") { // as the drivers say it
			key, v = "returnNewDocument", p.run.vm.ToValue(v.String() == "after")
		}
		if !known(m.options, key) {
			return nil, errors.New(name + ": the option " + key + " is not supported")
		}
		if !given(v) {
			continue
		}
		value, err := p.argument(name, key, v)
		if err != nil {
			return nil, err
		}
		out = put(out, key, value)
	}
	return out, nil
}

func (p *place) argument(name, key string, v goja.Value) (any, error) {
	value, err := p.run.encode(v, stored)
	if err != nil {
		return nil, errors.New(name + ": " + key + ": " + err.Error())
	}
	return value, nil
}

// put sets a key of a document.
func put(d bson.D, key string, v any) bson.D {
	for i := range d {
		if d[i].Key == key {
			d[i].Value = v
			return d
		}
	}
	return append(d, bson.E{Key: key, Value: v})
}

func known(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

func (p *place) call(function string, arg bson.D) (bson.RawValue, error) {
	b, err := bson.Marshal(append(bson.D{{Key: "database", Value: p.database}, {Key: "collection", Value: p.collection}}, arg...))
	if err != nil {
		return bson.RawValue{}, err
	}
	return p.run.all.sources.Run(p.run.ctx, p.run.caller, p.service, function, b)
}

// promise does something now and gives its result as a promise.
func (r *run) promise(do func() (goja.Value, error)) goja.Value {
	p, resolve, reject := r.vm.NewPromise()
	v, err := do()
	if err != nil {
		_ = reject(r.thrown(err))
	} else {
		_ = resolve(v)
	}
	return r.vm.ToValue(p)
}
