package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

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
	if r.wholeRead() {
		return nil
	}
	t := toucher{scene: scene{caller: &v.caller, root: doc, prevRoot: doc}}
	if at, ok := t.touch(path[0], r.rule(path[0]), fieldRule{read: r.read, write: r.write}, field(doc, path[0]), path[1:]); !ok {
		return v.denied("update", r, "no write permission for field %q", at)
	}
	return nil
}

// MayReplace says why the caller may not try to put a whole document in the place of another; nil: they may. What a
// replacement leaves out goes away: every field that the role may have needs to be one they see or write, whether it is
// there or not, so that the answer does not tell.
func (v *View) MayReplace(doc bson.D) error {
	r := v.Role(doc)
	if r == nil {
		return v.denied("update", nil, "")
	}
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if err := v.MayTouch(doc, []string{name}); err != nil {
			return err
		}
	}
	t := toucher{scene: scene{caller: &v.caller, root: doc, prevRoot: doc}}
	if _, ok := t.touch("", r.additional, fieldRule{read: r.read, write: r.write}, absent{}, nil); !ok && !r.wholeRead() {
		return v.denied("update", r, "no write permission for the fields that a replacement leaves out")
	}
	return nil
}

type toucher struct{ scene scene }

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
	return f.read.holds(&here) || writes(f.write, value, value, &t.scene)
}

func isPosition(segment string, value any, f *fieldRule) bool {
	if strings.HasPrefix(segment, "$") {
		return true
	}
	_, err := strconv.Atoi(segment)
	_, isDoc := value.(bson.D)
	return err == nil && !isDoc && f.fields[segment] == nil
}
