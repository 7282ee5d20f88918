package functions

import (
	"errors"
	"strings"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// cursor is the result of find and aggregate. It queries the database when the first document is needed.
type cursor struct {
	collection *collectionRef
	function   string
	arg        bson.D
	err        error
	queried    bool
	docs       []bson.RawValue
	at         int
	mapFuncs   []goja.Callable // added by map, in order
}

var (
	cursorMethods    = strings.Fields("sort limit skip project map next hasNext toArray forEach count close")
	errCursorQueried = errors.New("a cursor cannot be changed after it has returned documents")
)

// cursor returns the object of a cursor. A function that returns it returns its documents.
func (r *run) cursor(c *cursor) goja.Value {
	var o *goja.Object
	o = r.newLazyObject(c, cursorMethods, func(name string) goja.Value {
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			switch name {
			case "sort", "limit", "skip", "project":
				c.addOption(name, call.Argument(0))
				return o
			case "map":
				change, ok := goja.AssertFunction(call.Argument(0))
				if !ok {
					panic(r.vm.NewTypeError("map: the argument must be a function"))
				}
				c.mapFuncs = append(c.mapFuncs, change)
				return o
			}
			return r.promise(func() (goja.Value, error) { return c.callMethod(name, call.Argument(0)) })
		})
	})
	return o
}

// addOption adds a key to the arguments of find, or a stage to the pipeline of aggregate.
func (c *cursor) addOption(key string, v goja.Value) {
	value, err := c.collection.argument(c.function, key, v)
	switch {
	case c.queried:
		err = errCursorQueried
	case err == nil && c.function == api.OpFind:
		c.arg = setKey(c.arg, key, value)
	case err == nil && len(c.arg) == 1:
		stages, _ := c.arg[0].Value.(bson.A)
		c.arg[0].Value = append(stages, bson.D{{Key: "$" + key, Value: value}})
	}
	c.err = errors.Join(c.err, err)
}

// callMethod runs a method whose result is returned as a promise.
func (c *cursor) callMethod(name string, v goja.Value) (goja.Value, error) {
	r := c.collection.run
	if name == "close" {
		c.queried, c.docs, c.at = true, nil, 0
		return goja.Undefined(), nil
	}
	if err := c.query(); err != nil {
		return nil, err
	}
	switch name {
	case "next":
		if c.at == len(c.docs) {
			return goja.Undefined(), nil
		}
		return c.next()
	case "hasNext":
		return r.vm.ToValue(c.at < len(c.docs)), nil
	case "count":
		return r.vm.ToValue(len(c.docs)), nil
	case "forEach":
		return goja.Undefined(), c.forEach(v)
	}
	items := make([]any, 0, len(c.docs)-c.at)
	for c.at < len(c.docs) {
		item, err := c.next()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return r.vm.NewArray(items...), nil
}

// toArray encodes the documents, for a function that returns its cursor.
func (c *cursor) toArray() (any, error) {
	v, err := c.callMethod("toArray", nil)
	if err != nil {
		return nil, err
	}
	return c.collection.run.encode(v, forResult)
}

// forEach passes each document to a function until it returns false.
func (c *cursor) forEach(v goja.Value) error {
	visit, ok := goja.AssertFunction(v)
	if !ok {
		return errors.New("forEach: the argument must be a function")
	}
	for c.at < len(c.docs) {
		item, err := c.next()
		if err != nil {
			return err
		}
		more, err := visit(goja.Undefined(), item)
		if err != nil {
			return err
		}
		if more == c.collection.run.vm.ToValue(false) {
			return nil
		}
	}
	return nil
}

// next returns the next document after the functions of map. The caller checks that there is one.
func (c *cursor) next() (goja.Value, error) {
	c.at++
	v, err := c.collection.run.decodeRaw(c.docs[c.at-1])
	for _, change := range c.mapFuncs {
		if err != nil {
			break
		}
		v, err = change(goja.Undefined(), v)
	}
	return v, err
}

func (c *cursor) query() error {
	if c.queried || c.err != nil {
		return c.err
	}
	c.queried = true
	v, err := c.collection.call(c.function, c.arg)
	if err != nil {
		c.err = err
		return err
	}
	c.docs, c.err = v.Array().Values()
	return c.err
}
