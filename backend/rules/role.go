package rules

// Role is the permissions of a caller on the documents that it applies to.
type Role struct {
	Name      string
	applyWhen *Expression
	// filters restrict the documents that the permissions below apply to; nil: the role has no document_filters.
	filters *documentFilters
	// on the whole document; nil: not specified
	read, write, insert, remove *Expression
	fields                      map[string]*fieldRule
	additional                  *fieldRule // for fields that are not in fields; nil: the permissions on the document
}

type documentFilters struct{ read, write *Expression }

// fieldRule is the permissions on one field; nil: not specified.
type fieldRule struct {
	read, write *Expression
	fields      map[string]*fieldRule // inside an embedded document
}

// readsWholeDocument reports whether the role permits reading the whole document or nothing.
func (r *Role) readsWholeDocument() bool { return len(r.fields) == 0 && r.additional == nil }

// passesReadFilter evaluates the document filter of the role.
func (r *Role) passesReadFilter(s *evalContext) bool {
	return r.filters == nil || r.filters.read.holds(s)
}

func (r *Role) passesWriteFilter(s *evalContext) bool {
	return r.filters == nil || r.filters.write.holds(s)
}

// expressions returns every condition of the role.
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

// ruleFor returns the permissions on a top-level field: its own, or those of additional_fields.
func (r *Role) ruleFor(field string) *fieldRule {
	if f, ok := r.fields[field]; ok {
		return f
	}
	return r.additional
}
