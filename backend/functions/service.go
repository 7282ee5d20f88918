package functions

import (
	"errors"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// service gives a data source: service(name).db(database).collection(name). Of one that is not there, undefined.
func (r *run) service(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	if r.all.app.Services[name] == nil {
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

func methods() map[string]method {
	changing := []string{"upsert", "arrayFilters"}
	finding := []string{"sort", "projection", "upsert", "returnNewDocument", "arrayFilters"}
	return map[string]method{
		"findOne":           {"findOne", []string{"query", "project"}, []string{"sort", "projection"}},
		"insertOne":         {"insertOne", []string{"document"}, nil},
		"insertMany":        {"insertMany", []string{"documents"}, []string{"ordered"}},
		"updateOne":         {"updateOne", []string{"query", "update"}, changing},
		"updateMany":        {"updateMany", []string{"query", "update"}, changing},
		"deleteOne":         {"deleteOne", []string{"query"}, nil},
		"deleteMany":        {"deleteMany", []string{"query"}, nil},
		"count":             {"count", []string{"query"}, []string{"limit"}},
		"countDocuments":    {"count", []string{"query"}, []string{"limit"}},
		"findOneAndUpdate":  {"findOneAndUpdate", []string{"filter", "update"}, finding},
		"findOneAndReplace": {"findOneAndReplace", []string{"filter", "update"}, finding},
		"findOneAndDelete":  {"findOneAndDelete", []string{"filter"}, []string{"sort", "projection"}},
	}
}

func (r *run) collection(p *place) goja.Value {
	o := r.vm.NewObject()
	for name, m := range methods() {
		_ = o.Set(name, func(call goja.FunctionCall) goja.Value {
			return r.promise(func() (goja.Value, error) {
				arg, err := p.arguments(m, call.Arguments)
				if err != nil {
					return nil, err
				}
				v, err := p.call(m.function, arg)
				if err != nil {
					return nil, err
				}
				if m.function == "count" {
					return r.vm.ToValue(v.AsInt64()), nil
				}
				return r.decodeRaw(v)
			})
		})
	}
	_ = o.Set("find", func(call goja.FunctionCall) goja.Value {
		arg, err := p.arguments(method{"find", []string{"query", "project"}, []string{"sort", "limit", "skip", "projection"}}, call.Arguments)
		return r.cursor(&cursor{place: p, function: "find", arg: arg, err: err})
	})
	_ = o.Set("aggregate", func(call goja.FunctionCall) goja.Value {
		arg, err := p.arguments(method{"aggregate", []string{"pipeline"}, nil}, call.Arguments)
		return r.cursor(&cursor{place: p, function: "aggregate", arg: arg, err: err})
	})
	return o
}

// arguments makes a service function's argument of a method's.
func (p *place) arguments(m method, args []goja.Value) (bson.D, error) {
	var out bson.D
	set := func(key string, v goja.Value) error {
		value, err := p.run.encode(v, stored)
		if err != nil {
			return errors.New(m.function + ": " + key + ": " + err.Error())
		}
		out = append(out, bson.E{Key: key, Value: value})
		return nil
	}
	for i, key := range m.args {
		if v := argument(args, i); given(v) {
			if err := set(key, v); err != nil {
				return nil, err
			}
		}
	}
	options, ok := argument(args, len(m.args)).(*goja.Object)
	if !ok {
		return out, nil
	}
	for _, key := range options.Keys() {
		if !known(m.options, key) {
			return nil, errors.New(m.function + ": the option " + key + " is not supported")
		}
		if v := options.Get(key); given(v) {
			if err := set(key, v); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
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
	return p.run.all.sources.Call(p.run.ctx, p.run.caller, p.service, function, b)
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

// cursor is what find and aggregate give: nothing is asked before the documents are.
type cursor struct {
	place    *place
	function string
	arg      bson.D
	err      error
	asked    bool
	docs     []bson.RawValue
	at       int
}

func (r *run) cursor(c *cursor) goja.Value {
	o := r.vm.NewObject()
	if c.function == "find" {
		for method, key := range map[string]string{"sort": "sort", "limit": "limit", "skip": "skip", "project": "project"} {
			_ = o.Set(method, func(call goja.FunctionCall) goja.Value {
				v, err := r.encode(call.Argument(0), stored)
				c.err = errors.Join(c.err, err)
				c.put(key, v)
				return o
			})
		}
	}
	_ = o.Set("toArray", func(goja.FunctionCall) goja.Value {
		return r.promise(func() (goja.Value, error) {
			if err := c.ask(); err != nil {
				return nil, err
			}
			items := make([]any, 0, len(c.docs)-c.at)
			for ; c.at < len(c.docs); c.at++ {
				v, err := r.decodeRaw(c.docs[c.at])
				if err != nil {
					return nil, err
				}
				items = append(items, v)
			}
			return r.vm.NewArray(items...), nil
		})
	})
	_ = o.Set("next", func(goja.FunctionCall) goja.Value {
		return r.promise(func() (goja.Value, error) {
			if err := c.ask(); err != nil || c.at == len(c.docs) {
				return goja.Null(), err
			}
			c.at++
			return r.decodeRaw(c.docs[c.at-1])
		})
	})
	_ = o.Set("hasNext", func(goja.FunctionCall) goja.Value {
		return r.promise(func() (goja.Value, error) {
			err := c.ask()
			return r.vm.ToValue(c.at < len(c.docs)), err
		})
	})
	return o
}

func (c *cursor) put(key string, v any) {
	for i := range c.arg {
		if c.arg[i].Key == key {
			c.arg[i].Value = v
			return
		}
	}
	c.arg = append(c.arg, bson.E{Key: key, Value: v})
}

func (c *cursor) ask() error {
	if c.asked || c.err != nil {
		return c.err
	}
	c.asked = true
	v, err := c.place.call(c.function, c.arg)
	if err != nil {
		c.err = err
		return err
	}
	c.docs, c.err = v.Array().Values()
	return c.err
}
