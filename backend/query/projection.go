package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Projection selects and computes the fields of a result.
type Projection struct {
	exclude bool
	tree    *ruleTree
	env     Env
}

// rule describes the projection of one field.
type rule struct {
	keep       bool       // inclusion: keep; exclusion: drop
	tree       *ruleTree  // rules for nested fields
	compute    expression // computes a new value
	slice      *sliceRule
	elemMatch  node
	positional bool // keeps the array element that the filter matched
}

// ruleTree keeps rules in their original order; computed fields are emitted in that order.
type ruleTree struct {
	names []string
	rules map[string]*rule
}

func newTree() *ruleTree { return &ruleTree{rules: map[string]*rule{}} }

// ParseProjection parses a find projection; ParseProject parses a $project stage.
func ParseProjection(spec bson.D, env Env) (*Projection, error) {
	return parseProjection(spec, env, true)
}

// Fields returns the top-level fields that the projection reads; nil means it may be any.
func (p *Projection) Fields() map[string]bool {
	if p.exclude {
		return nil
	}
	names := map[string]bool{}
	for name, r := range p.tree.rules {
		if r.computes() {
			return nil
		}
		names[name] = true
	}
	return names
}

// computes reports whether the rule or one inside it has an expression.
func (r *rule) computes() bool {
	if r.compute != nil {
		return true
	}
	if r.tree != nil {
		for _, inner := range r.tree.rules {
			if inner.computes() {
				return true
			}
		}
	}
	return false
}

type projectionParser struct {
	env     Env
	find    bool
	decided bool
	exclude bool
	id      string // "", "in", "out"
}

func parseProjection(spec bson.D, env Env, find bool) (*Projection, error) {
	if env.work == nil { // one budget for all documents
		env.work = new(budget)
	}
	p := &projectionParser{env: env, find: find}
	tree := newTree()
	for _, e := range spec {
		if err := p.field(tree, strings.Split(e.Key, "."), e.Key, e.Value); err != nil {
			return nil, err
		}
	}
	if !p.decided {
		p.exclude = p.id != "in"
	}
	out := &Projection{exclude: p.exclude, tree: tree, env: env}
	if p.exclude {
		if p.id == "out" {
			tree.put("_id", &rule{keep: true})
		}
	} else if r := tree.rules["_id"]; r == nil && p.id != "out" {
		tree.put("_id", &rule{keep: true})
	}
	return out, nil
}

func (t *ruleTree) put(name string, r *rule) {
	if t.rules[name] == nil {
		t.names = append(t.names, name)
	}
	t.rules[name] = r
}

// field parses one entry: path is the part of full below tree.
func (p *projectionParser) field(tree *ruleTree, path []string, full string, v any) error {
	if path[0] == "" || strings.HasPrefix(path[0], "$") && !(p.find && path[0] == "$") {
		return Errorf(16410, "FieldPath field names may not start with '$' or be empty: '%s'", full)
	}
	if len(path) == 2 && path[1] == "$" && p.find {
		if err := p.decide(false, full); err != nil {
			return err
		}
		return p.add(tree, path[0], full, &rule{keep: true, positional: true})
	}
	if len(path) > 1 {
		inner, err := p.inside(tree, path[0], full)
		if err != nil {
			return err
		}
		return p.field(inner, path[1:], full, v)
	}
	if d, is := v.(bson.D); is && (len(d) == 0 || !strings.HasPrefix(d[0].Key, "$")) {
		if len(d) == 0 {
			return Errorf(51270, "An empty sub-projection is not a valid value. Found empty object at path %s", full)
		}
		inner, err := p.inside(tree, path[0], full)
		if err != nil {
			return err
		}
		for _, e := range d {
			if err := p.field(inner, strings.Split(e.Key, "."), full+"."+e.Key, e.Value); err != nil {
				return err
			}
		}
		return nil
	}
	r, err := p.rule(full, v)
	if err != nil || r == nil {
		return err
	}
	return p.add(tree, path[0], full, r)
}

func (p *projectionParser) inside(tree *ruleTree, name, full string) (*ruleTree, error) {
	r := tree.rules[name]
	if r == nil {
		r = &rule{tree: newTree()}
		tree.put(name, r)
	}
	if r.tree == nil {
		return nil, Errorf(31249, "Path collision at %s", full)
	}
	return r.tree, nil
}

func (p *projectionParser) add(tree *ruleTree, name, full string, r *rule) error {
	if tree.rules[name] != nil {
		return Errorf(31250, "Path collision at %s", full)
	}
	tree.put(name, r)
	return nil
}

// decide sets the projection to inclusion or exclusion, and rejects a mix of both.
func (p *projectionParser) decide(exclude bool, full string) error {
	if p.decided && p.exclude != exclude {
		if exclude {
			return Errorf(31254, "Cannot do exclusion on field %s in inclusion projection", full)
		}
		return Errorf(31253, "Cannot do inclusion on field %s in exclusion projection", full)
	}
	p.decided, p.exclude = true, exclude
	return nil
}

func (p *projectionParser) rule(full string, v any) (*rule, error) {
	_, isBool := v.(bool)
	if isBool || isNumber(v) {
		on := truthy(v)
		if full == "_id" {
			p.id = "out"
			if on {
				p.id = "in"
			}
			return nil, nil
		}
		return &rule{keep: true}, p.decide(!on, full)
	}
	if d, is := v.(bson.D); is && p.find {
		switch d[0].Key {
		case "$slice":
			if a, is := d[0].Value.(bson.A); is && len(a) > 0 && !isNumber(a[0]) {
				break // an expression that reads an array
			}
			s, err := parseSlice(d[0].Value)
			return &rule{keep: true, slice: s}, err
		case "$elemMatch":
			if err := p.decide(false, full); err != nil {
				return nil, err
			}
			n, err := (&filterParser{env: p.env, fields: map[string]bool{}}).elemMatch(nil, d[0].Value)
			return &rule{keep: true, elemMatch: n}, err
		case "$meta":
			return nil, Errorf(BadValue, "$meta is not supported by the embedded database")
		}
	}
	compute, err := parseExpression(v, p.env)
	if err != nil {
		return nil, err
	}
	return &rule{compute: compute}, p.decide(false, full)
}

// sliceRule is { $slice: limit } or { $slice: [skip, limit] }.
type sliceRule struct{ skip, limit int64 }

func parseSlice(v any) (*sliceRule, error) {
	if a, is := v.(bson.A); is {
		if len(a) != 2 {
			return nil, Errorf(28724, "First argument to $slice must be an array or [skip, limit]")
		}
		skip, ok := truncate(a[0])
		limit, okLimit := truncate(a[1])
		if !isNumber(a[0]) || !isNumber(a[1]) || !ok || !okLimit || limit <= 0 {
			return nil, Errorf(28729, "Third argument to $slice must be positive: %s", Format(v))
		}
		return &sliceRule{skip, limit}, nil
	}
	n, ok := truncate(v)
	if !isNumber(v) || !ok {
		return nil, Errorf(28667, "Invalid $slice syntax. The given syntax { $slice: %s } did not match the find() syntax",
			Format(v))
	}
	if n < 0 {
		return &sliceRule{n, 1 << 40}, nil
	}
	return &sliceRule{0, n}, nil
}

func (s sliceRule) of(a bson.A) bson.A {
	from := clampIndex(s.skip, len(a))
	return a[from : from+int(min(s.limit, int64(len(a)-from)))]
}
