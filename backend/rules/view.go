package rules

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// View is the rules of a namespace for one caller. One goroutine uses it at a time.
type View struct {
	caller    Caller // with a cache of function results
	original  Caller // without
	name      string // "database.collection", for messages
	rules     *Namespace
	filters   []*Filter // those that apply to the caller
	deniesAll bool      // it is undetermined whether a filter applies, so nothing is visible
}

// ViewFor returns the view of a caller; name is "database.collection", for messages.
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

// DatabaseFilter returns a filter for the database that matches every document that the caller may see. If whole is
// true it matches no other document, and all are visible as a whole, so that the database can run the rest of a query.
// If none is true, no document is visible.
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

// rolesFilter matches for each role the documents to which no earlier role applies.
func (v *View) rolesFilter() (out databaseFilter, whole bool) {
	whole, earlier := true, matchAll
	var each []databaseFilter
	for _, r := range v.rules.Roles {
		applies := r.applyWhen.databaseFilter(&v.caller)
		matches := allOf(earlier, applies, r.readableFilter(&v.caller))
		if !matches.none {
			each = append(each, matches)
			whole = whole && r.readsWholeDocument()
		}
		earlier = allOf(earlier, applies.not())
		if earlier.none || r.applyWhen.callerOnly() && r.applyWhen.evaluate(&evalContext{caller: &v.caller}) == undetermined {
			break
		}
	}
	return anyOf(each...), whole
}

// readableFilter matches the documents of which the role permits reading a part.
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

// Role returns the first role that applies to a document; nil: none, or it is undetermined because a function failed.
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

// Visible returns the part of a document that the caller may see; ok is false if it is none. Filters are not applied
// here, see FilterProjections and DatabaseFilter.
func (v *View) Visible(doc bson.D) (visible bson.D, ok bool) {
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
	visible = make(bson.D, 0, len(doc))
	for _, e := range doc {
		if value, ok := visibleField(r.ruleFor(e.Key), document, e.Value, s); ok {
			visible = append(visible, bson.E{Key: e.Key, Value: value})
		}
	}
	return visible, len(visible) > 0 || r.read.holds(s)
}

// visibleField returns the part of a field's value that the caller may see. The most specific permission applies.
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

// FilterProjections returns the projections of the filters that apply to the caller, in order.
func (v *View) FilterProjections() []bson.D {
	var out []bson.D
	for _, f := range v.filters {
		if len(f.projection) > 0 {
			out = append(out, f.projection)
		}
	}
	return out
}

// Fields returns the top-level fields that the rules read; whole is true if they read the whole document. A change is
// valid only while these fields are as they were when it was checked.
func (v *View) Fields() (names map[string]bool, whole bool) {
	names = map[string]bool{}
	for _, r := range v.rules.Roles {
		for _, e := range r.expressions() {
			whole = e.addFields(names) || whole
		}
	}
	for _, f := range v.filters {
		d, ok := f.expandQuery(&v.caller)
		parsed, err := query.ParseFilter(d, query.Env{})
		if !ok || err != nil || parsed.Fields() == nil {
			whole = true
			continue
		}
		for name := range parsed.Fields() {
			names[name] = true
		}
	}
	return names, whole
}
