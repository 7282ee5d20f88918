package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// accumulator computes one field of one group from the values of its documents.
type accumulator interface {
	add(v any)
	result() any
}

type groupField struct {
	name string
	make func() accumulator
	from expression
}

func buildGroup(operand any, env Env) (stage, error) {
	spec, is := operand.(bson.D)
	if !is {
		return nil, Errorf(15947, "a group's fields must be specified in an object")
	}
	var id expression
	var fields []groupField
	for _, e := range spec {
		if e.Key == "_id" {
			x, err := parseExpression(e.Value, env)
			if err != nil {
				return nil, err
			}
			id = x
			continue
		}
		f, err := parseGroupField(e, env)
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	if id == nil {
		return nil, Errorf(15955, "a group specification must include an _id")
	}
	return gather(func(docs []bson.D) ([]bson.D, error) { return group(docs, id, fields, env) }), nil
}

func parseGroupField(e bson.E, env Env) (groupField, error) {
	if strings.Contains(e.Key, ".") {
		return groupField{}, Errorf(40235, "The field name '%s' cannot contain '.'", e.Key)
	}
	if strings.HasPrefix(e.Key, "$") {
		return groupField{}, Errorf(40236, "The field name '%s' cannot be an operator name", e.Key)
	}
	d, is := e.Value.(bson.D)
	if !is || len(d) == 0 || !strings.HasPrefix(d[0].Key, "$") {
		return groupField{}, Errorf(40234, "The field '%s' must be an accumulator object", e.Key)
	}
	if len(d) != 1 {
		return groupField{}, Errorf(40238, "The field '%s' must specify one accumulator", e.Key)
	}
	create := accumulators()[d[0].Key]
	if create == nil {
		return groupField{}, Errorf(15952, "unknown group operator '%s'", d[0].Key)
	}
	operand := d[0].Value
	if d[0].Key == "$count" {
		operand = int32(1)
	}
	x, err := parseExpression(operand, env)
	return groupField{name: e.Key, make: create, from: x}, err
}

func group(docs []bson.D, id expression, fields []groupField, env Env) ([]bson.D, error) {
	type one struct {
		id  any
		acc []accumulator
	}
	groups := map[string]*one{}
	var order []*one
	for _, d := range docs {
		s := newScope(d, env)
		v, err := id(s)
		if err != nil {
			return nil, err
		}
		if isMissing(v) {
			v = nil
		}
		key := string(AppendKey(nil, v, false))
		g := groups[key]
		if g == nil {
			g = &one{id: v}
			for _, f := range fields {
				g.acc = append(g.acc, f.make())
			}
			groups[key] = g
			order = append(order, g)
		}
		for i, f := range fields {
			v, err := f.from(s)
			if err != nil {
				return nil, err
			}
			g.acc[i].add(v)
		}
	}
	out := make([]bson.D, len(order))
	for i, g := range order {
		out[i] = bson.D{{Key: "_id", Value: g.id}}
		for j, f := range fields {
			out[i] = append(out[i], bson.E{Key: f.name, Value: g.acc[j].result()})
		}
	}
	return out, nil
}

func accumulators() map[string]func() accumulator {
	return map[string]func() accumulator{
		"$sum":          func() accumulator { return &sum{total: int32(0)} },
		"$count":        func() accumulator { return &sum{total: int32(0)} },
		"$avg":          func() accumulator { return &average{total: int32(0)} },
		"$min":          func() accumulator { return &extreme{sign: -1, best: missing{}} },
		"$max":          func() accumulator { return &extreme{sign: 1, best: missing{}} },
		"$first":        func() accumulator { return &first{} },
		"$last":         func() accumulator { return &last{} },
		"$push":         func() accumulator { return &collect{list: bson.A{}} },
		"$addToSet":     func() accumulator { return &collect{list: bson.A{}, set: map[string]bool{}} },
		"$mergeObjects": func() accumulator { return newMerge() },
	}
}

type sum struct{ total any }

func (a *sum) add(v any) {
	if !isNumber(v) {
		return
	}
	if total, ok := add(a.total, v); ok {
		a.total = total
	} else {
		a.total = double(a.total) + double(v)
	}
}

func (a *sum) result() any { return a.total }

type average struct {
	total any
	n     int64
}

func (a *average) add(v any) {
	if isNumber(v) {
		s := sum{a.total}
		s.add(v)
		a.total = s.total
		a.n++
	}
}

func (a *average) result() any {
	if a.n == 0 {
		return nil
	}
	if d, is := a.total.(bson.Decimal128); is {
		return divideDecimals(d, a.n)
	}
	return double(a.total) / float64(a.n)
}

type extreme struct {
	sign int
	best any
}

func (a *extreme) add(v any) {
	if !isNullish(v) && (isMissing(a.best) || Compare(v, a.best)*a.sign > 0) {
		a.best = v
	}
}

func (a *extreme) result() any {
	if isMissing(a.best) {
		return nil
	}
	return a.best
}

type first struct {
	v    any
	seen bool
}

func (a *first) add(v any) {
	if !a.seen {
		a.v, a.seen = orNull(v), true
	}
}

func (a *first) result() any { return a.v }

type last struct{ v any }

func (a *last) add(v any)   { a.v = orNull(v) }
func (a *last) result() any { return a.v }

func orNull(v any) any {
	if isMissing(v) {
		return nil
	}
	return v
}

type collect struct {
	list bson.A
	set  map[string]bool // nil keeps duplicates
}

func (a *collect) add(v any) {
	if isMissing(v) {
		return
	}
	if a.set != nil {
		key := string(AppendKey(nil, v, false))
		if a.set[key] {
			return
		}
		a.set[key] = true
	}
	a.list = append(a.list, v)
}

func (a *collect) result() any { return a.list }

type merge struct {
	out bson.D
	at  map[string]int // index in out by key
}

func newMerge() *merge { return &merge{out: bson.D{}, at: map[string]int{}} }

func (a *merge) add(v any) {
	d, _ := v.(bson.D)
	for _, e := range d {
		if i, there := a.at[e.Key]; there {
			a.out[i].Value = e.Value
			continue
		}
		a.at[e.Key] = len(a.out)
		a.out = append(a.out, e)
	}
}

func (a *merge) result() any { return a.out }
