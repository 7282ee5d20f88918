package query

import (
	"bytes"
	"iter"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func buildSort(operand any, _ Env) (stage, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(15973, "the $sort key specification must be an object")
	}
	if len(d) == 0 {
		return nil, Errorf(15976, "$sort stage must have at least one sort key")
	}
	s, err := ParseSort(d)
	if err != nil {
		return nil, err
	}
	return gather(func(docs []bson.D) ([]bson.D, error) {
		s.order(docs)
		return docs, nil
	}), nil
}

// order sorts documents in place; the sort is stable.
func (s *Sort) order(docs []bson.D) {
	type keyed struct {
		key []byte
		doc bson.D
	}
	all := make([]keyed, len(docs))
	for i, d := range docs {
		all[i] = keyed{s.Key(d), d}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return bytes.Compare(a.key, b.key) })
	for i := range all {
		docs[i] = all[i].doc
	}
}

func buildProject(operand any, env Env) (stage, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(15969, "$project specification must be an object")
	}
	if len(d) == 0 {
		return nil, Errorf(51272, "Invalid $project :: caused by :: projection specification must have at least one field")
	}
	p, err := parseProjection(d, env, false)
	if err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) {
		out, err := p.Apply(d, -1)
		return out, false, err
	}), nil
}

// buildAddFields computes every field from the input document.
func buildAddFields(operand any, env Env) (stage, error) {
	spec, is := operand.(bson.D)
	if !is {
		return nil, Errorf(40272, "$addFields specification stage must be an object")
	}
	fields, err := parseAssignments(nil, spec, env)
	if err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) {
		out := d
		scope := newScope(d, env)
		for _, f := range fields {
			v, err := f.value(scope)
			if err != nil {
				return nil, false, err
			}
			if err := scope.work.spendAssign(out, f.path, v); err != nil {
				return nil, false, err
			}
			out = assign(out, f.path, v)
		}
		return out, false, nil
	}), nil
}

type assignment struct {
	path  []string
	value expression
}

// parseAssignments parses { a: expr, "b.c": expr, d: { e: expr } }.
func parseAssignments(prefix []string, spec bson.D, env Env) ([]assignment, error) {
	var out []assignment
	for _, e := range spec {
		if e.Key == "" || strings.HasPrefix(e.Key, "$") {
			return nil, Errorf(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.")
		}
		path := append(slices.Clone(prefix), strings.Split(e.Key, ".")...)
		if d, is := e.Value.(bson.D); is && len(d) > 0 && !strings.HasPrefix(d[0].Key, "$") {
			inner, err := parseAssignments(path, d, env)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		x, err := parseExpression(e.Value, env)
		if err != nil {
			return nil, err
		}
		out = append(out, assignment{path, x})
	}
	return out, nil
}

// assign returns a document with a path set as $addFields does: in every document of an array, and replacing values
// that are not documents. The input document is unchanged; unaffected values are shared.
func assign(d bson.D, path []string, v any) bson.D {
	for i := range d {
		if d[i].Key != path[0] {
			continue
		}
		out := slices.Clone(d)
		if len(path) > 1 {
			out[i].Value = assignInside(d[i].Value, path[1:], v)
		} else if isMissing(v) {
			return slices.Delete(out, i, i+1)
		} else {
			out[i].Value = v
		}
		return out
	}
	if isMissing(v) {
		return d
	}
	if len(path) > 1 {
		v = assign(nil, path[1:], v)
	}
	return append(slices.Clip(d), bson.E{Key: path[0], Value: v})
}

func assignInside(old any, path []string, v any) any {
	switch x := old.(type) {
	case bson.D:
		return assign(x, path, v)
	case bson.A:
		out := make(bson.A, len(x))
		for i := range x {
			out[i] = assignInside(x[i], path, v)
		}
		return out
	}
	if isMissing(v) {
		return old
	}
	return assign(nil, path, v)
}

func buildUnsetStage(operand any, env Env) (stage, error) {
	list, is := operand.(bson.A)
	if !is {
		list = bson.A{operand}
	}
	spec := bson.D{}
	for _, item := range list {
		name, is := item.(string)
		if !is || name == "" {
			return nil, Errorf(31002, "$unset specification must be a string or an array of strings")
		}
		spec = append(spec, bson.E{Key: name, Value: false})
	}
	return buildProject(spec, env)
}

func buildUnwind(operand any, env Env) (stage, error) {
	path, index, keep := operand, "", false
	if spec, is := operand.(bson.D); is {
		path = nil
		for _, e := range spec {
			switch e.Key {
			case "path":
				path = e.Value
			case "includeArrayIndex":
				index, _ = e.Value.(string)
			case "preserveNullAndEmptyArrays":
				keep = truthy(e.Value)
			default:
				return nil, Errorf(28811, "unrecognized option to $unwind stage: %s", e.Key)
			}
		}
	}
	name, is := path.(string)
	if !is {
		return nil, Errorf(28808, "expected a string as the path for $unwind stage, got %s", TypeName(path))
	}
	if !strings.HasPrefix(name, "$") || len(name) < 2 {
		return nil, Errorf(28818, "path option to $unwind stage should be prefixed with a '$': %s", name)
	}
	u := unwind{path: strings.Split(name[1:], "."), index: index, keep: keep, work: env.work}
	return u.stage, nil
}

type unwind struct {
	path  []string
	index string
	keep  bool
	work  *budget
}

func (u unwind) stage(in Documents) Documents {
	return func(yield func(bson.D, error) bool) {
		for d, err := range in {
			if err != nil {
				yield(nil, err)
				return
			}
			for out := range u.split(d) {
				err := u.work.spend(out)
				if !yield(out, err) || err != nil {
					return
				}
			}
		}
	}
}

func (u unwind) split(d bson.D) iter.Seq[bson.D] {
	var v any = d
	for _, part := range u.path {
		inner, _ := v.(bson.D)
		v = get(inner, part)
	}
	array, is := v.(bson.A)
	switch {
	case is && len(array) > 0:
		return func(yield func(bson.D) bool) {
			for i, e := range array {
				if !yield(u.indexed(assign(d, u.path, e), int64(i))) {
					return
				}
			}
		}
	case is && u.keep:
		return slices.Values([]bson.D{u.indexed(assign(d, u.path, missing{}), nil)})
	case is || isNullish(v) && !u.keep:
		return slices.Values([]bson.D(nil))
	}
	return slices.Values([]bson.D{u.indexed(d, nil)})
}

func (u unwind) indexed(d bson.D, at any) bson.D {
	if u.index == "" {
		return d
	}
	return assign(d, strings.Split(u.index, "."), at)
}

func buildReplaceRoot(operand any, env Env) (stage, error) {
	spec, is := operand.(bson.D)
	if !is || len(spec) != 1 || spec[0].Key != "newRoot" {
		return nil, Errorf(40229, "expected an object with a single field 'newRoot' as specification for $replaceRoot "+
			"stage, got %s", TypeName(operand))
	}
	return buildReplaceWith(spec[0].Value, env)
}

func buildReplaceWith(operand any, env Env) (stage, error) {
	x, err := parseExpression(operand, env)
	if err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) {
		v, err := x(newScope(d, env))
		if err != nil {
			return nil, false, err
		}
		out, is := v.(bson.D)
		if !is {
			return nil, false, Errorf(40228, "'newRoot' expression must evaluate to an object, but resulting value was: %s. "+
				"Type of resulting value: '%s'", Format(v), TypeName(v))
		}
		return out, false, nil
	}), nil
}

func buildSortByCount(operand any, env Env) (stage, error) {
	group, err := buildGroup(bson.D{{Key: "_id", Value: operand},
		{Key: "count", Value: bson.D{{Key: "$sum", Value: int32(1)}}}}, env)
	if err != nil {
		return nil, err
	}
	sort, err := buildSort(bson.D{{Key: "count", Value: int32(-1)}}, env)
	return func(in Documents) Documents { return sort(group(in)) }, err
}

// buildSample selects documents at even distances, which needs no random source.
func buildSample(operand any, _ Env) (stage, error) {
	spec, _ := operand.(bson.D)
	n, whole := WholeNumber(get(spec, "size"))
	if !whole || n <= 0 || len(spec) != 1 {
		return nil, Errorf(28747, "size argument to $sample must be a positive integer")
	}
	return gather(func(docs []bson.D) ([]bson.D, error) {
		if int64(len(docs)) <= n {
			return docs, nil
		}
		out := make([]bson.D, n)
		for i := range out {
			out[i] = docs[i*len(docs)/int(n)]
		}
		return out, nil
	}), nil
}
