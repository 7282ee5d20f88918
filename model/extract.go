package model

import (
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Extract returns the object that has only some fields of a document, in the document's order: those at the paths, with
// everything below them, inside their ancestors. Elements of an array that are not wanted are left out, so the others
// may have other indexes. Paths that do not exist are ignored.
func Extract(doc bson.Raw, paths []Path) bson.Raw {
	v, _ := extract(objectValue(doc), paths)
	if isAbsent(v) {
		return bson.Raw(emptyDocument)
	}
	return bson.Raw(v.Value)
}

// extract returns the part of an object or array that the paths, which are relative to it, want; false: nothing.
func extract(v bson.RawValue, paths []Path) (bson.RawValue, bool) {
	wanted := make(map[string][]Path, len(paths)) // the rest of the paths by their first key
	for _, p := range paths {
		if len(p) > 0 {
			wanted[p[0]] = append(wanted[p[0]], p[1:])
		}
	}
	b, index, kept := newBuilder(), 0, 0
	for e, err := range elements(v.Value) {
		if err != nil {
			break
		}
		key := string(e.key)
		if v.Type == bson.TypeArray {
			key = strconv.Itoa(index)
			index++
		}
		rest, ok := wanted[key]
		if !ok {
			continue
		}
		part := e.value
		if !slices.ContainsFunc(rest, func(p Path) bool { return len(p) == 0 }) {
			if !isContainer(part) {
				continue
			}
			if part, ok = extract(part, rest); !ok {
				continue
			}
		}
		if v.Type == bson.TypeArray {
			key = strconv.Itoa(kept)
		} else {
			delete(wanted, key) // of duplicate keys the first counts
		}
		b.add(key, part)
		kept++
	}
	return b.value(v.Type), kept > 0
}

// SetFields returns a call of updateOne that gives fields the values that they have in a document. It has no guards:
// the filter is the user id, and the `_id` of the stored document if there is one. A field that no update can address,
// and an element of an array, is set with its nearest ancestor that can be. It fails for `_id` and the user id.
func SetFields(doc, stored bson.Raw, owner Owner, paths []Path) (Update, error) {
	if owner.UserIDField == "" || isAbsent(owner.UserID) {
		return Update{}, InvalidInputf("", "the user id field or the user id is unknown; the document cannot be identified")
	}
	filter, set := newBuilder(), newBuilder()
	filter.add(owner.UserIDField, owner.UserID)
	if id, ok := (Path{"_id"}).Lookup(stored); ok && owner.UserIDField != "_id" {
		filter.add("_id", id)
	}
	targets, chosen := make([]Path, 0, len(paths)), make(map[string]bool, len(paths))
	for _, p := range paths {
		target, err := settable(doc, p)
		if err != nil {
			return Update{}, err
		}
		if owner.path().Within(target) || target[0] == "_id" {
			return Update{}, InvalidInputf("field "+target.String(), "it identifies the document and cannot be set")
		}
		if name := strings.Join(target, "."); !chosen[name] {
			chosen[name] = true
			targets = append(targets, target)
		}
	}
	for _, p := range targets {
		if withinChosen(p, chosen) {
			continue
		}
		v, ok := p.Lookup(doc)
		if !ok {
			return Update{}, InvalidInputf("field "+p.String(), "the document does not have it")
		}
		set.add(strings.Join(p, "."), v)
	}
	update := newBuilder()
	update.add("$set", set.value(bson.TypeEmbeddedDocument))
	return Update{Filter: filter.done(), Update: update.value(bson.TypeEmbeddedDocument)}, nil
}

// withinChosen reports whether an ancestor of a path is chosen too; the keys have no dots.
func withinChosen(p Path, chosen map[string]bool) bool {
	for n := 1; n < len(p); n++ {
		if chosen[strings.Join(p[:n], ".")] {
			return true
		}
	}
	return false
}

// settable returns a path, or the nearest of its ancestors, that an update can set as a whole.
func settable(doc bson.Raw, p Path) (Path, error) {
	for i, key := range p {
		if reason := unnameableReason(key); reason != "" && i == 0 {
			return nil, InvalidInputf("field "+p.String(), "an update cannot address it: its key %s", reason)
		} else if reason != "" {
			return p[:i], nil
		}
		if v, _ := p[:i+1].Lookup(doc); v.Type == bson.TypeArray {
			return p[:i+1], nil
		}
	}
	return p, nil
}

// EditableFields returns the top-level fields that SetFields can set.
func EditableFields(doc bson.Raw, owner Owner) []Path {
	var paths []Path
	keys := keySet{}
	for e, err := range elements(doc) {
		if err != nil {
			break
		}
		p := Path{string(e.key)}
		if p[0] != "_id" && !owner.path().Within(p) && unnameableReason(p[0]) == "" && keys.add(p[0]) {
			paths = append(paths, p)
		}
	}
	return paths
}

// ShellCall returns the call as a statement of mongosh, and what its literals do not represent, as Format.Write does.
func (u Update) ShellCall(database, collection string) (statement string, lost []string) {
	var l losses
	args := make([]string, 2)
	for i, v := range []bson.RawValue{objectValue(u.Filter), u.Update} {
		text, missing := Shell.Write(v)
		args[i] = text
		for _, what := range missing {
			l.add(what)
		}
	}
	if u.Upsert {
		args = append(args, "{ upsert: true }")
	}
	return "db.getSiblingDB(" + JSON(ValueOf(database)) + ").getCollection(" + JSON(ValueOf(collection)) +
		").updateOne(\n" + indent(strings.Join(args, ",\n")) + "\n)", l.lost
}
