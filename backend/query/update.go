package query

import (
	"cmp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Update is a parsed update of update or findAndModify, reusable for many documents.
type Update struct {
	replacement bson.D
	replaces    bool
	pipeline    *Pipeline
	modifiers   []modifier
	filters     map[string]node
	env         Env
}

// modifier is one operator on one path.
type modifier struct {
	path     []string
	onInsert bool // $setOnInsert
	create   bool
	change   func(old any, id any) (any, error)
	rename   []string // source path of $rename
}

// ParseUpdate parses an update document (operators or a replacement) or an update pipeline, and its array filters.
// env.Now is used by $currentDate.
func ParseUpdate(update any, arrayFilters bson.A, env Env) (*Update, error) {
	u := &Update{env: env}
	switch x := update.(type) {
	case bson.A:
		if len(arrayFilters) > 0 {
			return nil, Errorf(FailedToParse, "arrayFilters may not be specified for pipeline-syle updates")
		}
		return u.parsePipeline(x)
	case bson.D:
		if len(x) == 0 || !strings.HasPrefix(x[0].Key, "$") {
			if len(arrayFilters) > 0 {
				return nil, Errorf(FailedToParse, "arrayFilters may not be specified for replacement-style updates")
			}
			return u.parseReplacement(x)
		}
		if err := u.parseFilters(arrayFilters); err != nil {
			return nil, err
		}
		return u, u.parseOperators(x, arrayFilters)
	}
	return nil, Errorf(FailedToParse, "Update argument must be either an object or an array")
}

// Replaces reports whether the update is a replacement.
func (u *Update) Replaces() bool { return u.replaces }

// Fields returns the top-level fields that the update reads or changes in a document; nil means it may be any.
func (u *Update) Fields() map[string]bool {
	if u.replaces || u.pipeline != nil {
		return nil
	}
	names := map[string]bool{"_id": true}
	for _, m := range u.modifiers {
		names[m.path[0]] = true
		if m.rename != nil {
			names[m.rename[0]] = true
		}
	}
	return names
}

func (u *Update) parsePipeline(stages bson.A) (*Update, error) {
	for _, s := range stages {
		d, is := s.(bson.D)
		if !is || len(d) == 0 {
			return nil, Errorf(TypeMismatch, "Each element of the 'pipeline' array must be an object")
		}
		switch d[0].Key {
		case "$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith":
		default:
			return nil, Errorf(InvalidOptions, "%s is not allowed to be used within an update", d[0].Key)
		}
	}
	p, err := ParsePipeline(stages, u.env)
	u.pipeline = p
	return u, err
}

func (u *Update) parseReplacement(d bson.D) (*Update, error) {
	for _, e := range d {
		if strings.HasPrefix(e.Key, "$") {
			return nil, Errorf(DollarPrefixedFieldName,
				"The dollar ($) prefixed field '%s' in '%s' is not allowed in the context of an update's replacement document. "+
					"Consider using an aggregation pipeline with $replaceWith.", e.Key, e.Key)
		}
	}
	u.replaces, u.replacement = true, d
	return u, nil
}

func (u *Update) parseFilters(list bson.A) error {
	u.filters = map[string]node{}
	for _, item := range list {
		d, is := item.(bson.D)
		if !is || len(d) == 0 {
			return Errorf(FailedToParse, "Cannot use an expression without a top-level field name in arrayFilters")
		}
		p := &filterParser{env: u.env, fields: map[string]bool{}}
		n, err := p.document(d, false)
		if err != nil {
			return err
		}
		if len(p.fields) == 0 {
			p.fields = nestedFields(d)
		}
		if len(p.fields) != 1 {
			return Errorf(FailedToParse, "Error parsing array filter :: caused by :: Expected a single top-level field name, "+
				"found %s", Format(d))
		}
		for name := range p.fields {
			if u.filters[name] != nil {
				return Errorf(FailedToParse, "Found multiple array filters with the same top-level field name %s", name)
			}
			u.filters[name] = n
		}
	}
	return nil
}

// nestedFields returns the top-level fields under $and, $or and $nor.
func nestedFields(d bson.D) map[string]bool {
	out := map[string]bool{}
	for _, e := range d {
		list, _ := e.Value.(bson.A)
		for _, item := range list {
			inner, _ := item.(bson.D)
			for _, f := range inner {
				top, _, _ := strings.Cut(f.Key, ".")
				out[top] = true
			}
		}
	}
	return out
}

func (u *Update) parseOperators(d bson.D, arrayFilters bson.A) error {
	for _, op := range d {
		build, known := operators()[op.Key]
		if !known && op.Key != "$rename" {
			return Errorf(FailedToParse, "Unknown modifier: %s. Expected a valid update modifier or pipeline-style update "+
				"specified as an array", op.Key)
		}
		fields, is := op.Value.(bson.D)
		if !is {
			return Errorf(FailedToParse, "Modifiers operate on fields but we found type %s instead. For example: {$mod: "+
				"{<field>: ...}} not {%s: %s}", TypeName(op.Value), op.Key, Format(op.Value))
		}
		for _, e := range fields {
			path, err := updatePath(e.Key)
			if err != nil {
				return err
			}
			if op.Key == "$rename" {
				err = u.parseRename(path, e)
			} else {
				m := modifier{path: path, onInsert: op.Key == "$setOnInsert", create: !takesAway(op.Key)}
				m.change, err = build(e.Key, e.Value, u.env)
				u.modifiers = append(u.modifiers, m)
			}
			if err != nil {
				return err
			}
		}
	}
	if err := u.checkConflicts(); err != nil {
		return err
	}
	slices.SortStableFunc(u.modifiers, func(a, b modifier) int { return comparePaths(a.path, b.path) })
	return u.checkFilters(arrayFilters)
}

func takesAway(op string) bool {
	return op == "$unset" || op == "$pull" || op == "$pullAll" || op == "$pop"
}

// updatePath splits a path and rejects names that an update may not use.
func updatePath(path string) ([]string, error) {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		switch {
		case part == "":
			return nil, Errorf(EmptyFieldName, "The update path '%s' contains an empty field name, which is not allowed.", path)
		case !strings.HasPrefix(part, "$") || part == "$ref" || part == "$id" || part == "$db":
		case i == 0 && (part == "$" || strings.HasPrefix(part, "$[")):
			return nil, Errorf(BadValue, "Cannot have positional (i.e. '$') element in the first position in path '%s'", path)
		case part == "$", strings.HasPrefix(part, "$[") && strings.HasSuffix(part, "]"):
		default:
			return nil, Errorf(DollarPrefixedFieldName, "The dollar ($) prefixed field '%s' in '%s' is not valid for storage.",
				part, path)
		}
	}
	return parts, nil
}

func (u *Update) parseRename(from []string, e bson.E) error {
	name, is := e.Value.(string)
	if !is {
		return Errorf(BadValue, "The 'to' field for $rename must be a string: %s: %s", e.Key, Format(e.Value))
	}
	to, err := updatePath(name)
	if err != nil {
		return err
	}
	for _, part := range slices.Concat(from, to) {
		if strings.HasPrefix(part, "$") {
			return Errorf(BadValue, "The source and destination field for $rename may not be dynamic: %s", part)
		}
	}
	if slices.Equal(from, to) {
		return Errorf(BadValue, "The source and target field for $rename must differ: %s: %s", e.Key, Format(e.Value))
	}
	u.modifiers = append(u.modifiers, modifier{path: to, rename: from, create: true})
	return nil
}

// checkConflicts rejects two modifiers on the same path, or on a path and its prefix.
func (u *Update) checkConflicts() error {
	var seen [][]string
	claim := func(path []string) error {
		for _, other := range seen {
			n := min(len(path), len(other))
			if slices.Equal(path[:n], other[:n]) {
				return Errorf(ConflictingUpdateOperator, "Updating the path '%s' would create a conflict at '%s'",
					strings.Join(path, "."), strings.Join(path[:n], "."))
			}
		}
		seen = append(seen, path)
		return nil
	}
	for _, m := range u.modifiers {
		if m.rename != nil {
			if err := claim(m.rename); err != nil {
				return err
			}
		}
		if err := claim(m.path); err != nil {
			return err
		}
	}
	return nil
}

func (u *Update) checkFilters(arrayFilters bson.A) error {
	used := map[string]bool{}
	for _, m := range u.modifiers {
		for _, part := range m.path {
			if strings.HasPrefix(part, "$[") {
				used[part[2:len(part)-1]] = true
			}
		}
	}
	for name := range u.filters {
		if !used[name] {
			return Errorf(FailedToParse, "The array filter for identifier '%s' was not used in the update %s", name,
				Format(arrayFilters))
		}
	}
	return nil
}

// comparePaths orders paths as updates are applied: names by bytes, indexes by value.
func comparePaths(a, b []string) int {
	for i := range min(len(a), len(b)) {
		x, xIs := arrayIndex(a[i])
		y, yIs := arrayIndex(b[i])
		c := strings.Compare(a[i], b[i])
		if xIs && yIs {
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}
