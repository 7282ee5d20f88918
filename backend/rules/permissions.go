package rules

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// DeniedError reports which permission is missing.
type DeniedError struct {
	Operation string // "insert", "update" or "delete"
	Namespace string // "database.collection"
	Role      string // empty: no role applies
	Missing   string // what the role lacks, such as `no write permission for field "email"`
}

// Error returns the message for the client.
func (d *DeniedError) Error() string {
	if d.Role == "" {
		return fmt.Sprintf("%s not permitted: no role of %s applies to the document", d.Operation, d.Namespace)
	}
	return fmt.Sprintf("%s not permitted: role %q of %s has %s", d.Operation, d.Role, d.Namespace, d.Missing)
}

func (v *View) denied(operation string, r *Role, format string, args ...any) error {
	d := &DeniedError{Operation: operation, Namespace: v.name, Missing: fmt.Sprintf(format, args...)}
	if r != nil {
		d.Role = r.Name
	}
	return d
}

// CheckInsert returns an error unless the caller may insert a document. The role that applies to the new document needs
// the insert permission, and write permission for each field but _id.
func (v *View) CheckInsert(doc bson.D) error {
	const op = "insert"
	r := v.Role(doc)
	if r == nil {
		return v.denied(op, nil, "")
	}
	s := &evalContext{caller: &v.caller, root: doc}
	if !r.passesWriteFilter(s) {
		return v.denied(op, r, "a document_filters.write that excludes the document")
	}
	if !r.insert.holds(s) {
		return v.denied(op, r, "no insert permission")
	}
	for _, e := range doc {
		if e.Key == "_id" {
			continue
		}
		if field, ok := r.checkFieldChange(e.Key, absent{}, e.Value, s); !ok {
			return v.denied(op, r, "no write permission for field %q", field)
		}
	}
	return nil
}

// CheckDelete returns an error unless the caller may delete a document.
func (v *View) CheckDelete(doc bson.D) error {
	const op = "delete"
	r := v.Role(doc)
	if r == nil {
		return v.denied(op, nil, "")
	}
	s := &evalContext{caller: &v.caller, root: doc, prevRoot: doc}
	if !r.passesWriteFilter(s) {
		return v.denied(op, r, "a document_filters.write that excludes the document")
	}
	if !r.remove.holds(s) {
		return v.denied(op, r, "no delete permission")
	}
	return nil
}

// CheckUpdate returns an error unless the caller may change a document from before to after. Unchanged fields need no
// permission.
func (v *View) CheckUpdate(before, after bson.D) error {
	const op = "update"
	r := v.Role(before)
	if r == nil {
		return v.denied(op, nil, "")
	}
	s := &evalContext{caller: &v.caller, root: after, prevRoot: before}
	if !r.passesWriteFilter(&evalContext{caller: &v.caller, root: before, prevRoot: before}) || !r.passesWriteFilter(s) {
		return v.denied(op, r, "a document_filters.write that excludes the document")
	}
	old, changed := query.NewFieldFinder(before), query.NewFieldFinder(after)
	for _, name := range fieldNames(before, after) {
		pre, post := orAbsent(old.Get(name)), orAbsent(changed.Get(name))
		if f, ok := r.checkFieldChange(name, pre, post, s); !ok {
			return v.denied(op, r, "no write permission for field %q", f)
		}
	}
	return nil
}

// absent stands for a missing field.
type absent struct{}

func fieldOrAbsent(d bson.D, name string) any { return orAbsent(query.Get(d, name)) }

// orAbsent returns the value of a field, or absent if there is none.
func orAbsent(value any, exists bool) any {
	if !exists {
		return absent{}
	}
	return value
}

// fieldNames returns the fields of both documents without duplicates, in their order.
func fieldNames(docs ...bson.D) []string {
	seen := map[string]bool{}
	var out []string
	for _, d := range docs {
		for _, e := range d {
			if !seen[e.Key] {
				seen[e.Key] = true
				out = append(out, e.Key)
			}
		}
	}
	return out
}

// checkFieldChange reports whether a top-level field may change from one value to another; if not, path is the denied
// one.
func (r *Role) checkFieldChange(name string, pre, post any, s *evalContext) (path string, ok bool) {
	return checkChange(name, r.ruleFor(name), r.write, pre, post, s)
}

func checkChange(path string, f *fieldRule, outer *Expression, pre, post any, s *evalContext) (string, bool) {
	if isAbsent(pre) && isAbsent(post) || !isAbsent(pre) && !isAbsent(post) && query.Identical(pre, post) {
		return "", true
	}
	write := outer
	if f != nil && f.write != nil {
		write = f.write
	}
	if f == nil || len(f.fields) == 0 {
		return path, writeAllowed(write, pre, post, s)
	}
	before, isDoc := pre.(bson.D)
	after, staysDoc := post.(bson.D)
	if isDoc && staysDoc {
		old, changed := query.NewFieldFinder(before), query.NewFieldFinder(after)
		for _, name := range fieldNames(before, after) {
			at, ok := checkChange(path+"."+name, f.fields[name], write, orAbsent(old.Get(name)),
				orAbsent(changed.Get(name)), s)
			if !ok {
				return at, false
			}
		}
		return "", true
	}
	return checkWholeChange(path, f, write, pre, post, s)
}

// checkWholeChange is for a value with nested permissions that is added, removed or changed as a whole: it needs all of
// them.
func checkWholeChange(path string, f *fieldRule, write *Expression, pre, post any, s *evalContext) (string, bool) {
	if !writeAllowed(write, pre, post, s) {
		return path, false
	}
	for name, inner := range f.fields {
		w := inner.write
		if w == nil {
			w = write
		}
		if at, ok := checkWholeChange(path+"."+name, inner, w, subfield(pre, name), subfield(post, name), s); !ok {
			return at, false
		}
	}
	return "", true
}

func subfield(v any, name string) any {
	d, _ := v.(bson.D)
	return fieldOrAbsent(d, name)
}

func isAbsent(v any) bool { _, is := v.(absent); return is }

// writeAllowed evaluates a write permission on the document after the change and, unless it uses the document before
// the change, on that one as well.
func writeAllowed(e *Expression, pre, post any, s *evalContext) bool {
	here := *s
	here.this, here.prev = asCandidates(post), asCandidates(pre)
	if !e.holds(&here) {
		return false
	}
	if s.prevRoot == nil || e.uses(fromPrevRoot) || e.uses(fromPrev) {
		return true
	}
	here.root = s.prevRoot
	return e.holds(&here)
}

func asCandidates(v any) []any {
	if isAbsent(v) {
		return nil
	}
	return []any{v}
}
