package rules

import (
	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// View is a namespace as one caller may see and change it.
type View struct {
	caller    Caller // who remembers
	original  Caller // who does not
	name      string // "database.collection", for messages
	rules     *Namespace
	filters   []*Filter // those that apply to the caller
	deniesAll bool      // whether a filter applies is open: nothing is seen
}

// ViewFor binds the rules to a caller; name is "database.collection", for messages.
func (n *Namespace) ViewFor(c Caller, name string) *View {
	v := &View{caller: c, original: c, name: name, rules: n}
	v.caller.enableCache()
	for _, f := range n.Filters {
		switch f.applyWhen.evaluate(&evalContext{caller: &v.caller}) {
		case isTrue:
			v.filters = append(v.filters, f)
		case undetermined:
			v.deniesAll = true
		}
	}
	return v
}

// DatabaseFilter is a filter for the database that leaves out no document the caller may see. When whole is true it also lets
// no other in, and all of them may be seen whole, so that the database can do the rest of a query by itself. When
// none is true there are no such documents.
func (v *View) DatabaseFilter() (filter bson.D, whole, none bool) {
	if v.deniesAll {
		return bson.D{}, true, true
	}
	q, whole := v.rolesFilter()
	parts := []databaseFilter{q}
	for _, f := range v.filters {
		d, ok := f.expandQuery(&v.caller)
		if !ok {
			return bson.D{}, true, true
		}
		if len(d) > 0 {
			parts = append(parts, databaseFilter{filter: d, exact: true})
		}
		whole = whole && len(f.projection) == 0
	}
	all := allOf(parts...)
	return append(bson.D{}, all.filter...), whole && all.exact, all.none
}

// rolesFilter asks for the documents of each role that are not an earlier one's.
func (v *View) rolesFilter() (out databaseFilter, whole bool) {
	whole, earlier := true, matchAll
	var each []databaseFilter
	for _, r := range v.rules.Roles {
		applies := r.applyWhen.databaseFilter(&v.caller)
		mine := allOf(earlier, applies, r.readableFilter(&v.caller))
		if !mine.none {
			each = append(each, mine)
			whole = whole && r.readsWholeDocument()
		}
		earlier = allOf(earlier, applies.not())
		if earlier.none || r.applyWhen.callerOnly() && r.applyWhen.evaluate(&evalContext{caller: &v.caller}) == undetermined {
			break
		}
	}
	return anyOf(each...), whole
}

// readableFilter asks for the documents of which the role shows anything.
func (r *Role) readableFilter(c *Caller) databaseFilter {
	q := matchAll
	if r.filters != nil {
		q = r.filters.read.databaseFilter(c)
	}
	if r.readsWholeDocument() {
		return allOf(q, r.read.databaseFilter(c))
	}
	return q
}

// Role is the first role that applies to a document; nil: none does, or a function failed that decides whether one does.
func (v *View) Role(doc bson.D) *Role {
	s := &evalContext{caller: &v.caller, root: doc}
	for _, r := range v.rules.Roles {
		switch r.applyWhen.evaluate(s) {
		case isTrue:
			return r
		case undetermined:
			return nil
		}
	}
	return nil
}

// Visible gives of a document what the caller may see; ok is false where that is nothing. Filters have their say only
// through FilterProjections and Query.
func (v *View) Visible(doc bson.D) (seen bson.D, ok bool) {
	r := v.Role(doc)
	if r == nil {
		return nil, false
	}
	s := &evalContext{caller: &v.caller, root: doc}
	if !r.passesReadFilter(s) {
		return nil, false
	}
	if r.readsWholeDocument() {
		return doc, r.read.holds(s)
	}
	document := &fieldRule{read: r.read}
	seen = make(bson.D, 0, len(doc))
	for _, e := range doc {
		if value, ok := visibleField(r.ruleFor(e.Key), document, e.Value, s); ok {
			seen = append(seen, bson.E{Key: e.Key, Value: value})
		}
	}
	return seen, len(seen) > 0 || r.read.holds(s)
}

// visibleField gives of a field's value what may be seen. The nearest permission that is given counts.
func visibleField(f, outer *fieldRule, value any, s *evalContext) (any, bool) {
	read := outer.read
	if f != nil && f.read != nil {
		read = f.read
	}
	here := *s
	here.this = []any{value}
	if f == nil || len(f.fields) == 0 {
		return value, read.holds(&here)
	}
	inside := &fieldRule{read: read}
	switch x := value.(type) {
	case bson.D:
		out := make(bson.D, 0, len(x))
		for _, e := range x {
			if inner, ok := visibleField(f.fields[e.Key], inside, e.Value, s); ok {
				out = append(out, bson.E{Key: e.Key, Value: inner})
			}
		}
		return out, len(out) > 0 || read.holds(&here)
	case bson.A:
		out := make(bson.A, 0, len(x))
		for _, item := range x {
			if inner, ok := visibleField(f, outer, item, s); ok {
				out = append(out, inner)
			}
		}
		return out, len(out) > 0 || read.holds(&here)
	}
	return value, read.holds(&here)
}

// FilterProjections are the projections of the filters that apply to the caller, in order.
func (v *View) FilterProjections() []bson.D {
	var out []bson.D
	for _, f := range v.filters {
		if len(f.projection) > 0 {
			out = append(out, f.projection)
		}
	}
	return out
}

// Fields are the top-level fields that the rules look at; whole is true when they look at the document as a whole.
// Whoever checks a change and then makes it has to make sure that these are still as they were.
func (v *View) Fields() (names map[string]bool, whole bool) {
	names = map[string]bool{}
	for _, r := range v.rules.Roles {
		for _, e := range r.expressions() {
			whole = e.addFields(names) || whole
		}
	}
	for _, f := range v.filters {
		d, ok := f.expandQuery(&v.caller)
		asked, err := query.ParseFilter(d, query.Env{})
		if !ok || err != nil || asked.Fields() == nil {
			whole = true
			continue
		}
		for name := range asked.Fields() {
			names[name] = true
		}
	}
	return names, whole
}

// identical tells whether two values are the same to the last byte: 1 and 1.0 are not.
func identical(a, b any) bool {
	x, err1 := query.Encode(bson.D{{Key: "v", Value: a}})
	y, err2 := query.Encode(bson.D{{Key: "v", Value: b}})
	return err1 == nil && err2 == nil && string(x) == string(y)
}
