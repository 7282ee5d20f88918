package uitest

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// applyEdits returns a document with the edits applied that its structure allows.
func applyEdits(doc bson.Raw, edits []model.Edit) bson.Raw {
	var d bson.D
	if doc != nil {
		if err := bson.Unmarshal(doc, &d); err != nil {
			panic(err)
		}
	}
	for _, e := range edits {
		d = applyEdit(d, e.Path, e)
	}
	return Document(d)
}

// applyEdit applies an edit inside an object.
func applyEdit(d bson.D, at model.Path, e model.Edit) bson.D {
	for i := range d {
		if d[i].Key != at[0] {
			continue
		}
		if len(at) > 1 {
			d[i].Value = applyInside(d[i].Value, at[1:], e)
			return d
		}
		if e.Unset {
			return append(d[:i], d[i+1:]...)
		}
		d[i].Value = e.Value
		return d
	}
	switch {
	case e.Unset:
		return d
	case len(at) == 1:
		return append(d, bson.E{Key: at[0], Value: e.Value})
	default:
		return append(d, bson.E{Key: at[0], Value: applyEdit(nil, at[1:], e)})
	}
}

func applyInside(v any, at model.Path, e model.Edit) any {
	switch v := v.(type) {
	case bson.D:
		return applyEdit(v, at, e)
	case bson.A:
		n := 0
		for _, digit := range at[0] {
			n = n*10 + int(digit-'0')
		}
		if n < 0 || n >= len(v) {
			return v
		}
		if len(at) > 1 {
			v[n] = applyInside(v[n], at[1:], e)
		} else {
			v[n] = e.Value
		}
		return v
	default:
		return v
	}
}

// matches evaluates the operators of the guards of an update: equality, $eq, $exists and $type of null.
func matches(doc, filter bson.Raw) bool {
	elements, err := filter.Elements()
	if err != nil {
		return false
	}
	for _, e := range elements {
		stored, present := model.Path(strings.Split(e.Key(), ".")).Lookup(doc)
		if !matchesGuard(stored, present, e.Value()) {
			return false
		}
	}
	return true
}

func matchesGuard(stored bson.RawValue, present bool, want bson.RawValue) bool {
	ops, isObject := want.DocumentOK()
	if !isObject {
		return present && model.Identical(stored, want)
	}
	if eq, err := ops.LookupErr("$eq"); err == nil {
		return present && model.Identical(stored, eq)
	}
	if exists, err := ops.LookupErr("$exists"); err == nil {
		return present == exists.Boolean()
	}
	if kind, err := ops.LookupErr("$type"); err == nil && kind.Type == bson.TypeString && kind.StringValue() == "null" {
		return present && model.KindOf(stored) == model.Null
	}
	return present && model.Identical(stored, want)
}
