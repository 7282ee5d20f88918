package rules

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// maxFunctionCalls is how many function calls with different arguments the rules of one view may make: a call for each
// document needs a runtime each.
const maxFunctionCalls = 1000

// ErrTooManyFunctionCalls reports that the rules needed more function calls than one request may make.
var ErrTooManyFunctionCalls = fmt.Errorf("the rules need more than %d function calls for one request; narrow it",
	maxFunctionCalls)

// callCache holds the results of a view's function calls, by function and arguments. One goroutine uses it at a time.
type callCache struct {
	results   map[string]callResult
	documents map[string]bson.D
	exceeded  bool
}

type callResult struct {
	value any
	err   error
}

// enableCache makes the caller call each function once for the same arguments.
func (c *Caller) enableCache() {
	m := &callCache{results: map[string]callResult{}, documents: map[string]bson.D{}}
	call := c.Call
	c.cache = m
	if call == nil {
		return
	}
	c.Call = func(name string, args []any) (any, error) {
		key, err := query.Encode(bson.D{{Key: name, Value: bson.A(args)}})
		if err != nil {
			return nil, err
		}
		a, cached := m.results[string(key)]
		if cached {
			return a.value, a.err
		}
		if len(m.results) >= maxFunctionCalls {
			m.exceeded = true
			return nil, ErrTooManyFunctionCalls
		}
		a.value, a.err = call(name, args)
		m.results[string(key)] = a
		return a.value, a.err
	}
}

// Err returns ErrTooManyFunctionCalls once the limit is exceeded: later denials may result from that alone.
func (v *View) Err() error {
	if v.caller.cache.exceeded {
		return ErrTooManyFunctionCalls
	}
	return nil
}

// WithEmptyCache returns the view without cached results, for views that live long.
func (v *View) WithEmptyCache() *View {
	return v.rules.ViewFor(v.original, v.name)
}
