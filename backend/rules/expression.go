package rules

import (
	"math"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Expression is a condition of a rule, ready to be put to callers and documents. The nil Expression never holds.
type Expression struct {
	op          string // always, never, and, or, not, is, exists or a comparison: eq ne gt gte lt lte in nin
	parts       []*Expression
	left, right operand
}

const (
	opAlways = "always"
	opNever  = "never"
	opAnd    = "and"
	opOr     = "or"
	opNot    = "not"
	opIs     = "is" // left (a truth value) is what the part says
	opExists = "exists"
	opEq     = "eq"
	opNe     = "ne"
	opGt     = "gt"
	opGte    = "gte"
	opLt     = "lt"
	opLte    = "lte"
	opIn     = "in"
	opNin    = "nin"
)

// ternary is what an expression says about a scene.
type ternary int

const (
	isFalse ternary = iota
	isTrue
	// undetermined: it rests on a function that could not be asked. What is open is not granted, and its contrary neither; a
	// condition is open only where the function's answer would have made a difference.
	undetermined
)

func ternaryOf(holds bool) ternary {
	if holds {
		return isTrue
	}
	return isFalse
}

func (v ternary) not() ternary {
	switch v {
	case isFalse:
		return isTrue
	case isTrue:
		return isFalse
	}
	return undetermined
}

// holds puts the expression to a scene.
func (e *Expression) holds(s *evalContext) bool { return e.evaluate(s) == isTrue }

func (e *Expression) evaluate(s *evalContext) ternary {
	if e == nil {
		return isFalse
	}
	switch e.op {
	case opAlways:
		return isTrue
	case opNever:
		return isFalse
	case opAnd:
		return e.fold(s, isFalse)
	case opOr:
		return e.fold(s, isTrue)
	case opNot:
		return e.parts[0].evaluate(s).not()
	case opIs:
		want, _ := e.left.literal.(bool)
		if v := e.parts[0].evaluate(s); want {
			return v
		} else {
			return v.not()
		}
	}
	left, ok := e.left.candidates(s)
	if !ok {
		return undetermined
	}
	right, ok := e.right.candidates(s)
	if !ok {
		return undetermined
	}
	return ternaryOf(e.compares(left, right))
}

// fold gives the decisive verdict if a part has it, else open if a part is, else the contrary.
func (e *Expression) fold(s *evalContext, decisive ternary) ternary {
	out := decisive.not()
	for _, p := range e.parts {
		switch v := p.evaluate(s); v {
		case decisive:
			return v
		case undetermined:
			out = undetermined
		}
	}
	return out
}

func (e *Expression) compares(left, right []any) bool {
	switch e.op {
	case opExists:
		want, ok := boolValue(right)
		return ok && want == (len(left) > 0)
	case opEq:
		return e.equal(left, right)
	case opNe:
		return !e.equal(left, right)
	case opIn:
		return contains(left, right)
	case opNin:
		return !contains(left, right)
	}
	for _, l := range left {
		for _, r := range right {
			if ordered(e.op, l, r) {
				return true
			}
		}
	}
	return false
}

// equal follows a query: an array matches as a whole or by one of its items; null written in the rule matches an
// absent field; an undefined variable matches nothing. A variable that holds an array matches by its items.
func (e *Expression) equal(left, right []any) bool {
	if len(left) == 0 && e.right.source == fromLiteral && e.right.literal == nil {
		return true
	}
	for _, l := range left {
		for _, r := range right {
			if _, list := r.(bson.A); list && e.right.isExpansion() {
				if contains([]any{l}, []any{r}) {
					return true
				}
				continue
			}
			if query.Equal(l, r) || hasItem(l, r) {
				return true
			}
		}
	}
	return false
}

// contains tells whether one of the left values, or an item of one, is in the list; a single value is a list of one.
func contains(left, lists []any) bool {
	for _, list := range lists {
		items, ok := list.(bson.A)
		if !ok {
			items = bson.A{list}
		}
		for _, item := range items {
			for _, l := range left {
				if query.Equal(l, item) || hasItem(l, item) {
					return true
				}
			}
		}
	}
	return false
}

func hasItem(v, item any) bool {
	a, _ := v.(bson.A)
	for _, x := range a {
		if query.Equal(x, item) {
			return true
		}
	}
	return false
}

// ordered compares values of one kind; across kinds nothing is greater or less. An array compares by its items.
func ordered(op string, l, r any) bool {
	if a, ok := l.(bson.A); ok {
		for _, item := range a {
			if _, nested := item.(bson.A); !nested && ordered(op, item, r) {
				return true
			}
		}
		return false
	}
	if !orderable(l) || query.KeyClass(l) != query.KeyClass(r) {
		return false
	}
	c := query.Compare(l, r)
	if isNaN(l) || isNaN(r) {
		return c == 0 && (op == opGte || op == opLte)
	}
	switch op {
	case opGt:
		return c > 0
	case opGte:
		return c >= 0
	case opLt:
		return c < 0
	case opLte:
		return c <= 0
	}
	return false
}

// orderable names the types that an order is defined for in rules.
func orderable(v any) bool {
	switch v.(type) {
	case int32, int64, float64, bson.Decimal128, string, bson.Symbol, bson.DateTime, bson.ObjectID, bool:
		return true
	}
	return false
}

func isNaN(v any) bool {
	switch x := v.(type) {
	case float64:
		return math.IsNaN(x)
	case bson.Decimal128:
		return x.IsNaN()
	}
	return false
}

// boolValue reads a condition's value; ok is false where it is not one truth value.
func boolValue(values []any) (value, ok bool) {
	if len(values) != 1 {
		return false, false
	}
	value, ok = values[0].(bool)
	return value, ok
}

// anyOperand tells whether some operand in the expression satisfies the test.
func (e *Expression) anyOperand(test func(operand) bool) bool {
	if e == nil {
		return false
	}
	if test(e.left) || test(e.right) {
		return true
	}
	for _, p := range e.parts {
		if p.anyOperand(test) {
			return true
		}
	}
	return false
}

// uses tells whether the expression reads from a source anywhere.
func (e *Expression) uses(s source) bool {
	return e.anyOperand(func(o operand) bool { return o.uses(s) })
}

// callerOnly tells that the expression depends on the caller alone.
func (e *Expression) callerOnly() bool {
	return !e.anyOperand(func(o operand) bool { return !o.callerOnly() })
}

// addFields adds the top-level fields of the document that the expression reads; true: it reads the whole document.
func (e *Expression) addFields(into map[string]bool) (whole bool) {
	e.anyOperand(func(o operand) bool {
		whole = o.addFields(into) || whole
		return false
	})
	return whole
}

func (o operand) addFields(into map[string]bool) (whole bool) {
	if o.source == fromRoot || o.source == fromPrevRoot {
		if len(o.path) == 0 {
			return true
		}
		into[o.path[0]] = true
	}
	for _, item := range o.items {
		whole = item.addFields(into) || whole
	}
	return whole
}
