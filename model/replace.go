package model

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Replace wants the document to be exactly this, but for `_id` and the user id field, which must be as they were; it becomes the fewest edits.
// Where there is no document yet, `_id` is the database's to give and the user id may be left out. The order of keys is no change.
func (d *Draft) Replace(doc bson.Raw) error {
	if err := wellFramed(doc); err != nil {
		return InvalidInputf("", "%v", err)
	}
	if err := d.sameIDs(doc); err != nil {
		return err
	}
	c := comparison{protected: []Path{{"_id"}, d.owner.path()}}
	if err := c.object(objectOf(d.base), objectOf(doc), nil); err != nil {
		return err
	}
	for _, e := range c.edits {
		if odd := uncarriableIn(e.Path, e.Value); !e.Unset && odd != nil {
			return refuseField(odd, "extended JSON cannot carry this value")
		}
	}
	d.edits = c.edits
	return nil
}

func objectOf(doc bson.Raw) bson.RawValue {
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
}

// sameIDs refuses a document whose `_id` or user id is not as it was.
func (d *Draft) sameIDs(doc bson.Raw) error {
	id, wanted := Path{"_id"}, d.owner.path()
	was, _ := id.Lookup(d.base)
	if is, _ := id.Lookup(doc); !Identical(was, is) {
		return refuseField(id, "it never changes, since it says which document this is")
	}
	old, existed := wanted.Lookup(d.base)
	if len(d.base) == 0 {
		old, existed = d.owner.UserID, true
	}
	now, present := wanted.Lookup(doc)
	if len(d.base) == 0 && !present {
		return nil
	}
	if existed != present || !Identical(old, now) {
		return refuseField(wanted, "it never changes, since it says whose document this is")
	}
	return nil
}

// errWhole says that a field's inside cannot be changed in parts.
var errWhole = errors.New("set it whole")

// comparison collects the fewest edits from one value to another.
type comparison struct {
	protected []Path
	edits     []Edit
}

// value adds the edits that turn one value of a field into another.
func (c *comparison) value(old, now bson.RawValue, at Path) error {
	if Identical(old, now) {
		return nil
	}
	if old.Type == now.Type && nested(old) && len(at) < maxDepth {
		before := len(c.edits)
		var err error
		if old.Type == bson.TypeArray {
			err = c.array(old, now, at)
		} else {
			err = c.object(old, now, at)
		}
		if !errors.Is(err, errWhole) {
			return err
		}
		c.edits = c.edits[:before]
	}
	c.edits = append(c.edits, Edit{Path: at, Value: now})
	return nil
}

func (c *comparison) array(old, now bson.RawValue, at Path) error {
	a, okA := fieldsOf(old)
	b, okB := fieldsOf(now)
	if !okA || !okB || len(a.list) != len(b.list) {
		return errWhole
	}
	for i := range a.list {
		if err := c.value(a.list[i].value, b.list[i].value, at.Child(b.list[i].key)); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) object(old, now bson.RawValue, at Path) error {
	a, okA := fieldsOf(old)
	b, okB := fieldsOf(now)
	if !okA || !okB {
		if at == nil {
			return InvalidInputf("", "the document holds a key twice at its top level, or is malformed; no update can name its fields one by one")
		}
		return errWhole
	}
	for _, f := range merged(a, b) {
		p := at.Child(f.key)
		old, existed := a.find(f.key)
		now, present := b.find(f.key)
		if existed == present && Identical(old, now) || c.isProtected(p) {
			continue
		}
		if why := unnameable(f.key); why != "" {
			if at == nil {
				return refuseField(p, "no update can name the key %q: it %s", f.key, why)
			}
			return errWhole
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

func (c *comparison) isProtected(p Path) bool {
	for _, id := range c.protected {
		if p.Equal(id) {
			return true
		}
	}
	return false
}
