package datasource

import (
	"net/http"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/query"
)

// checkUpdatePermissions rejects an update whose result would reveal data that the caller may not see: the caller needs
// read or write permission on each path that the update names and each that its array filters read. visible is the
// visible part of the document.
func (t *target) checkUpdatePermissions(c *change, before, visible bson.D) error {
	if _, replaces := c.replacement(); replaces {
		if err := t.view.CheckReplace(before); err != nil {
			return err
		}
	}
	for _, parts := range c.updatedPaths() {
		if err := t.view.CheckUpdatePath(before, parts); err != nil {
			return err
		}
		if slices.Contains(parts, "$") && !fullyVisible(before, visible, parts[:1]) {
			return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
				"update not permitted: %q needs read permission for the whole array", strings.Join(parts, "."))
		}
		for _, filterPath := range c.arrayFilterPaths(parts) {
			if err := t.view.CheckUpdatePath(before, filterPath); err != nil {
				return err
			}
		}
	}
	return c.checkRenames(before, visible)
}

// checkRenames rejects renaming a field that the caller may not see, even with write permission: the new name might be
// visible.
func (c *change) checkRenames(before, visible bson.D) error {
	d, _ := c.update.(bson.D)
	for _, op := range d {
		fields, _ := op.Value.(bson.D)
		for _, e := range fields {
			if op.Key == "$rename" && !fullyVisible(before, visible, strings.Split(e.Key, ".")) {
				return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound,
					"update not permitted: %q needs read permission to be renamed", e.Key)
			}
		}
	}
	return nil
}

// fullyVisible reports whether the visible part has everything that the document has at a path.
func fullyVisible(doc, visible bson.D, path []string) bool {
	stored, exists := valueAt(doc, path)
	shown, isVisible := valueAt(visible, path)
	return !exists || isVisible && query.Identical(stored, shown)
}

// updatedPaths returns the paths that an update names.
func (c *change) updatedPaths() [][]string {
	var out [][]string
	if stages, is := c.update.(bson.A); is {
		names, _ := changedByName(stages)
		for _, name := range names {
			out = append(out, []string{name})
		}
		return out
	}
	d, _ := c.update.(bson.D)
	if doc, replaces := c.replacement(); replaces {
		for _, e := range doc {
			out = append(out, strings.Split(e.Key, "."))
		}
		return out
	}
	for _, op := range d {
		fields, _ := op.Value.(bson.D)
		for _, e := range fields {
			out = append(out, strings.Split(e.Key, "."))
			if to, ok := e.Value.(string); ok && op.Key == "$rename" {
				out = append(out, strings.Split(to, "."))
			}
		}
	}
	return out
}

// arrayFilterPaths returns the paths that array filters read for the placeholders ($[x]) in a path.
func (c *change) arrayFilterPaths(path []string) [][]string {
	var out [][]string
	for i, part := range path {
		if name, is := strings.CutPrefix(part, "$["); is {
			for _, inner := range conditionPaths(c.arrayFilters, strings.TrimSuffix(name, "]")) {
				out = append(out, append(slices.Clone(path[:i]), inner...))
			}
		}
	}
	return out
}

// conditionPaths returns the paths below a name in the keys of a condition, at any depth.
func conditionPaths(v any, name string) [][]string {
	var out [][]string
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			parts := strings.Split(e.Key, ".")
			if parts[0] == name {
				out = append(out, parts[1:])
			} else {
				out = append(out, conditionPaths(e.Value, name)...)
			}
		}
	case bson.A:
		for _, item := range x {
			out = append(out, conditionPaths(item, name)...)
		}
	}
	return out
}
