package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// CheckUpdatePath returns an error unless the caller may try to change what is at a path of a document. An update that
// fails on a value, or leaves it unchanged, reveals the value: without read permission the caller needs write
// permission even to try. The path may contain positions of array items ($, $[], $[x], numbers).
func (v *View) CheckUpdatePath(doc bson.D, path []string) error {
	r := v.Role(doc)
	if r == nil {
		return v.denied("update", nil, "")
	}
	hidden := v.filtersHide(path)
	if r.readsWholeDocument() && !hidden {
		return nil
	}
	t := updatePathCheck{eval: evalContext{caller: &v.caller, root: doc, prevRoot: doc}, hidden: hidden}
	if at, ok := t.check(path[0], r.ruleFor(path[0]), fieldRule{read: r.read, write: r.write}, fieldOrAbsent(doc, path[0]),
		path[1:]); !ok {
		return v.denied("update", r, "no write permission for field %q", at)
	}
	return nil
}

// CheckReplace returns an error unless the caller may try to replace a document. A replacement removes the fields that
// it leaves out: the caller needs read or write permission on every field that the role or a filter names, whether or
// not it exists, so that the response does not reveal that.
func (v *View) CheckReplace(doc bson.D) error {
	r := v.Role(doc)
	if r == nil {
		return v.denied("update", nil, "")
	}
	named := slices.Collect(maps.Keys(r.fields))
	for _, spec := range v.FilterProjections() {
		for _, e := range spec {
			if name, _, _ := strings.Cut(e.Key, "."); name != "_id" { // a replacement keeps it
				named = append(named, name)
			}
		}
	}
	slices.Sort(named)
	for _, name := range named {
		if err := v.CheckUpdatePath(doc, []string{name}); err != nil {
			return err
		}
	}
	t := updatePathCheck{eval: evalContext{caller: &v.caller, root: doc, prevRoot: doc},
		hidden: v.filtersHide([]string{otherField})}
	if _, ok := t.check("", r.additional, fieldRule{read: r.read, write: r.write}, absent{}, nil); !ok &&
		(t.hidden || !r.readsWholeDocument()) {
		return v.denied("update", r, "no write permission for the fields that the replacement removes")
	}
	return nil
}

// otherField stands for all fields that neither role nor filter names; no field has this name.
const otherField = "\x00"

// filtersHide reports whether a filter hides part of what is at a path, whatever the document contains.
func (v *View) filtersHide(path []string) bool {
	names := append([]string{path[0]}, slices.DeleteFunc(slices.Clone(path[1:]), maybeArrayPosition)...)
	var probe any = true
	for _, name := range slices.Backward(names) {
		probe = bson.D{{Key: name, Value: probe}}
	}
	for _, spec := range v.FilterProjections() {
		p, err := query.ParseProjection(spec, query.Env{})
		if err != nil {
			return true
		}
		shown, err := p.Apply(probe.(bson.D), -1)
		if err != nil || len(lookup(shown, names)) == 0 || slices.ContainsFunc(spec, func(e bson.E) bool {
			_, inside := e.Value.(bson.D)
			return inside || strings.HasPrefix(e.Key, strings.Join(names, ".")+".")
		}) {
			return true
		}
	}
	return false
}

type updatePathCheck struct {
	eval   evalContext
	hidden bool // by a filter: the read permission of the role does not count
}

func (t updatePathCheck) check(at string, f *fieldRule, outer fieldRule, value any, rest []string) (string, bool) {
	if f == nil || len(f.fields) == 0 {
		return at, t.allowed(f.inherit(outer), value)
	}
	here := f.inherit(outer)
	for len(rest) > 0 && isArrayPosition(rest[0], value, f) {
		value, rest = absent{}, rest[1:]
	}
	if len(rest) > 0 {
		return t.check(at+"."+rest[0], f.fields[rest[0]], here, subfield(value, rest[0]), rest[1:])
	}
	if !t.allowed(here, value) {
		return at, false
	}
	for name, inner := range f.fields {
		if at, ok := t.check(at+"."+name, inner, here, subfield(value, name), nil); !ok {
			return at, false
		}
	}
	return at, true
}

// inherit returns the permissions that apply: the field's own before those of the enclosing field.
func (f *fieldRule) inherit(outer fieldRule) fieldRule {
	if f != nil && f.read != nil {
		outer.read = f.read
	}
	if f != nil && f.write != nil {
		outer.write = f.write
	}
	return outer
}

func (t updatePathCheck) allowed(f fieldRule, value any) bool {
	here := t.eval
	here.this = asCandidates(value)
	return !t.hidden && f.read.holds(&here) || writeAllowed(f.write, value, value, &t.eval)
}

func isArrayPosition(segment string, value any, f *fieldRule) bool {
	_, isDoc := value.(bson.D)
	return strings.HasPrefix(segment, "$") || maybeArrayPosition(segment) && !isDoc && f.fields[segment] == nil
}

// maybeArrayPosition reports whether a segment can be the position of an array item.
func maybeArrayPosition(segment string) bool {
	_, err := strconv.Atoi(segment)
	return err == nil || strings.HasPrefix(segment, "$")
}
