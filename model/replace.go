package model

import (
	"errors"
	"slices"

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
	c := editCollector{protected: []Path{{"_id"}, d.owner.path()}, byName: d.canUpdateByName()}
	if err := c.object(objectValue(d.base), objectValue(doc), nil); err != nil {
		return err
	}
	for _, e := range c.edits {
		if d.owner.Exact {
			break
		}
		if u := firstUnencodable(e.Path, e.Value, !e.Unset); u != nil {
			return fieldError(u.Path, "the change cannot be sent: %s", u)
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
		return fieldError(id, "it can never be changed, because it identifies the document")
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
		return fieldError(userID, "it can never be changed, because it identifies the user the document belongs to")
	}
	return nil
}

// errSetWhole reports that a value cannot be edited field by field.
var errSetWhole = errors.New("set the value as a whole")

// editCollector collects the smallest set of edits from one value to another.
type editCollector struct {
	protected []Path
	byName    bool // top-level keys that no path can name can be updated
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
		if at != nil {
			return errSetWhole
		}
		if err := checkDuplicatesUnchanged(old, now); err != nil {
			return err
		}
	}
	for _, f := range mergeFieldOrder(a, b) {
		p := at.Child(f.key)
		old, existed := a.find(f.key)
		now, present := b.find(f.key)
		if existed == present && Identical(old, now) || c.isProtected(p) {
			continue
		}
		reason := unnameableReason(f.key)
		switch {
		case reason != "" && at != nil:
			return errSetWhole
		case reason != "" && !c.byName:
			return fieldError(p, "an update cannot address the key %q: it %s", f.key, reason)
		case !present:
			c.edits = append(c.edits, Edit{Path: p, Unset: true})
		case !existed, reason != "":
			c.edits = append(c.edits, Edit{Path: p, Value: now})
		default:
			if err := c.value(old, now, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDuplicatesUnchanged returns an error unless two documents have the same fields of every key that one of them has
// more than once: an update cannot choose one of these fields.
func checkDuplicatesUnchanged(old, now bson.RawValue) error {
	a, okA := repeatedFields(old)
	b, okB := repeatedFields(now)
	if !okA || !okB {
		return InvalidInputf("", "the document is malformed, so its fields cannot be updated")
	}
	for i := range max(len(a), len(b)) {
		if i < min(len(a), len(b)) && a[i].key == b[i].key && Identical(a[i].value, b[i].value) {
			continue
		}
		changed := append(slices.Clone(a[min(i, len(a)):]), b[min(i, len(b)):]...)[0]
		return duplicateKeyError(Path{changed.key})
	}
	return nil
}

// repeatedFields returns the fields of a document whose key occurs more than once; false if it is malformed.
func repeatedFields(v bson.RawValue) ([]field, bool) {
	count := map[string]int{}
	for e, err := range elements(v.Value) {
		if err != nil {
			return nil, false
		}
		count[string(e.key)]++
	}
	var list []field
	for e := range elements(v.Value) {
		if key := string(e.key); count[key] > 1 {
			list = append(list, field{key, e.value})
		}
	}
	return list, true
}

func (c *editCollector) isProtected(p Path) bool {
	for _, id := range c.protected {
		if p.Equal(id) {
			return true
		}
	}
	return false
}
