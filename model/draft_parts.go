package model

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SetParts is Set by the smallest edits: of an object or array that replaces another, those of the fields that differ.
// So a change of another field in it is no conflict. Where such edits would not result in exactly this value, because
// the order of keys or the number of items differs, the value is set as a whole.
func (d *Draft) SetParts(p Path, v bson.RawValue) error {
	old, existed := p.Lookup(d.base)
	isInside := func(e Edit) bool { return len(e.Path) < len(p) && p.Within(e.Path) }
	if !existed || !isContainer(v) || old.Type != v.Type || !wellFormed(v) || slices.ContainsFunc(d.edits, isInside) {
		return d.Set(p, v)
	}
	c := editCollector{protected: []Path{{"_id"}, d.owner.path()}, byName: d.canUpdateByName()}
	parts := d.Clone()
	parts.Revert(p)
	if err := c.value(old, v, p); err != nil {
		return d.Set(p, v)
	}
	for _, e := range c.edits {
		if err := parts.addEdit(e); err != nil {
			return d.Set(p, v)
		}
	}
	if result, ok := parts.Lookup(p); !ok || !Identical(result, v) {
		return d.Set(p, v)
	}
	d.edits = parts.edits
	return nil
}
