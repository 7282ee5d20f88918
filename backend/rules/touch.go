package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MayTouch says why the caller may not try to change what is at a path of a document; nil: they may. An update that
// fails on a value, or leaves it as it is, tells what it is: whoever may not see a field needs to be allowed to write
// it even to try. Positions of array elements ($, $[], $[x], numbers) may stand in the path.
func (v *View) MayTouch(doc bson.D, path []string) error {
	r := v.Role(doc)
	if r == nil {
		return v.denied("update", nil, "")
	}
	hidden := v.hides(path)
	if r.wholeRead() && !hidden {
		return nil
	}
	t := toucher{scene: scene{caller: &v.caller, root: doc, prevRoot: doc}, hidden: hidden}
	if at, ok := t.touch(path[0], r.rule(path[0]), fieldRule{read: r.read, write: r.write}, field(doc, path[0]), path[1:]); !ok {
		return v.denied("update", r, "no write permission for field %q", at)
	}
	return nil
}

// MayReplace says why the caller may not try to put a whole document in the place of another; nil: they may. What a
// replacement leaves out goes away: every field that the role or a filter names needs to be one they see or write, whether
// it is there or not, so that the answer does not tell.
func (v *View) MayReplace(doc bson.D) error {
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
		if err := v.MayTouch(doc, []string{name}); err != nil {
			return err
		}
	}
	t := toucher{scene: scene{caller: &v.caller, root: doc, prevRoot: doc}, hidden: v.hides([]string{anyOther})}
	if _, ok := t.touch("", r.additional, fieldRule{read: r.read, write: r.write}, absent{}, nil); !ok && (t.hidden || !r.wholeRead()) {
		return v.denied("update", r, "no write permission for the fields that a replacement leaves out")
	}
	return nil
}

// anyOther stands for the fields that nobody named: no field is called that.
const anyOther = "\x00"

// hides tells whether a filter hides anything of what is at a path, whatever the document holds.
func (v *View) hides(path []string) bool {
	names := append([]string{path[0]}, slices.DeleteFunc(slices.Clone(path[1:]), mayBePosition)...)
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

type toucher struct {
	scene  scene
	hidden bool // by a filter: what the role lets the caller see does not count
}

func (t toucher) touch(at string, f *fieldRule, outer fieldRule, value any, rest []string) (string, bool) {
	if f == nil || len(f.fields) == 0 {
		return at, t.may(f.within(outer), value)
	}
	here := f.within(outer)
	for len(rest) > 0 && isPosition(rest[0], value, f) {
		value, rest = absent{}, rest[1:]
	}
	if len(rest) > 0 {
		return t.touch(at+"."+rest[0], f.fields[rest[0]], here, part(value, rest[0]), rest[1:])
	}
	if !t.may(here, value) {
		return at, false
	}
	for name, inner := range f.fields {
		if at, ok := t.touch(at+"."+name, inner, here, part(value, name), nil); !ok {
			return at, false
		}
	}
	return at, true
}

// within gives the permissions that count: a field's own before those around it.
func (f *fieldRule) within(outer fieldRule) fieldRule {
	if f != nil && f.read != nil {
		outer.read = f.read
	}
	if f != nil && f.write != nil {
		outer.write = f.write
	}
	return outer
}

func (t toucher) may(f fieldRule, value any) bool {
	here := t.scene
	here.this = present(value)
	return !t.hidden && f.read.holds(&here) || writes(f.write, value, value, &t.scene)
}

func isPosition(segment string, value any, f *fieldRule) bool {
	_, isDoc := value.(bson.D)
	return strings.HasPrefix(segment, "$") || mayBePosition(segment) && !isDoc && f.fields[segment] == nil
}

// mayBePosition tells a segment that can stand for an item of an array.
func mayBePosition(segment string) bool {
	_, err := strconv.Atoi(segment)
	return err == nil || strings.HasPrefix(segment, "$")
}
