package rules

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Namespace is the rules of one collection, or the default rules of a data source.
type Namespace struct {
	Roles   []*Role
	Filters []*Filter
	Ignored []string // keys that are valid but have no effect here, such as search permissions
}

// Read reads a decoded `rules.json` or `default_rule.json`. The error begins with the key, as
// "roles[0].apply_when.%foo: unknown operator %foo in place of a field name".
func Read(d bson.D) (*Namespace, error) {
	n := &Namespace{}
	for _, e := range d {
		var err error
		switch e.Key {
		case "roles":
			err = eachObject(e.Value, e.Key, func(d bson.D, at string) error {
				r, err := n.readRole(d, at)
				n.Roles = append(n.Roles, r)
				return err
			})
		case "filters":
			err = eachObject(e.Value, e.Key, func(d bson.D, at string) error {
				f, err := readFilter(d, at)
				n.Filters = append(n.Filters, f)
				return err
			})
		case "database", "collection", "id", "_id":
		default:
			err = fmt.Errorf("%s: unknown key", e.Key)
		}
		if err != nil {
			return nil, err
		}
	}
	return n, nil
}

func eachObject(v any, at string, one func(bson.D, string) error) error {
	a, ok := v.(bson.A)
	if !ok {
		return fmt.Errorf("%s: expected an array, found %s", at, DescribeValue(v))
	}
	for i, item := range a {
		place := fmt.Sprintf("%s[%d]", at, i)
		d, ok := item.(bson.D)
		if !ok {
			return fmt.Errorf("%s: expected an object, found %s", place, DescribeValue(item))
		}
		if err := one(d, place); err != nil {
			return err
		}
	}
	return nil
}

func (n *Namespace) readRole(d bson.D, at string) (*Role, error) {
	r := &Role{}
	for _, e := range d {
		if err := n.readRoleKey(r, e, at+"."+e.Key); err != nil {
			return nil, err
		}
	}
	if r.Name == "" {
		return nil, fmt.Errorf("%s.name: is missing", at)
	}
	if r.applyWhen == nil {
		return nil, fmt.Errorf("%s.apply_when: is missing", at)
	}
	return r, nil
}

func (n *Namespace) readRoleKey(r *Role, e bson.E, at string) (err error) {
	switch e.Key {
	case "name":
		r.Name, err = stringAt(e.Value, at)
	case "apply_when":
		r.applyWhen, err = compileExcluding(e.Value, at, fromPrevRoot, fromThis, fromPrev)
	case "read":
		r.read, err = compileExcluding(e.Value, at, fromPrevRoot, fromThis, fromPrev)
	case "write":
		r.write, err = compileExcluding(e.Value, at, fromThis, fromPrev)
	case "insert":
		r.insert, err = compileExcluding(e.Value, at, fromThis, fromPrev)
	case "delete":
		r.remove, err = compileExcluding(e.Value, at, fromThis, fromPrev)
	case "document_filters":
		r.filters, err = readDocumentFilters(e.Value, at)
	case "fields":
		r.fields, err = readFields(e.Value, at, 0)
	case "additional_fields":
		r.additional, err = readFieldRule(e.Value, at, 0)
		if err == nil && len(r.additional.fields) > 0 {
			err = fmt.Errorf("%s.fields: unknown key", at)
		}
	case "search":
		if holds, ok := e.Value.(bool); !ok || holds {
			n.Ignored = append(n.Ignored, at)
		}
	case "id", "_id":
	default:
		err = fmt.Errorf("%s: unknown key in a role", at)
	}
	return err
}

// compileExcluding compiles an expression and rejects variables that have no meaning at its place.
func compileExcluding(v any, at string, not ...source) (*Expression, error) {
	e, err := Compile(v, at)
	if err != nil {
		return nil, err
	}
	names := map[source]string{fromRoot: "%%root", fromPrevRoot: "%%prevRoot", fromThis: "%%this", fromPrev: "%%prev"}
	for _, s := range not {
		if e.uses(s) {
			return nil, fmt.Errorf("%s: the variable %s is not available here", at, names[s])
		}
	}
	return e, nil
}

func stringAt(v any, at string) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s: expected a string, found %s", at, DescribeValue(v))
	}
	return s, nil
}

func readDocumentFilters(v any, at string) (*documentFilters, error) {
	d, ok := v.(bson.D)
	if !ok {
		return nil, fmt.Errorf("%s: expected an object, found %s", at, DescribeValue(v))
	}
	f := &documentFilters{}
	for _, e := range d {
		var err error
		switch e.Key {
		case "read":
			f.read, err = compileExcluding(e.Value, at+".read", fromPrevRoot, fromThis, fromPrev)
		case "write":
			f.write, err = compileExcluding(e.Value, at+".write", fromThis, fromPrev)
		default:
			err = fmt.Errorf("%s.%s: unknown key", at, e.Key)
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

func readFields(v any, at string, depth int) (map[string]*fieldRule, error) {
	d, ok := v.(bson.D)
	if !ok {
		return nil, fmt.Errorf("%s: expected an object, found %s", at, DescribeValue(v))
	}
	out := make(map[string]*fieldRule, len(d))
	for _, e := range d {
		if strings.ContainsAny(e.Key, ".$%") || e.Key == "" {
			return nil, fmt.Errorf("%s.%s: is not a field name; put nested fields under \"fields\"", at, e.Key)
		}
		f, err := readFieldRule(e.Value, at+"."+e.Key, depth+1)
		if err != nil {
			return nil, err
		}
		out[e.Key] = f
	}
	return out, nil
}

func readFieldRule(v any, at string, depth int) (*fieldRule, error) {
	d, ok := v.(bson.D)
	if !ok || depth > maxNesting {
		return nil, fmt.Errorf("%s: expected an object, found %s", at, DescribeValue(v))
	}
	f := &fieldRule{}
	for _, e := range d {
		var err error
		switch e.Key {
		case "read":
			f.read, err = compileExcluding(e.Value, at+".read", fromPrevRoot, fromPrev)
		case "write":
			f.write, err = compileExcluding(e.Value, at+".write")
		case "fields":
			f.fields, err = readFields(e.Value, at+".fields", depth)
		default:
			err = fmt.Errorf("%s.%s: unknown key", at, e.Key)
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

func readFilter(d bson.D, at string) (*Filter, error) {
	f := &Filter{}
	for _, e := range d {
		var err error
		switch place := at + "." + e.Key; e.Key {
		case "name":
			f.Name, err = stringAt(e.Value, place)
		case "apply_when":
			f.applyWhen, err = compileExcluding(e.Value, place, fromRoot, fromPrevRoot, fromThis, fromPrev)
		case "query":
			f.query, err = objectAt(e.Value, place)
			if err == nil {
				err = checkFilterQuery(f.query, place)
			}
		case "projection":
			f.projection, err = objectAt(e.Value, place)
		case "id", "_id":
		default:
			err = fmt.Errorf("%s: unknown key in a filter", place)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.applyWhen == nil {
		return nil, fmt.Errorf("%s.apply_when: is missing", at)
	}
	return f, nil
}

func objectAt(v any, at string) (bson.D, error) {
	if v == nil {
		return nil, nil
	}
	d, ok := v.(bson.D)
	if !ok {
		return nil, fmt.Errorf("%s: expected an object, found %s", at, DescribeValue(v))
	}
	return d, nil
}

// ReadsWholeDocuments reports whether no role hides single fields of a document.
func (n *Namespace) ReadsWholeDocuments() bool {
	for _, r := range n.Roles {
		if !r.readsWholeDocument() {
			return false
		}
	}
	return true
}
