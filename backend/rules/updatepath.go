package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// CheckUpdatePath says why the caller may not try to change what is at a path of a document; nil: they may. An update that
// fails on a value, or leaves it as it is, tells what it is: whoever may not see a field needs to be allowed to write
// it even to try. Positions of array elements ($, $[], $[x], numbers) may stand in the path.
func (v *View) CheckUpdatePath(doc bson.D, path []string) error {
	r := v.Role(doc)
	if r == nil {
		return v.denied("update", nil, "")
	}
	hidden := v.filtersHide(path)
	if r.readsWholeDocument() && !hidden {
		return nil
	}
	t := updatePathCheck{scene: evalContext{caller: &v.caller, root: doc, prevRoot: doc}, hidden: hidden}
	if at, ok := t.check(path[0], r.ruleFor(path[0]), fieldRule{read: r.read, write: r.write}, fieldOrAbsent(doc, path[0]), path[1:]); !ok {
		return v.denied("update", r, "no write permission for field %q", at)
	}
	return nil
}

// CheckReplace says why the caller may not try to put a whole document in the place of another; nil: they may. What a
// replacement leaves out goes away: every field that the role or a filter names needs to be one they see or write, whether
// it is there or not, so that the answer does not tell.
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
	t := updatePathCheck{scene: evalContext{caller: &v.caller, root: doc, prevRoot: doc}, hidden: v.filtersHide([]string{otherField})}
	if _, ok := t.check("", r.additional, fieldRule{read: r.read, write: r.write}, absent{}, nil); !ok && (t.hidden || !r.readsWholeDocument()) {
		return v.denied("update", r, "no write permission for the fields that a replacement leaves out")
	}
	return nil
}

// otherField stands for the fields that nobody named: no field is called that.
const otherField = "\x00"

// filtersHide tells whether a filter hides anything of what is at a path, whatever the document holds.
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
	scene  evalContext
	hidden bool // by a filter: what the role lets the caller see does not count
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

// inherit gives the permissions that count: a field's own before those around it.
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
	here := t.scene
	here.this = asCandidates(value)
	return !t.hidden && f.read.holds(&here) || writeAllowed(f.write, value, value, &t.scene)
}

func isArrayPosition(segment string, value any, f *fieldRule) bool {
	_, isDoc := value.(bson.D)
	return strings.HasPrefix(segment, "$") || maybeArrayPosition(segment) && !isDoc && f.fields[segment] == nil
}

// maybeArrayPosition tells a segment that can stand for an item of an array.
func maybeArrayPosition(segment string) bool {
	_, err := strconv.Atoi(segment)
	return err == nil || strings.HasPrefix(segment, "$")
}
