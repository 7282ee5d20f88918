package rules

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// databaseFilter is an expression as a filter for the database. The filter matches every document on which the
// expression holds and, if exact, no other.
type databaseFilter struct {
	filter bson.D // empty: matches every document
	none   bool   // matches no document
	exact  bool
	// undetermined: the expression may hold on documents that the filter excludes, because a function failed
	undetermined bool
}

var (
	matchAll          = databaseFilter{exact: true}
	matchNone         = databaseFilter{none: true, exact: true}
	notExpressible    = databaseFilter{} // matches every document
	matchUndetermined = databaseFilter{none: true, exact: true, undetermined: true}
)

// databaseFilter converts the expression to a filter for one caller.
func (e *Expression) databaseFilter(c *Caller) databaseFilter {
	if e == nil {
		return matchNone
	}
	if e.callerOnly() {
		switch e.evaluate(&evalContext{caller: c}) {
		case isTrue:
			return matchAll
		case isFalse:
			return matchNone
		}
		return matchUndetermined
	}
	switch e.op {
	case opAnd:
		qs := make([]databaseFilter, len(e.parts))
		for i, p := range e.parts {
			qs[i] = p.databaseFilter(c)
		}
		return allOf(qs...)
	case opOr:
		qs := make([]databaseFilter, len(e.parts))
		for i, p := range e.parts {
			qs[i] = p.databaseFilter(c)
		}
		return anyOf(qs...)
	case opNot:
		return e.parts[0].databaseFilter(c).not()
	case opIs:
		if want, _ := e.left.literal.(bool); want {
			return e.parts[0].databaseFilter(c)
		}
		return e.parts[0].databaseFilter(c).not()
	}
	return e.comparisonFilter(c)
}

func (q databaseFilter) not() databaseFilter {
	switch {
	case !q.exact || q.undetermined:
		return notExpressible
	case q.none:
		return matchAll
	case len(q.filter) == 0:
		return matchNone
	}
	return databaseFilter{filter: bson.D{{Key: "$nor", Value: bson.A{q.filter}}}, exact: true}
}

func allOf(qs ...databaseFilter) databaseFilter {
	out := databaseFilter{exact: true}
	var parts bson.A
	for _, q := range qs {
		if q.none && !q.undetermined {
			return matchNone
		}
		out.none = out.none || q.none
		out.undetermined = out.undetermined || q.undetermined
		out.exact = out.exact && q.exact
		if len(q.filter) > 0 {
			parts = append(parts, q.filter)
			out.filter = q.filter
		}
	}
	if out.none {
		return matchUndetermined
	}
	if len(parts) > 1 {
		out.filter = bson.D{{Key: "$and", Value: parts}}
	}
	return out
}

func anyOf(qs ...databaseFilter) databaseFilter {
	out := databaseFilter{exact: true}
	var parts bson.A
	for _, q := range qs {
		out.undetermined = out.undetermined || q.undetermined
		if q.none {
			continue
		}
		if len(q.filter) == 0 && q.exact {
			return matchAll
		}
		out.exact = out.exact && q.exact
		parts = append(parts, q.filter)
		out.filter = q.filter
	}
	switch {
	case len(parts) == 0 && out.undetermined:
		return matchUndetermined
	case len(parts) == 0:
		return matchNone
	case hasEmpty(parts):
		return notExpressible
	case len(parts) > 1:
		out.filter = orFilter(parts)
	}
	return out
}

// orFilter matches any of several filters; if all compare one field with a value it is one $in, which can use an index.
func orFilter(parts bson.A) bson.D {
	var list bson.A
	key := parts[0].(bson.D)[0].Key
	for _, p := range parts {
		d := p.(bson.D)
		condition, ok := d[0].Value.(bson.D)
		if !ok || len(d) != 1 || d[0].Key != key || len(condition) != 1 || condition[0].Key != "$eq" {
			return bson.D{{Key: "$or", Value: parts}}
		}
		list = append(list, condition[0].Value)
	}
	return bson.D{{Key: key, Value: bson.D{{Key: "$in", Value: list}}}}
}

func hasEmpty(parts bson.A) bool {
	for _, p := range parts {
		if len(p.(bson.D)) == 0 {
			return true
		}
	}
	return false
}

// comparisonFilter converts the comparison of a field with something that depends on the caller only. Other comparisons
// are not expressible.
func (e *Expression) comparisonFilter(c *Caller) databaseFilter {
	s := &evalContext{caller: c}
	switch {
	case e.left.source == fromRoot && len(e.left.path) > 0 && e.right.callerOnly():
		right, ok := e.right.candidates(s)
		if !ok {
			return matchUndetermined
		}
		return fieldFilter(e.op, e.left.key(), e.right, right)
	case e.right.source == fromRoot && len(e.right.path) > 0 && e.left.callerOnly():
		left, ok := e.left.candidates(s)
		if !ok {
			return matchUndetermined
		}
		if len(left) != 1 || !isFilterValue(left[0]) {
			return notExpressible
		}
		switch e.op {
		case opEq, opIn:
			return fieldCondition(e.right.key(), "$eq", left[0])
		case opNe, opNin:
			return fieldCondition(e.right.key(), "$eq", left[0]).not()
		}
	}
	return notExpressible
}

func (o operand) key() string {
	key := o.path[0]
	for _, p := range o.path[1:] {
		key += "." + p
	}
	return key
}

func fieldCondition(key, op string, v any) databaseFilter {
	return databaseFilter{filter: bson.D{{Key: key, Value: bson.D{{Key: op, Value: v}}}}, exact: true}
}

func fieldFilter(op, key string, right operand, values []any) databaseFilter {
	if len(values) == 0 { // an undefined variable equals nothing and is in no list
		if op == opNe || op == opNin {
			return matchAll
		}
		return matchNone
	}
	if len(values) != 1 {
		return notExpressible
	}
	v := values[0]
	list, isList := v.(bson.A)
	switch {
	case op == opIn || op == opNin || op == opEq && isList && right.isExpansion():
		return listFilter(op, key, v, list, isList)
	case op == opExists:
		return fieldCondition(key, "$exists", v)
	case !isFilterValue(v):
		return notExpressible
	case op == opNe:
		return fieldCondition(key, "$eq", v).not()
	}
	return fieldCondition(key, "$"+op, v)
}

// listFilter matches the items of a list if all are scalars: inside $in a regular expression would be a pattern.
func listFilter(op, key string, v any, list bson.A, isList bool) databaseFilter {
	if !isList {
		list = bson.A{v}
	}
	qs := make([]databaseFilter, 0, len(list))
	for _, item := range list {
		if !isFilterValue(item) {
			return notExpressible
		}
		qs = append(qs, fieldCondition(key, "$eq", item))
	}
	if op == opNin {
		return anyOf(qs...).not()
	}
	return anyOf(qs...)
}

// isFilterValue reports whether a value means the same in a filter as in an expression: not null (absent fields match
// it), regular expressions, documents and arrays.
func isFilterValue(v any) bool { return orderable(v) && !query.IsNaN(v) || isBinary(v) }

func isBinary(v any) bool { _, ok := v.(bson.Binary); return ok }
