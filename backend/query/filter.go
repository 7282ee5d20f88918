package query

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Filter is a parsed query filter, reusable for many documents.
type Filter struct {
	root       node
	predicates []Predicate
	fields     map[string]bool // top-level fields that the filter reads; nil for all
	onlyEqual  bool
	stored     []storedTest // the whole filter, for MatchStored; nil if it needs decoded values
}

// Predicate is a condition that a matching document always meets, for use by an index. Op is "$eq", "$gt", "$gte",
// "$lt", "$lte", "$in", "$regex" (Value is then the literal prefix) or "$exists".
type Predicate struct {
	Path  string
	Op    string
	Value any
}

// Env provides the external inputs of expressions and stages: the time for $$NOW, let variables, and the documents of
// another collection for $lookup and $unionWith.
type Env struct {
	Now        bson.DateTime
	Vars       map[string]any
	Collection func(name string, filter bson.D) Documents
	work       *budget // budget of the enclosing pipeline; nil outside a pipeline
}

// ParseFilter parses a filter; env is used by $expr. An invalid filter returns MongoDB's error.
func ParseFilter(filter bson.D, env Env) (*Filter, error) {
	p := &filterParser{env: env, fields: map[string]bool{}}
	root, err := p.document(filter, true)
	if err != nil {
		return nil, err
	}
	f := &Filter{root: root, predicates: p.predicates, fields: p.fields, onlyEqual: onlyEqual(filter),
		stored: storedTests(filter)}
	if p.whole {
		f.fields = nil
	}
	return f, nil
}

// Match reports whether a document satisfies the filter.
func (f *Filter) Match(doc bson.D) bool { return f.root.match(doc, nil) }

// MatchAt is Match that also returns the array index for the positional $ operator: the index of the element that made
// the filter match, -1 if the match did not pass through an array.
func (f *Filter) MatchAt(doc bson.D) (ok bool, at int) {
	p := position(-1)
	ok = f.root.match(doc, &p)
	return ok, int(p)
}

// Fields returns the top-level fields that the filter reads; nil means it may read any.
func (f *Filter) Fields() map[string]bool { return f.fields }

// Predicates returns conditions that are necessary, not sufficient, for a match; used to choose an index.
func (f *Filter) Predicates() []Predicate { return f.predicates }

// OnlyEqual reports whether the filter consists of fields with one value each, so that Predicates says all of it.
func (f *Filter) OnlyEqual() bool { return f.onlyEqual }

func onlyEqual(filter bson.D) bool {
	for _, e := range filter {
		switch v := e.Value.(type) {
		case bson.Regex:
			return false
		case bson.D:
			if isOperators(v) {
				return false
			}
		}
		if strings.HasPrefix(e.Key, "$") {
			return false
		}
	}
	return true
}

// All reports whether the filter matches every document.
func (f *Filter) All() bool { a, is := f.root.(allOf); return is && len(a) == 0 }

// position is the array index that a match passed through; negative if none.
type position int

func (p *position) set(at int) {
	if p != nil && at >= 0 {
		*p = position(at)
	}
}

// node is a part of a filter; v is a document, or an array element inside $elemMatch.
type node interface {
	match(v any, at *position) bool
}

type allOf []node

func (n allOf) match(v any, at *position) bool {
	if d, is := v.(bson.D); is && len(n) > searchedFields && len(d) > searchedFields {
		return n.matchFields(d, at)
	}
	for _, child := range n {
		if !child.match(v, at) {
			return false
		}
	}
	return true
}

// matchFields is match for many conditions on a document of many fields: a condition on one field gets this field only.
func (n allOf) matchFields(d bson.D, at *position) bool {
	fields := NewFieldFinder(d)
	for _, child := range n {
		of := d
		if name, one := onlyField(child); one {
			of = bson.D{}
			if v, exists := fields.GetStored(name); exists {
				of = bson.D{{Key: name, Value: v}}
			}
		}
		if !child.match(of, at) {
			return false
		}
	}
	return true
}

// onlyField returns the one top-level field that a condition reads; ok is false if it may read others.
func onlyField(n node) (name string, ok bool) {
	switch x := n.(type) {
	case leaf:
		if len(x.path) > 0 {
			return x.path[0], true
		}
	case notNode:
		return onlyField(x.child)
	case allOf:
		for i, child := range x {
			inner, one := onlyField(child)
			if !one || i > 0 && inner != name {
				return "", false
			}
			name = inner
		}
		return name, len(x) > 0
	}
	return "", false
}

type anyNode []node

func (n anyNode) match(v any, at *position) bool {
	for _, child := range n {
		if child.match(v, at) {
			return true
		}
	}
	return false
}

type notNode struct{ child node }

func (n notNode) match(v any, _ *position) bool { return !n.child.match(v, nil) }

// leaf tests the values at a path; whole tests an array as one value.
type leaf struct {
	path  []string
	whole bool
	test  func(v any) bool
}

func (n leaf) match(v any, at *position) bool {
	if len(n.path) == 0 {
		return n.test(v)
	}
	return walk(v, n.path, -1, n.whole, func(v any, i int) bool {
		if !n.test(v) {
			return false
		}
		at.set(i)
		return true
	})
}

type filterParser struct {
	env        Env
	predicates []Predicate
	fields     map[string]bool
	whole      bool
	depth      int
}

// document parses a query document; must reports that its conditions are all necessary for a match.
func (p *filterParser) document(filter bson.D, must bool) (node, error) {
	if p.depth++; p.depth > 2*maxDepth {
		return nil, Errorf(BadValue, "exceeded maximum query tree depth of %d", maxDepth)
	}
	defer func() { p.depth-- }()
	nodes := allOf{}
	for _, e := range filter {
		n, err := p.element(e, must)
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return nodes, nil
}

func (p *filterParser) element(e bson.E, must bool) (node, error) {
	if strings.HasPrefix(e.Key, "$") {
		return p.topLevel(e, must)
	}
	top, _, _ := strings.Cut(e.Key, ".")
	p.fields[top] = true
	path := strings.Split(e.Key, ".")
	if r, is := e.Value.(bson.Regex); is {
		return p.regex(path, r, must)
	}
	if d, is := e.Value.(bson.D); is && isOperators(d) {
		return p.operators(path, d, must)
	}
	return p.equal(path, e.Value, must)
}

// isOperators distinguishes { $gt: 1 } from a document to compare with; a DBRef is the latter.
func isOperators(d bson.D) bool {
	if len(d) == 0 || !strings.HasPrefix(d[0].Key, "$") {
		return false
	}
	return d[0].Key != "$ref" && d[0].Key != "$id" && d[0].Key != "$db"
}

func (p *filterParser) topLevel(e bson.E, must bool) (node, error) {
	switch e.Key {
	case "$and":
		nodes, err := p.list(e, must)
		return allOf(nodes), err
	case "$or":
		a, _ := e.Value.(bson.A)
		nodes, err := p.list(e, must && len(a) == 1)
		return anyNode(nodes), err
	case "$nor":
		nodes, err := p.list(e, false)
		return notNode{anyNode(nodes)}, err
	case "$comment":
		return nil, nil
	case "$expr":
		p.whole = true
		return parseExprNode(e.Value, p.env)
	case "$jsonSchema":
		p.whole = true
		return parseSchemaNode(e.Value)
	case "$where", "$text":
		return nil, Errorf(BadValue, "%s is not supported by the embedded database", e.Key)
	}
	return nil, Errorf(BadValue, "unknown top level operator: %s. If you have a field name that starts with a '$' "+
		"symbol, consider using $getField or $setField.", e.Key)
}

func (p *filterParser) list(e bson.E, must bool) ([]node, error) {
	a, is := e.Value.(bson.A)
	if !is {
		return nil, Errorf(BadValue, "%s must be an array", e.Key)
	}
	if len(a) == 0 {
		return nil, Errorf(BadValue, "$and/$or/$nor must be a nonempty array")
	}
	nodes := make([]node, 0, len(a))
	for _, item := range a {
		d, is := item.(bson.D)
		if !is {
			return nil, Errorf(BadValue, "$or/$and/$nor entries need to be full objects")
		}
		n, err := p.document(d, must)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (p *filterParser) note(path []string, op string, v any, must bool) {
	if must && len(path) > 0 {
		p.predicates = append(p.predicates, Predicate{Path: strings.Join(path, "."), Op: op, Value: v})
	}
}

func (p *filterParser) equal(path []string, v any, must bool) (node, error) {
	if _, is := v.(bson.Undefined); is {
		return nil, Errorf(BadValue, "cannot compare to undefined")
	}
	p.note(path, "$eq", v, must)
	return leaf{path: path, test: equalTest(v)}, nil
}

func equalTest(want any) func(v any) bool {
	if want == nil {
		return isNullish
	}
	return func(v any) bool { return !isMissing(v) && Compare(v, want) == 0 }
}

func (p *filterParser) regex(path []string, r bson.Regex, must bool) (node, error) {
	re, err := compileRegex(r.Pattern, r.Options)
	if err != nil {
		return nil, err
	}
	if prefix := literalPrefix(r); prefix != "" {
		p.note(path, "$regex", prefix, must)
	}
	return leaf{path: path, test: matchRegex(re, r)}, nil
}

// With returns a copy of e with additional let variables.
func (e Env) With(vars bson.D) Env {
	all := make(map[string]any, len(e.Vars)+len(vars))
	for k, v := range e.Vars {
		all[k] = v
	}
	for _, v := range vars {
		all[v.Key] = v.Value
	}
	e.Vars = all
	return e
}
