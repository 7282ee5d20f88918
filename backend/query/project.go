package query

import "go.mongodb.org/mongo-driver/v2/bson"

// Apply returns the projected document; at is the array index of the match (Filter.MatchAt), for "a.$".
func (p *Projection) Apply(doc bson.D, at int) (bson.D, error) {
	run := &projectionRun{scope: newScope(doc, p.env), at: at, exclude: p.exclude}
	return run.document(doc, p.tree)
}

type projectionRun struct {
	scope   *scope
	at      int
	exclude bool
}

func (run *projectionRun) document(d bson.D, tree *ruleTree) (bson.D, error) {
	out := make(bson.D, 0, len(d))
	for _, e := range d {
		r := tree.rules[e.Key]
		if r == nil {
			if run.exclude {
				out = append(out, e)
			}
			continue
		}
		v, err := run.value(e.Value, r)
		if err != nil {
			return nil, err
		}
		if !isMissing(v) {
			out = append(out, bson.E{Key: e.Key, Value: v})
		}
	}
	return run.computed(d, out, tree)
}

// value returns the part of an existing value that a rule keeps; missing for none.
func (run *projectionRun) value(v any, r *rule) (any, error) {
	array, isArray := v.(bson.A)
	switch {
	case r.compute != nil:
		return missing{}, nil
	case r.tree != nil:
		return run.inside(v, r.tree)
	case r.slice != nil:
		if isArray {
			return r.slice.of(array), nil
		}
		return v, nil
	case r.elemMatch != nil:
		return run.firstMatch(array, r.elemMatch), nil
	case r.positional && isArray:
		if run.at < 0 || run.at >= len(array) {
			return nil, Errorf(51246, "Executor error during find command :: caused by :: positional operator '.$' couldn't "+
				"find a matching element in the array")
		}
		return bson.A{array[run.at]}, nil
	case run.exclude:
		return missing{}, nil
	}
	return v, nil
}

func (run *projectionRun) firstMatch(array bson.A, n node) any {
	for _, e := range array {
		if n.match(bson.A{e}, nil) {
			return bson.A{e}
		}
	}
	return missing{}
}

// inside applies rules to a document, or to every document in an array.
func (run *projectionRun) inside(v any, tree *ruleTree) (any, error) {
	switch x := v.(type) {
	case bson.D:
		return run.document(x, tree)
	case bson.A:
		out := make(bson.A, 0, len(x))
		for _, e := range x {
			kept, err := run.inside(e, tree)
			if err != nil {
				return nil, err
			}
			if !isMissing(kept) {
				out = append(out, kept)
			}
		}
		return out, nil
	}
	if run.exclude {
		return v, nil
	}
	return missing{}, nil
}

// computed adds computed fields in the order of the projection.
func (run *projectionRun) computed(d, out bson.D, tree *ruleTree) (bson.D, error) {
	for _, name := range tree.names {
		r := tree.rules[name]
		var v any = missing{}
		var err error
		if r.compute != nil {
			v, err = r.compute(run.scope)
		} else if r.tree != nil && r.tree.computes() && !isContainer(get(d, name)) {
			var inner bson.D
			if inner, err = run.computed(nil, bson.D{}, r.tree); len(inner) > 0 {
				v = inner
			}
		}
		if err != nil {
			return nil, err
		}
		if !isMissing(v) {
			out = append(out, bson.E{Key: name, Value: v})
		}
	}
	return out, nil
}

func isContainer(v any) bool {
	switch v.(type) {
	case bson.D, bson.A:
		return true
	}
	return false
}

func (t *ruleTree) computes() bool {
	for _, r := range t.rules {
		if r.compute != nil || r.tree != nil && r.tree.computes() {
			return true
		}
	}
	return false
}
