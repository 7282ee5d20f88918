package rules

import (
	"fmt"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxFunctionCalls is how many different questions the rules of one view may put to functions: a question about each document
// takes a runtime each.
const maxFunctionCalls = 1000

// ErrTooManyFunctionCalls says that rules would have had to ask functions more than they may in one request.
var ErrTooManyFunctionCalls = fmt.Errorf("the rules ask functions more than %d different questions for one request; narrow it", maxFunctionCalls)

// callCache is what one view found out: functions are asked the same question once.
type callCache struct {
	results   map[string]callResult
	documents map[string]bson.D
	exceeded  bool
}

type callResult struct {
	value any
	err   error
}

// enableCache makes the caller ask each function the same question once.
func (c *Caller) enableCache() {
	m := &callCache{results: map[string]callResult{}, documents: map[string]bson.D{}}
	ask := c.Call
	c.cache = m
	if ask == nil {
		return
	}
	c.Call = func(name string, args []any) (any, error) {
		question, err := query.Encode(bson.D{{Key: name, Value: bson.A(args)}})
		if err != nil {
			return nil, err
		}
		a, known := m.results[string(question)]
		if known {
			return a.value, a.err
		}
		if len(m.results) >= maxFunctionCalls {
			m.exceeded = true
			return nil, ErrTooManyFunctionCalls
		}
		a.value, a.err = ask(name, args)
		m.results[string(question)] = a
		return a.value, a.err
	}
}

// Err is ErrTooManyQuestions once the rules could not ask all they had to: what was denied since may be denied for that alone.
func (v *View) Err() error {
	if v.caller.cache.exceeded {
		return ErrTooManyFunctionCalls
	}
	return nil
}

// WithEmptyCache is the view without what it found out so far, for whoever keeps one for long.
func (v *View) WithEmptyCache() *View {
	return v.rules.ViewFor(v.original, v.name)
}
