package rules

import "go.mongodb.org/mongo-driver/v2/bson"

// databaseFilter is what of an expression a database can be asked: a filter that leaves out no document on which the
// expression holds and, when exact, lets in no other.
type databaseFilter struct {
	filter bson.D // empty: every document
	none   bool   // no document at all
	exact  bool
	// open: of the other documents it is not known that the expression does not hold, because a function failed
	open bool
}

var (
	everything = databaseFilter{exact: true}
	nothing    = databaseFilter{none: true, exact: true}
	anything   = databaseFilter{} // the database cannot be asked: every document may be one
	unknown    = databaseFilter{none: true, exact: true, open: true}
)

// query turns the expression into a filter for one caller.
func (e *Expression) query(c *Caller) databaseFilter {
	if e == nil {
		return nothing
	}
	if e.fixed() {
		switch e.judge(&scene{caller: c}) {
		case yes:
			return everything
		case no:
			return nothing
		}
		return unknown
	}
	switch e.op {
	case opAnd:
		qs := make([]databaseFilter, len(e.parts))
		for i, p := range e.parts {
			qs[i] = p.query(c)
		}
		return allOf(qs...)
	case opOr:
		qs := make([]databaseFilter, len(e.parts))
		for i, p := range e.parts {
			qs[i] = p.query(c)
		}
		return anyOf(qs...)
	case opNot:
		return e.parts[0].query(c).not()
	case opIs:
		if want, _ := e.left.literal.(bool); want {
			return e.parts[0].query(c)
		}
		return e.parts[0].query(c).not()
	}
	return e.comparison(c)
}

func (q databaseFilter) not() databaseFilter {
	switch {
	case !q.exact || q.open:
		return anything
	case q.none:
		return everything
	case len(q.filter) == 0:
		return nothing
	}
	return databaseFilter{filter: bson.D{{Key: "$nor", Value: bson.A{q.filter}}}, exact: true}
}

func allOf(qs ...databaseFilter) databaseFilter {
	out := databaseFilter{exact: true}
	var parts bson.A
	for _, q := range qs {
		if q.none && !q.open {
			return nothing
		}
		out.none = out.none || q.none
		out.open = out.open || q.open
		out.exact = out.exact && q.exact
		if len(q.filter) > 0 {
			parts = append(parts, q.filter)
			out.filter = q.filter
		}
	}
	if out.none {
		return unknown
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
		out.open = out.open || q.open
		if q.none {
			continue
		}
		if len(q.filter) == 0 && q.exact {
			return everything
		}
		out.exact = out.exact && q.exact
		parts = append(parts, q.filter)
		out.filter = q.filter
	}
	switch {
	case len(parts) == 0 && out.open:
		return unknown
	case len(parts) == 0:
		return nothing
	case hasEmpty(parts):
		return anything
	case len(parts) > 1:
		out.filter = either(parts)
	}
	return out
}

// either is one of several filters; when all ask one field for a value it is one $in, which an index can serve.
func either(parts bson.A) bson.D {
	var list bson.A
	key := parts[0].(bson.D)[0].Key
	for _, p := range parts {
		d := p.(bson.D)
		ask, ok := d[0].Value.(bson.D)
		if !ok || len(d) != 1 || d[0].Key != key || len(ask) != 1 || ask[0].Key != "$eq" {
			return bson.D{{Key: "$or", Value: parts}}
		}
		list = append(list, ask[0].Value)
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

// comparison asks for a field of the document against something only the caller decides; all else stays with the
// service.
func (e *Expression) comparison(c *Caller) databaseFilter {
	s := &scene{caller: c}
	switch {
	case e.left.source == fromRoot && len(e.left.path) > 0 && e.right.fixed():
		right, ok := e.right.values(s)
		if !ok {
			return unknown
		}
		return fieldQuery(e.op, e.left.key(), e.right, right)
	case e.right.source == fromRoot && len(e.right.path) > 0 && e.left.fixed():
		left, ok := e.left.values(s)
		if !ok {
			return unknown
		}
		if len(left) != 1 || !askable(left[0]) {
			return anything
		}
		switch e.op {
		case opEq, opIn:
			return fieldIs(e.right.key(), "$eq", left[0])
		case opNe, opNin:
			return fieldIs(e.right.key(), "$eq", left[0]).not()
		}
	}
	return anything
}

func (o operand) key() string {
	key := o.path[0]
	for _, p := range o.path[1:] {
		key += "." + p
	}
	return key
}

func fieldIs(key, op string, v any) databaseFilter {
	return databaseFilter{filter: bson.D{{Key: key, Value: bson.D{{Key: op, Value: v}}}}, exact: true}
}

func fieldQuery(op, key string, right operand, values []any) databaseFilter {
	if len(values) == 0 { // an undefined variable: equal to nothing, in no list
		if op == opNe || op == opNin {
			return everything
		}
		return nothing
	}
	if len(values) != 1 {
		return anything
	}
	v := values[0]
	list, isList := v.(bson.A)
	switch {
	case op == opIn || op == opNin || op == opEq && isList && right.isExpansion():
		return listQuery(op, key, v, list, isList)
	case op == opExists:
		return fieldIs(key, "$exists", v)
	case !askable(v):
		return anything
	case op == opNe:
		return fieldIs(key, "$eq", v).not()
	}
	return fieldIs(key, "$"+op, v)
}

// listQuery asks for the items of a list, when all of them are plain: inside $in a regular expression would be a pattern.
func listQuery(op, key string, v any, list bson.A, isList bool) databaseFilter {
	if !isList {
		list = bson.A{v}
	}
	qs := make([]databaseFilter, 0, len(list))
	for _, item := range list {
		if !askable(item) {
			return anything
		}
		qs = append(qs, fieldIs(key, "$eq", item))
	}
	if op == opNin {
		return anyOf(qs...).not()
	}
	return anyOf(qs...)
}

// askable names the values that mean the same in a filter as in an expression; not null, which absent fields
// complicate, nor patterns, documents and arrays.
func askable(v any) bool { return orderable(v) && !isNaN(v) || isBinary(v) }

func isBinary(v any) bool { _, ok := v.(bson.Binary); return ok }
