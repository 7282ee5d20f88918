package edit

import (
	"slices"
	"strconv"

	"dossier/model"
)

// Operation changes fields of the draft without a dialog.
type Operation struct {
	// apply returns the changed draft and the fields to select; the draft that it gets stays unchanged
	apply func(*model.Draft) (*model.Draft, []model.Path, error)
}

// operation returns an operation that changes a copy of the draft and returns the fields to select.
func operation(change func(*model.Draft) ([]model.Path, error)) Operation {
	return Operation{func(d *model.Draft) (*model.Draft, []model.Path, error) {
		next := d.Clone()
		fields, err := change(next)
		return next, fields, err
	}}
}

// RemoveFields removes fields.
func RemoveFields(paths []model.Path) Operation {
	return operation(func(d *model.Draft) ([]model.Path, error) {
		for _, p := range model.LastFirst(paths) {
			isItem := isArray(d, p.Parent())
			d.MoveInputs(func(q model.Path) (model.Path, bool) {
				if q.Within(p) {
					return nil, false
				}
				if !isItem {
					return q, true
				}
				return shiftItem(q, p.Parent(), func(at int) int {
					if at > itemIndex(p) {
						return at - 1
					}
					return at
				}), true
			})
		}
		return nil, d.UnsetAll(paths)
	})
}

// DuplicateFields copies fields: array items to the place after them, others to the end of their object.
func DuplicateFields(paths []model.Path) Operation {
	return operation(func(d *model.Draft) ([]model.Path, error) {
		var copies []model.Path
		for _, p := range model.LastFirst(paths) {
			path, err := d.Duplicate(p)
			if err != nil {
				return nil, err
			}
			if isArray(d, p.Parent()) {
				insertedItem(d, path)
			}
			copies = append(copies, path)
		}
		slices.Reverse(copies)
		return copies, nil
	})
}

// MoveItem moves an array item by positions, negative towards the start.
func MoveItem(p model.Path, by int) Operation {
	return operation(func(d *model.Draft) ([]model.Path, error) {
		to, err := d.Move(p, by)
		if err != nil {
			return nil, err
		}
		from, end := itemIndex(p), itemIndex(to)
		d.MoveInputs(func(q model.Path) (model.Path, bool) {
			return shiftItem(q, p.Parent(), func(at int) int {
				switch {
				case at == from:
					return end
				case from < at && at <= end:
					return at - 1
				case end <= at && at < from:
					return at + 1
				}
				return at
			}), true
		})
		return []model.Path{to}, nil
	})
}

// insertedItem moves the inputs of the items of an array that follow an inserted one.
func insertedItem(d *model.Draft, inserted model.Path) {
	d.MoveInputs(func(q model.Path) (model.Path, bool) {
		return shiftItem(q, inserted.Parent(), func(at int) int {
			if at >= itemIndex(inserted) {
				return at + 1
			}
			return at
		}), true
	})
}

func isArray(d *model.Draft, p model.Path) bool {
	if len(p) == 0 {
		return false
	}
	v, ok := d.Lookup(p)
	return ok && model.KindOf(v) == model.Array
}

// itemIndex returns the position that a path of an array item ends with; -1: it is none.
func itemIndex(p model.Path) int {
	if at, err := strconv.Atoi(p[len(p)-1]); err == nil {
		return at
	}
	return -1
}

// shiftItem returns a path inside an item of an array with the item's new position; other paths stay.
func shiftItem(q, array model.Path, shift func(at int) int) model.Path {
	if len(q) <= len(array) || !q.Within(array) {
		return q
	}
	at := itemIndex(q[:len(array)+1])
	if at < 0 {
		return q
	}
	moved := slices.Clone(q)
	moved[len(array)] = strconv.Itoa(shift(at))
	return moved
}

// convertFields changes the type of fields.
func convertFields(paths []model.Path, kind model.Kind) Operation {
	return operation(func(d *model.Draft) ([]model.Path, error) {
		for _, p := range paths {
			v, ok := d.Lookup(p)
			if !ok {
				return nil, model.InvalidInputf("field "+p.String(), "it does not exist")
			}
			c := model.Convert(v, kind)
			if c.Reason != "" {
				return nil, model.InvalidInputf("field "+p.String(), "it does not become %s: %s", kind, c.Reason)
			}
			if err := d.Set(p, c.Value); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// RevertFields takes the edits of fields, and text that was typed for them, out of the draft. A renamed field gets its
// old name back.
func RevertFields(paths []model.Path) Operation {
	return operation(func(d *model.Draft) ([]model.Path, error) {
		edits := d.Edits()
		edited := func(p model.Path) bool {
			return slices.ContainsFunc(edits, func(e model.Edit) bool { return p.Within(e.Path) || e.Path.Within(p) })
		}
		for _, p := range paths {
			typed := d.InputsOf(p)
			if len(typed) == 0 && !edited(p) {
				return nil, model.InvalidInputf("field "+p.String(), "the draft does not change it")
			}
			if !revertRename(d, p) {
				d.Revert(p)
			}
			for _, t := range typed {
				*d = *d.WithoutPendingInput(t)
			}
		}
		return nil, nil
	})
}

// revertRename gives a field that was renamed, or in which p is, its old name and value; false: it was not renamed.
func revertRename(d *model.Draft, p model.Path) bool {
	from, to, ok := renameOf(d, p)
	if !ok {
		return false
	}
	if _, err := d.Rename(to, from[len(from)-1]); err != nil {
		return false
	}
	d.Revert(from)
	return true
}

// renameOf returns the old and the new path of the renamed field that p is in. A field that was renamed and then
// changed is known where it is the only new one of its object, and one was removed.
func renameOf(d *model.Draft, p model.Path) (from, to model.Path, ok bool) {
	changes, renamed := model.PairRenames(d.Changes())
	for i, to := range renamed {
		if p.Within(to) {
			return changes[i].Path, to, true
		}
	}
	added := slices.IndexFunc(changes, func(c model.Change) bool {
		return c.Kind == model.Added && c.Item == nil && p.Within(c.Path)
	})
	if added < 0 {
		return nil, nil, false
	}
	to = changes[added].Path
	for i, c := range changes {
		isSibling := c.Item == nil && len(c.Path) == len(to) && slices.Equal(c.Path[:len(to)-1], to[:len(to)-1])
		_, wasRenamed := renamed[i]
		switch {
		case !isSibling || wasRenamed || i == added:
		case c.Kind == model.Added, c.Kind == model.Removed && from != nil:
			return nil, nil, false
		case c.Kind == model.Removed:
			from = c.Path
		}
	}
	return from, to, from != nil
}
