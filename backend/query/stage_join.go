package query

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// lookupStage is $lookup: by equality of two fields, by a pipeline with variables, or both.
type lookupStage struct {
	from, local, foreign, as string
	let                      bson.D
	pipeline                 bson.A
	env                      Env
}

func buildLookup(operand any, env Env) (stage, error) {
	spec, is := operand.(bson.D)
	if !is {
		return nil, Errorf(FailedToParse, "the $lookup specification must be an Object")
	}
	l := lookupStage{env: env}
	for _, e := range spec {
		var ok bool
		switch e.Key {
		case "from":
			l.from, ok = e.Value.(string)
		case "localField":
			l.local, ok = e.Value.(string)
		case "foreignField":
			l.foreign, ok = e.Value.(string)
		case "as":
			l.as, ok = e.Value.(string)
		case "let":
			l.let, ok = e.Value.(bson.D)
		case "pipeline":
			l.pipeline, ok = e.Value.(bson.A)
		default:
			return nil, Errorf(FailedToParse, "unknown argument to $lookup: %s", e.Key)
		}
		if !ok {
			return nil, Errorf(FailedToParse, "$lookup argument '%s: %s' is of the wrong type", e.Key, Format(e.Value))
		}
	}
	if l.as == "" || l.from == "" || (l.local == "") != (l.foreign == "") || l.local == "" && l.pipeline == nil {
		return nil, Errorf(FailedToParse, "$lookup needs 'from', 'as' and either 'localField' and 'foreignField' or a "+
			"'pipeline'")
	}
	if env.Collection == nil {
		return nil, Errorf(InvalidOptions, "$lookup is not allowed here")
	}
	if _, err := ParsePipeline(l.pipeline, env.With(l.let)); err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) {
		found, err := l.find(d)
		return assign(d, strings.Split(l.as, "."), found), false, err
	}), nil
}

func (l lookupStage) find(d bson.D) (bson.A, error) {
	filter := bson.D{}
	if l.local != "" {
		values := bson.A{}
		walk(d, strings.Split(l.local, "."), -1, true, func(v any, _ int) bool {
			if a, is := v.(bson.A); is {
				values = append(values, a...)
			} else if isMissing(v) {
				values = append(values, nil)
			} else {
				values = append(values, v)
			}
			return false
		})
		values = slices.DeleteFunc(values, func(v any) bool { _, is := v.(bson.Undefined); return is })
		filter = bson.D{{Key: l.foreign, Value: bson.D{{Key: "$in", Value: literals(values)}}}}
	}
	env := l.env
	for _, e := range l.let {
		x, err := parseExpression(e.Value, l.env)
		if err != nil {
			return nil, err
		}
		v, err := x(newScope(d, l.env))
		if err != nil {
			return nil, err
		}
		env = env.With(bson.D{{Key: e.Key, Value: v}})
	}
	p, err := ParsePipeline(l.pipeline, env)
	if err != nil {
		return nil, err
	}
	out := bson.A{}
	for doc, err := range p.Run(l.env.Collection(l.from, filter)) {
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, nil
}

// literals keeps the values that $in accepts.
func literals(values bson.A) bson.A {
	return slices.DeleteFunc(values, func(v any) bool {
		if d, is := v.(bson.D); is {
			return isOperators(d)
		}
		_, is := v.(bson.Regex)
		return is
	})
}

func buildUnionWith(operand any, env Env) (stage, error) {
	name, is := operand.(string)
	var pipeline bson.A
	if spec, isSpec := operand.(bson.D); isSpec {
		name, is = get(spec, "coll").(string)
		pipeline, _ = get(spec, "pipeline").(bson.A)
	}
	if !is || env.Collection == nil {
		return nil, Errorf(FailedToParse, "$unionWith needs the name of a collection")
	}
	p, err := ParsePipeline(pipeline, env)
	if err != nil {
		return nil, err
	}
	return func(in Documents) Documents {
		return func(yield func(bson.D, error) bool) {
			for _, docs := range []Documents{in, p.Run(env.Collection(name, bson.D{}))} {
				for d, err := range docs {
					if !yield(d, err) || err != nil {
						return
					}
				}
			}
		}
	}, nil
}

func buildFacet(operand any, env Env) (stage, error) {
	spec, is := operand.(bson.D)
	if !is || len(spec) == 0 {
		return nil, Errorf(40169, "the $facet specification must be a non-empty object")
	}
	pipelines := make([]*Pipeline, len(spec))
	for i, e := range spec {
		stages, is := e.Value.(bson.A)
		if !is {
			return nil, Errorf(40170, "arguments to $facet must be arrays, %s is type %s", e.Key, TypeName(e.Value))
		}
		var err error
		if pipelines[i], err = ParsePipeline(stages, env); err != nil {
			return nil, err
		}
	}
	return gather(func(docs []bson.D) ([]bson.D, error) {
		out := bson.D{}
		for i, p := range pipelines {
			list := bson.A{}
			for d, err := range p.Run(func(yield func(bson.D, error) bool) {
				for _, d := range docs {
					if !yield(d, nil) {
						return
					}
				}
			}) {
				if err != nil {
					return nil, err
				}
				list = append(list, d)
			}
			out = append(out, bson.E{Key: spec[i].Key, Value: list})
		}
		return []bson.D{out}, nil
	}), nil
}

// buildRedact keeps or prunes documents, and descends into subdocuments on $$DESCEND.
func buildRedact(operand any, env Env) (stage, error) {
	x, err := parseExpression(operand, env)
	if err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) {
		s := newScope(d, env).bind("KEEP", redactKeep).bind("PRUNE", redactPrune).bind("DESCEND", redactDescend)
		out, err := redact(d, x, s)
		return out, out == nil, err
	}), nil
}

func redact(d bson.D, x expression, s *scope) (bson.D, error) {
	v, err := x(s.bind("CURRENT", d))
	if err != nil {
		return nil, err
	}
	switch v {
	case redactPrune:
		return nil, nil
	case redactKeep:
		return d, nil
	case redactDescend:
		out := make(bson.D, 0, len(d))
		for _, e := range d {
			kept, err := redactValue(e.Value, x, s)
			if err != nil {
				return nil, err
			}
			if !isMissing(kept) {
				out = append(out, bson.E{Key: e.Key, Value: kept})
			}
		}
		return out, nil
	}
	return nil, Errorf(17053, "$redact's expression should not return anything aside from the variables $$KEEP, "+
		"$$DESCEND, and $$PRUNE, but returned %s", Format(v))
}

func redactValue(v any, x expression, s *scope) (any, error) {
	switch inner := v.(type) {
	case bson.D:
		out, err := redact(inner, x, s)
		if out == nil {
			return missing{}, err
		}
		return out, err
	case bson.A:
		out := bson.A{}
		for _, e := range inner {
			kept, err := redactValue(e, x, s)
			if err != nil {
				return nil, err
			}
			if !isMissing(kept) {
				out = append(out, kept)
			}
		}
		return out, nil
	}
	return v, nil
}
