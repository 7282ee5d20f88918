package functions

import (
	"errors"
	"strings"

	"dossier/backend/api"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// cursor is what find and aggregate give: nothing is asked before the documents are.
type cursor struct {
	place    *place
	function string
	arg      bson.D
	err      error
	asked    bool
	docs     []bson.RawValue
	at       int
	changes  []goja.Callable // what map put on the way, in order
}

var (
	cursorMethods  = strings.Fields("sort limit skip project map next hasNext toArray forEach count close")
	errCursorAsked = errors.New("a cursor cannot be changed after it gave documents")
)

// cursor is a cursor's object. A function that returns one returns its documents.
func (r *run) cursor(c *cursor) goja.Value {
	var o *goja.Object
	o = r.members(c, cursorMethods, func(name string) goja.Value {
		return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			switch name {
			case "sort", "limit", "skip", "project":
				c.refine(name, call.Argument(0))
				return o
			case "map":
				change, ok := goja.AssertFunction(call.Argument(0))
				if !ok {
					panic(r.vm.NewTypeError("map wants a function"))
				}
				c.changes = append(c.changes, change)
				return o
			}
			return r.promise(func() (goja.Value, error) { return c.do(name, call.Argument(0)) })
		})
	})
	return o
}

// refine narrows what is asked: of find by one more key, of aggregate by one more stage.
func (c *cursor) refine(key string, v goja.Value) {
	value, err := c.place.argument(c.function, key, v)
	switch {
	case c.asked:
		err = errCursorAsked
	case err == nil && c.function == api.OpFind:
		c.arg = put(c.arg, key, value)
	case err == nil && len(c.arg) == 1:
		stages, _ := c.arg[0].Value.(bson.A)
		c.arg[0].Value = append(stages, bson.D{{Key: "$" + key, Value: value}})
	}
	c.err = errors.Join(c.err, err)
}

// do runs a method that gives a promise.
func (c *cursor) do(name string, v goja.Value) (goja.Value, error) {
	r := c.place.run
	if name == "close" {
		c.asked, c.docs, c.at = true, nil, 0
		return goja.Undefined(), nil
	}
	if err := c.ask(); err != nil {
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
		return goja.Undefined(), c.each(v)
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

// all gives the documents as they come, for a function that returns its cursor.
func (c *cursor) all() (any, error) {
	v, err := c.do("toArray", nil)
	if err != nil {
		return nil, err
	}
	return c.place.run.encode(v, returned)
}

// each gives every document to a function, until it says false.
func (c *cursor) each(v goja.Value) error {
	visit, ok := goja.AssertFunction(v)
	if !ok {
		return errors.New("forEach wants a function")
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
		if more == c.place.run.vm.ToValue(false) {
			return nil
		}
	}
	return nil
}

// next gives the next document, which is there, as map changed it.
func (c *cursor) next() (goja.Value, error) {
	c.at++
	v, err := c.place.run.decodeRaw(c.docs[c.at-1])
	for _, change := range c.changes {
		if err != nil {
			break
		}
		v, err = change(goja.Undefined(), v)
	}
	return v, err
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
