package rules

// Role is what a caller may do with the documents it applies to.
type Role struct {
	Name      string
	applyWhen *Expression
	// filters narrow what the permissions below are asked about; nil where the role gives no document_filters.
	filters *documentFilters
	// of the document as a whole; nil: not given
	read, write, insert, remove *Expression
	fields                      map[string]*fieldRule
	additional                  *fieldRule // every field not in fields; nil: the document's own permission
}

type documentFilters struct{ read, write *Expression }

// fieldRule is the permissions on one field; a part that is nil is not given.
type fieldRule struct {
	read, write *Expression
	fields      map[string]*fieldRule // inside an embedded document
}

// readsWholeDocument tells that the role shows a document whole or not at all.
func (r *Role) readsWholeDocument() bool { return len(r.fields) == 0 && r.additional == nil }

// passesReadFilter puts the role's own document filter.
func (r *Role) passesReadFilter(s *evalContext) bool {
	return r.filters == nil || r.filters.read.holds(s)
}

func (r *Role) passesWriteFilter(s *evalContext) bool {
	return r.filters == nil || r.filters.write.holds(s)
}

// expressions gives every condition of the role.
func (r *Role) expressions() []*Expression {
	out := []*Expression{r.applyWhen, r.read, r.write, r.insert, r.remove}
	if r.filters != nil {
		out = append(out, r.filters.read, r.filters.write)
	}
	if r.additional != nil {
		out = append(out, r.additional.expressions()...)
	}
	for _, f := range r.fields {
		out = append(out, f.expressions()...)
	}
	return out
}

func (f *fieldRule) expressions() []*Expression {
	out := []*Expression{f.read, f.write}
	for _, inner := range f.fields {
		out = append(out, inner.expressions()...)
	}
	return out
}

// ruleFor gives the permissions on a top-level field: its own, else the additional ones, else none are given.
func (r *Role) ruleFor(field string) *fieldRule {
	if f, ok := r.fields[field]; ok {
		return f
	}
	return r.additional
}
