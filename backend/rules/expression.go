package rules

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// Expression is a compiled condition of a rule, evaluated for a caller and a document. The nil Expression never holds.
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
	opIs     = "is" // left (a boolean) equals the result of the part
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

// ternary is the result of an expression, in three-valued logic.
type ternary int

const (
	isFalse ternary = iota
	isTrue
	// undetermined: the result depends on a function that failed. Neither the condition nor its negation grants anything;
	// a condition is undetermined only if the function's result would have made a difference.
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

// holds reports whether the expression is true.
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

// fold returns the decisive result if a part has it, else undetermined if a part is, else the opposite.
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

// equal compares as a MongoDB query does: an array matches as a whole or by one of its items; a literal null matches an
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

// contains reports whether a left value, or an item of one, is in the list; a single value is a list of one.
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

// ordered compares values of one type class; values of different classes have no order. An array compares by its items.
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
	if query.IsNaN(l) || query.IsNaN(r) {
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

// orderable reports whether rules define an order for the type of a value.
func orderable(v any) bool {
	switch v.(type) {
	case int32, int64, float64, bson.Decimal128, string, bson.Symbol, bson.DateTime, bson.ObjectID, bool:
		return true
	}
	return false
}

// boolValue returns the boolean; ok is false unless there is exactly one value and it is a boolean.
func boolValue(values []any) (value, ok bool) {
	if len(values) != 1 {
		return false, false
	}
	value, ok = values[0].(bool)
	return value, ok
}

// anyOperand reports whether an operand in the expression passes the test.
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

// uses reports whether the expression reads from a source.
func (e *Expression) uses(s source) bool {
	return e.anyOperand(func(o operand) bool { return o.uses(s) })
}

// callerOnly reports whether the expression depends on the caller only.
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
