package datasource

import (
	"net/http"
	"slices"
	"strings"

	"dossier/backend/api"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// checkUpdatePermissions refuses an update that would tell what the caller may not see: each path that it names, and each that its
// array filters ask about, has to be one that they may see or write. seen is what they may see of the document.
func (t *target) checkUpdatePermissions(c *change, before, seen bson.D) error {
	if _, replaces := c.replacement(); replaces {
		if err := t.view.CheckReplace(before); err != nil {
			return err
		}
	}
	for _, path := range c.updatedPaths() {
		parts := strings.Split(path, ".")
		if err := t.view.CheckUpdatePath(before, parts); err != nil {
			return err
		}
		if slices.Contains(parts, "$") && !fullyVisible(before, seen, parts[:1]) {
			return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound, "update not permitted: %q needs read permission for all of the array", path)
		}
		for _, asked := range c.arrayFilterPaths(parts) {
			if err := t.view.CheckUpdatePath(before, asked); err != nil {
				return err
			}
		}
	}
	return c.checkRenames(before, seen)
}

// checkRenames refuses to move what the caller may not see, even where they may write it: under another name they might.
func (c *change) checkRenames(before, seen bson.D) error {
	d, _ := c.update.(bson.D)
	for _, op := range d {
		fields, _ := op.Value.(bson.D)
		for _, e := range fields {
			if op.Key == "$rename" && !fullyVisible(before, seen, strings.Split(e.Key, ".")) {
				return api.Errorf(http.StatusForbidden, api.CodeNoMatchingRuleFound, "update not permitted: %q needs read permission to be renamed", e.Key)
			}
		}
	}
	return nil
}

// fullyVisible tells whether all that a document has at a path is in what is seen of it.
func fullyVisible(doc, seen bson.D, path []string) bool {
	stored, there := valueAt(doc, path)
	shown, visible := valueAt(seen, path)
	return !there || visible && identical(stored, shown)
}

// updatedPaths are the fields that an update names.
func (c *change) updatedPaths() []string {
	var out []string
	d, _ := c.update.(bson.D)
	if doc, replaces := c.replacement(); replaces {
		for _, e := range doc {
			out = append(out, e.Key)
		}
		return out
	}
	for _, op := range d {
		fields, _ := op.Value.(bson.D)
		for _, e := range fields {
			out = append(out, e.Key)
			if to, ok := e.Value.(string); ok && op.Key == "$rename" {
				out = append(out, to)
			}
		}
	}
	return out
}

// arrayFilterPaths are the paths that array filters look at for the placeholders ($[x]) in a path.
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

// conditionPaths finds the paths below a name in the keys of a condition, however deep.
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
