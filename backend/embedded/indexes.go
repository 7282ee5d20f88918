package embedded

import (
	"bytes"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func createIndexes(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	specs, _ := r.get("indexes").(bson.A)
	if len(specs) == 0 {
		return nil, query.Errorf(query.BadValue, "Must specify at least one index to create")
	}
	var requested []*index
	for _, spec := range specs {
		d, _ := spec.(bson.D)
		x, err := readIndex(d)
		if err != nil {
			return nil, err
		}
		requested = append(requested, x)
	}
	// A service ensures its indexes at every start: one that exists needs no write transaction.
	c, err := r.withIndexes(ns, requested)
	if err != nil {
		return nil, err
	}
	if c != nil {
		return createdIndexes(len(c.indexes), len(c.indexes), false), nil
	}
	var out bson.D
	err = r.db.commits.write(func(t *txn) error {
		c, err := t.find(ns)
		if err != nil {
			return err
		}
		created := c == nil
		if c, err = t.findOrCreate(ns); err != nil {
			return err
		}
		before := len(c.indexes)
		for _, x := range requested {
			if c, err = t.addIndex(c, x); err != nil {
				return err
			}
		}
		out = createdIndexes(before, len(c.indexes), created)
		return nil
	})
	return out, err
}

func createdIndexes(before, after int, created bool) bson.D {
	out := bson.D{{Key: "numIndexesBefore", Value: int32(before)}, {Key: "numIndexesAfter", Value: int32(after)},
		{Key: "createdCollectionAutomatically", Value: created}}
	if before == after {
		out = append(out, bson.E{Key: "note", Value: "all indexes already exist"})
	}
	return out
}

// withIndexes returns the collection if it has all the indexes, otherwise nil.
func (r *request) withIndexes(ns namespace, requested []*index) (c *collection, err error) {
	err = r.db.view(func(tx *bbolt.Tx) error {
		found, err := r.db.catalog.find(tx, ns)
		if err != nil || found == nil {
			return err
		}
		for _, x := range requested {
			if has, err := found.hasIndex(x); err != nil || !has {
				return err
			}
		}
		c = found
		return nil
	})
	return c, err
}

// readIndex parses an index specification and rejects unsupported kinds.
func readIndex(spec bson.D) (*index, error) {
	x := &index{}
	for _, e := range spec {
		switch e.Key {
		case "key":
			x.keys, _ = e.Value.(bson.D)
		case "name":
			x.name, _ = e.Value.(string)
		case "unique":
			x.unique = on(e.Value)
		case "sparse":
			x.sparse = on(e.Value)
		case "partialFilterExpression":
			if err := x.readPartial(e.Value); err != nil {
				return nil, err
			}
		case "v", "background", "ns", "comment":
		case "expireAfterSeconds":
			if x.seconds, x.expires = query.WholeNumber(e.Value); !x.expires || x.seconds < 0 || x.seconds > 1<<31-1 {
				return nil, query.Errorf(query.CannotCreateIndex,
					"TTL index 'expireAfterSeconds' option must be a whole number within 0 and %d", 1<<31-1)
			}
		case "hidden", "collation", "weights", "default_language", "language_override", "textIndexVersion",
			"2dsphereIndexVersion", "bits", "min", "max", "bucketSize", "storageEngine", "wildcardProjection", "clustered",
			"prepareUnique":
			if hasEffect(e) {
				return nil, query.Errorf(query.NotImplemented,
					"createIndexes: the option '%s' is not supported by the embedded database", e.Key)
			}
		default:
			return nil, query.Errorf(197, "Error in specification %s :: caused by :: The field '%s' is not valid for an index "+
				"specification.", query.Format(spec), e.Key)
		}
	}
	if err := x.checkKeys(); err != nil {
		return nil, err
	}
	x.setPaths()
	if x.name == "" {
		x.name = indexName(x.keys)
	}
	if x.expires && (len(x.paths) > 1 || x.paths[0] == "_id") {
		return nil, query.Errorf(query.CannotCreateIndex,
			"TTL indexes are single-field indexes, compound indexes and the _id index do not support TTL")
	}
	if x.sparse && x.partial != nil {
		return nil, query.Errorf(query.CannotCreateIndex, "cannot mix \"partialFilterExpression\" and \"sparse\" options")
	}
	return x, nil
}

func (x *index) readPartial(v any) (err error) {
	d, is := v.(bson.D)
	if !is {
		return query.Errorf(query.TypeMismatch, "The field 'partialFilterExpression' must be an object, but got %s",
			query.TypeName(v))
	}
	x.only = d
	x.partial, err = query.ParseFilter(d, query.Env{})
	return err
}

func on(v any) bool {
	n, whole := query.WholeNumber(v)
	return v == true || whole && n != 0
}

func (x *index) checkKeys() error {
	if len(x.keys) == 0 {
		return query.Errorf(query.CannotCreateIndex, "Index keys cannot be an empty object")
	}
	for i, e := range x.keys {
		n, whole := query.WholeNumber(e.Value)
		if kind, is := e.Value.(string); is {
			return query.Errorf(query.NotImplemented,
				"createIndexes: an index of kind '%s' is not supported by the embedded database", kind)
		}
		if !whole || n == 0 {
			return query.Errorf(query.CannotCreateIndex,
				"Values in v:2 index key pattern must be numbers other than 0. Value: %s", query.Format(e.Value))
		}
		if slices.ContainsFunc(x.keys[:i], func(other bson.E) bool { return other.Key == e.Key }) {
			return query.Errorf(query.CannotCreateIndex, "The field '%s' appears twice in the index key", e.Key)
		}
		for _, part := range strings.Split(e.Key, ".") {
			switch {
			case part == "":
				return query.Errorf(query.CannotCreateIndex, "Index keys cannot be an empty field")
			case strings.HasPrefix(part, "$**"):
				return query.Errorf(query.NotImplemented,
					"createIndexes: a wildcard index is not supported by the embedded database")
			case strings.HasPrefix(part, "$"):
				return query.Errorf(query.CannotCreateIndex,
					"Index key contains an illegal field name: field name starts with '$'.")
			}
		}
	}
	return nil
}

// hasIndex reports whether an identical index exists; it fails on a conflict with another one.
func (c *collection) hasIndex(x *index) (bool, error) {
	for _, old := range c.indexes {
		sameKeys := query.Equal(old.keys, x.keys)
		sameOptions := old.number == 0 || old.unique == x.unique && old.sparse == x.sparse && old.expires == x.expires &&
			old.seconds == x.seconds && query.Equal(old.only, x.only)
		switch {
		case sameKeys && sameOptions && (old.name == x.name || old.number == 0):
			return true, nil
		case old.name == x.name && !sameKeys, old.name == x.name && !sameOptions:
			return false, query.Errorf(query.IndexKeySpecsConflict,
				"An existing index has the same name as the requested index. When index names are not specified, they are auto "+
					"generated and can cause conflicts. Please refer to our documentation. Requested index: %s, existing index: %s",
				query.Format(x.describe()), query.Format(old.describe()))
		case sameKeys && sameOptions:
			return false, query.Errorf(query.IndexOptionsConflict, "Index already exists with a different name: %s", old.name)
		case sameKeys && query.Equal(old.only, x.only):
			return false, query.Errorf(query.IndexOptionsConflict,
				"An equivalent index already exists with the same name but different options. Requested index: %s, existing "+
					"index: %s", query.Format(x.describe()), query.Format(old.describe()))
		}
	}
	return false, nil
}

// addIndex adds and fills an index; an identical existing index is left unchanged.
func (t *txn) addIndex(c *collection, x *index) (*collection, error) {
	if has, err := c.hasIndex(x); err != nil || has {
		return c, err
	}
	if len(c.indexes) >= 64 {
		return nil, query.Errorf(query.CannotCreateIndex, "add index fails, too many indexes for %s", c.ns)
	}
	// Numbers are never reused, so a cursor cannot continue in an index that replaced its own.
	number, err := c.buckets(t.tx).all.NextSequence()
	if err != nil {
		return nil, err
	}
	copied := *x
	copied.number = number
	return t.fillIndex(c, &copied)
}

// fillIndex adds the entries of existing documents; keys are sorted first, which suits bbolt.
func (t *txn) fillIndex(c *collection, x *index) (*collection, error) {
	r := c.buckets(t.tx)
	b, err := r.all.CreateBucket(x.bucketName())
	if err != nil {
		return nil, err
	}
	var all []entry
	cursor := r.docs.Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		doc, err := query.Decode(v)
		if err != nil {
			return nil, err
		}
		entries, multikey, err := x.entries(stored{key: k, doc: doc})
		if err != nil {
			return nil, err
		}
		x.multikey = x.multikey || multikey
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	for i, e := range all {
		if i > 0 && x.unique && bytes.Equal(e.key[:e.values], all[i-1].key[:all[i-1].values]) {
			return nil, duplicateKey(c, x, e.of)
		}
		if err := b.Put(e.key, e.split()); err != nil {
			return nil, err
		}
	}
	c = c.with(append(slices.Clone(c.indexes), x))
	return c, c.save(t.tx)
}

func dropIndexes(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	var out bson.D
	err = r.db.commits.write(func(t *txn) error {
		c, err := t.find(ns)
		if err != nil {
			return err
		}
		if c == nil {
			return notFound(ns)
		}
		gone, err := c.toDrop(r.get("index"))
		if err != nil {
			return err
		}
		out = bson.D{{Key: "nIndexesWas", Value: int32(len(c.indexes))}}
		rooms := c.buckets(t.tx)
		for _, x := range gone {
			if err := rooms.all.DeleteBucket(x.bucketName()); err != nil {
				return err
			}
		}
		left := slices.DeleteFunc(slices.Clone(c.indexes), func(x *index) bool { return slices.Contains(gone, x) })
		return c.with(left).save(t.tx)
	})
	return out, err
}

// toDrop returns the indexes that dropIndexes selects: "*", a name, a list of names, or keys.
func (c *collection) toDrop(which any) ([]*index, error) {
	if which == "*" {
		return c.indexes[1:], nil
	}
	list, is := which.(bson.A)
	if !is {
		list = bson.A{which}
	}
	var out []*index
	for _, item := range list {
		i := -1
		switch v := item.(type) {
		case string:
			i = c.indexNamed(v)
		case bson.D:
			i = slices.IndexFunc(c.indexes, func(x *index) bool { return query.Equal(x.keys, v) })
		}
		if i < 0 {
			return nil, query.Errorf(query.IndexNotFound, "index not found with name [%s]", strings.Trim(query.Format(item),
				`"`))
		}
		if i == 0 {
			return nil, query.Errorf(query.InvalidOptions, "cannot drop _id index")
		}
		out = append(out, c.indexes[i])
	}
	return out, nil
}

// withReadFields adds to a set of top-level fields those that a write of a document reads: the fields of indexes and
// of the validator. nil: all fields.
func (c *collection) withReadFields(names map[string]bool) map[string]bool {
	if names == nil {
		return nil
	}
	filters := []*query.Filter{c.validator}
	for _, x := range c.indexes {
		filters = append(filters, x.partial)
		for _, path := range x.paths {
			top, _, _ := strings.Cut(path, ".")
			names[top] = true
		}
	}
	for _, f := range filters {
		if f == nil {
			continue
		}
		if f.Fields() == nil {
			return nil
		}
		for name := range f.Fields() {
			names[name] = true
		}
	}
	return names
}
