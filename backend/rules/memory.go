package rules

import (
	"fmt"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxQuestions is how many different questions the rules of one view may put to functions: a question about each document
// takes a runtime each.
const maxQuestions = 1000

// ErrTooManyQuestions says that rules would have had to ask functions more than they may in one request.
var ErrTooManyQuestions = fmt.Errorf("the rules ask functions more than %d different questions for one request; narrow it", maxQuestions)

// memory is what one view found out: functions are asked the same question once.
type memory struct {
	answers map[string]answer
	trees   map[string]bson.D
	full    bool
}

type answer struct {
	value any
	err   error
}

// remember makes the caller ask each function the same question once.
func (c *Caller) remember() {
	m := &memory{answers: map[string]answer{}, trees: map[string]bson.D{}}
	ask := c.Call
	c.memory = m
	if ask == nil {
		return
	}
	c.Call = func(name string, args []any) (any, error) {
		question, err := query.Encode(bson.D{{Key: name, Value: bson.A(args)}})
		if err != nil {
			return nil, err
		}
		a, known := m.answers[string(question)]
		if known {
			return a.value, a.err
		}
		if len(m.answers) >= maxQuestions {
			m.full = true
			return nil, ErrTooManyQuestions
		}
		a.value, a.err = ask(name, args)
		m.answers[string(question)] = a
		return a.value, a.err
	}
}

// Err is ErrTooManyQuestions once the rules could not ask all they had to: what was denied since may be denied for that alone.
func (v *View) Err() error {
	if v.caller.memory.full {
		return ErrTooManyQuestions
	}
	return nil
}

// Again is the view without what it found out so far, for whoever keeps one for long.
func (v *View) Again() *View {
	return v.rules.For(v.plain, v.name)
}
