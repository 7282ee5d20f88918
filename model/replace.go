package model

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Replace replaces the edits by the smallest set that turns the base into doc. `_id` and the user id field must be
// unchanged; for a new document `_id` must be absent, because the database assigns it, and the user id may be omitted.
// A different order of keys is not a change.
func (d *Draft) Replace(doc bson.Raw) error {
	if err := wellFramed(doc); err != nil {
		return InvalidInputf("", "%v", err)
	}
	if err := d.checkIDsUnchanged(doc); err != nil {
		return err
	}
	c := editCollector{protected: []Path{{"_id"}, d.owner.path()}}
	if err := c.object(objectValue(d.base), objectValue(doc), nil); err != nil {
		return err
	}
	for _, e := range c.edits {
		if field := firstUnencodable(e.Path, e.Value); !e.Unset && field != nil {
			return fieldError(field, "extended JSON cannot represent this value")
		}
	}
	d.edits = c.edits
	return nil
}

func objectValue(doc bson.Raw) bson.RawValue {
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
}

// checkIDsUnchanged returns an error when the `_id` or the user id differs from the base.
func (d *Draft) checkIDsUnchanged(doc bson.Raw) error {
	id, userID := Path{"_id"}, d.owner.path()
	was, _ := id.Lookup(d.base)
	if is, _ := id.Lookup(doc); !Identical(was, is) {
		return fieldError(id, "it cannot be changed, because it identifies the document")
	}
	old, existed := userID.Lookup(d.base)
	if len(d.base) == 0 {
		old, existed = d.owner.UserID, true
	}
	now, present := userID.Lookup(doc)
	if len(d.base) == 0 && !present {
		return nil
	}
	if existed != present || !Identical(old, now) {
		return fieldError(userID, "it cannot be changed, because it identifies the user the document belongs to")
	}
	return nil
}

// errSetWhole reports that a value cannot be edited field by field.
var errSetWhole = errors.New("set the value as a whole")

// editCollector collects the smallest set of edits from one value to another.
type editCollector struct {
	protected []Path
	edits     []Edit
}

// value appends the edits that turn the value of a field into another.
func (c *editCollector) value(old, now bson.RawValue, at Path) error {
	if Identical(old, now) {
		return nil
	}
	if old.Type == now.Type && isContainer(old) && len(at) < maxDepth {
		before := len(c.edits)
		var err error
		if old.Type == bson.TypeArray {
			err = c.array(old, now, at)
		} else {
			err = c.object(old, now, at)
		}
		if !errors.Is(err, errSetWhole) {
			return err
		}
		c.edits = c.edits[:before]
	}
	c.edits = append(c.edits, Edit{Path: at, Value: now})
	return nil
}

func (c *editCollector) array(old, now bson.RawValue, at Path) error {
	a, okA := fieldsOf(old)
	b, okB := fieldsOf(now)
	if !okA || !okB || len(a.list) != len(b.list) {
		return errSetWhole
	}
	for i := range a.list {
		if err := c.value(a.list[i].value, b.list[i].value, at.Child(b.list[i].key)); err != nil {
			return err
		}
	}
	return nil
}

func (c *editCollector) object(old, now bson.RawValue, at Path) error {
	a, okA := fieldsOf(old)
	b, okB := fieldsOf(now)
	if !okA || !okB {
		if at == nil {
			return InvalidInputf("", "the document is malformed or has a duplicate key at the top level, so its fields cannot "+
				"be updated")
		}
		return errSetWhole
	}
	for _, f := range mergeFieldOrder(a, b) {
		p := at.Child(f.key)
		old, existed := a.find(f.key)
		now, present := b.find(f.key)
		if existed == present && Identical(old, now) || c.isProtected(p) {
			continue
		}
		if reason := unnameableReason(f.key); reason != "" {
			if at == nil {
				return fieldError(p, "an update cannot address the key %q: it %s", f.key, reason)
			}
			return errSetWhole
		}
		switch {
		case !present:
			c.edits = append(c.edits, Edit{Path: p, Unset: true})
		case !existed:
			c.edits = append(c.edits, Edit{Path: p, Value: now})
		default:
			if err := c.value(old, now, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *editCollector) isProtected(p Path) bool {
	for _, id := range c.protected {
		if p.Equal(id) {
			return true
		}
	}
	return false
}
