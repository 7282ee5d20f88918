package embedded

import (
	"slices"
	"strings"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// notFound is MongoDB's error for a missing collection.
func notFound(ns namespace) error {
	return query.Errorf(query.NamespaceNotFound, "ns not found %s", ns)
}

func create(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	if err := r.rejectExisting(ns); err != nil {
		return nil, err
	}
	if err := r.rejectOptions("create", createRefused); err != nil {
		return nil, err
	}
	options := bson.D{}
	for _, name := range []string{"validator", "validationLevel", "validationAction"} {
		v := r.get(name)
		if v == nil {
			continue
		}
		_, is := v.(bson.D)
		if name == "validator" && !is {
			return nil, query.Errorf(query.TypeMismatch,
				"BSON field 'create.validator' is the wrong type '%s', expected type 'object'", query.TypeName(v))
		}
		if name == "validationLevel" && v != "strict" || name == "validationAction" && v != "error" {
			return nil, query.Errorf(query.NotImplemented, "create: %s '%v' is not supported by the embedded database", name, v)
		}
		options = append(options, bson.E{Key: name, Value: v})
	}
	if d, ok := r.get("validator").(bson.D); ok {
		if _, err := query.ParseFilter(d, query.Env{}); err != nil {
			return nil, err
		}
	}
	err = r.db.commits.write(func(t *txn) error {
		c, err := t.find(ns)
		if err != nil {
			return err
		}
		if c != nil {
			return query.Errorf(query.NamespaceExists, "Collection %s already exists.", ns)
		}
		_, err = createCollection(t.tx, ns, options)
		return err
	})
	return bson.D{}, err
}

// createRefused lists the options of create for unsupported kinds of collections. They are checked after the name.
const createRefused = "capped size max viewOn pipeline timeseries expireAfterSeconds collation clusteredIndex " +
	"changeStreamPreAndPostImages storageEngine indexOptionDefaults encryptedFields"

func (r *request) rejectExisting(ns namespace) error {
	return r.db.view(func(tx *bbolt.Tx) error {
		c, err := r.db.catalog.find(tx, ns)
		if err == nil && c != nil {
			return query.Errorf(query.NamespaceExists, "Collection %s already exists.", ns)
		}
		return err
	})
}

// dropOne removes a collection with its documents and indexes.
func (t *txn) dropOne(c *collection) error {
	delete(t.counts, c.ns)
	if err := t.tx.DeleteBucket(c.bucketName()); err != nil {
		return err
	}
	if err := t.tx.Bucket(bucketCatalog).Delete([]byte(c.ns.String())); err != nil {
		return err
	}
	return t.logEvent("drop", c.ns, bson.D{{Key: "collectionUUID", Value: c.uuid}})
}

func drop(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	out := bson.D{}
	err = r.db.commits.write(func(t *txn) error {
		out = bson.D{}
		c, err := t.find(ns)
		if err != nil || c == nil {
			return err
		}
		out = bson.D{{Key: "nIndexesWas", Value: int32(len(c.indexes))}, {Key: "ns", Value: ns.String()}}
		return t.dropOne(c)
	})
	return out, err
}

func dropDatabase(r *request) (bson.D, error) {
	out := bson.D{}
	err := r.db.commits.write(func(t *txn) error {
		out = bson.D{}
		all := names(t.tx, r.database)
		for _, ns := range all {
			c, err := t.find(ns)
			if err != nil {
				return err
			}
			if err := t.dropOne(c); err != nil {
				return err
			}
		}
		if len(all) == 0 {
			return nil
		}
		out = bson.D{{Key: "dropped", Value: r.database}}
		return t.logEvent("dropDatabase", namespace{db: r.database}, nil)
	})
	return out, err
}

// matching encodes the documents that pass a command's filter.
func (r *request) matching(docs []bson.D) ([]bson.Raw, error) {
	spec, err := r.document("filter")
	if err != nil {
		return nil, err
	}
	f, err := query.ParseFilter(spec, query.Env{Now: r.now})
	if err != nil {
		return nil, err
	}
	out := []bson.Raw{}
	for _, doc := range docs {
		raw, err := query.Encode(doc)
		if err != nil {
			return nil, err
		}
		// Encode and decode, so that the tree has the types that Decode produces.
		if doc, err = query.Decode(raw); err != nil {
			return nil, err
		}
		if f.Match(doc) {
			out = append(out, raw)
		}
	}
	return out, nil
}

func listCollections(r *request) (bson.D, error) {
	var docs []bson.D
	err := r.db.view(func(tx *bbolt.Tx) error {
		for _, ns := range names(tx, r.database) {
			c, err := r.db.catalog.find(tx, ns)
			if err != nil {
				return err
			}
			doc := bson.D{{Key: "name", Value: ns.coll}, {Key: "type", Value: "collection"}}
			if !r.flag("nameOnly") {
				doc = append(doc, bson.E{Key: "options", Value: c.options},
					bson.E{Key: "info", Value: bson.D{{Key: "readOnly", Value: false}, {Key: "uuid", Value: c.uuid}}},
					bson.E{Key: "idIndex", Value: c.indexes[0].describe()})
			}
			docs = append(docs, doc)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := r.matching(docs)
	if err != nil {
		return nil, err
	}
	return r.openList("$cmd.listCollections", out)
}

// openList returns a listing through a cursor.
func (r *request) openList(coll string, docs []bson.Raw) (bson.D, error) {
	o := cursorOptions{}
	if spec, ok := r.get("cursor").(bson.D); ok {
		if size, ok := query.Get(spec, "batchSize"); ok {
			o.size, o.sized = size64(size), true
		}
	}
	return r.open(r.database+"."+coll, &list{docs: docs}, o)
}

func size64(v any) int64 {
	n, _ := query.WholeNumber(v)
	return max(n, 0)
}

func listDatabases(r *request) (bson.D, error) {
	var docs []bson.D
	total := int64(0)
	err := r.db.view(func(tx *bbolt.Tx) error {
		var dbs []string
		for _, ns := range names(tx, "") {
			if !slices.Contains(dbs, ns.db) {
				dbs = append(dbs, ns.db)
			}
		}
		total = tx.Size()
		for _, name := range dbs {
			doc := bson.D{{Key: "name", Value: name}}
			if !r.flag("nameOnly") {
				doc = append(doc, bson.E{Key: "sizeOnDisk", Value: total}, bson.E{Key: "empty", Value: false})
			}
			docs = append(docs, doc)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	raws, err := r.matching(docs)
	if err != nil {
		return nil, err
	}
	list := bson.A{}
	for _, raw := range raws {
		list = append(list, raw)
	}
	out := bson.D{{Key: "databases", Value: list}}
	if !r.flag("nameOnly") {
		out = append(out, bson.E{Key: "totalSize", Value: total})
	}
	return out, nil
}

// describe returns an index in the format of listIndexes.
func (x *index) describe() bson.D {
	out := bson.D{{Key: "v", Value: int32(2)}, {Key: "key", Value: x.keys}, {Key: "name", Value: x.name}}
	if x.unique && x.number != 0 {
		out = append(out, bson.E{Key: "unique", Value: true})
	}
	if x.sparse {
		out = append(out, bson.E{Key: "sparse", Value: true})
	}
	if x.partial != nil {
		out = append(out, bson.E{Key: "partialFilterExpression", Value: x.only})
	}
	if x.expires {
		out = append(out, bson.E{Key: "expireAfterSeconds", Value: int32(x.seconds)})
	}
	return out
}

func listIndexes(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	var docs []bson.Raw
	err = r.db.view(func(tx *bbolt.Tx) error {
		c, err := r.db.catalog.find(tx, ns)
		if err != nil {
			return err
		}
		if c == nil {
			return query.Errorf(query.NamespaceNotFound, "ns does not exist: %s", ns)
		}
		for _, x := range c.indexes {
			raw, err := query.Encode(x.describe())
			if err != nil {
				return err
			}
			docs = append(docs, raw)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.openList(ns.coll, docs)
}

// indexName returns MongoDB's default name of an index: a_1_b_-1.
func indexName(keys bson.D) string {
	var parts []string
	for _, e := range keys {
		parts = append(parts, e.Key, strings.Trim(query.Format(e.Value), `"`))
	}
	return strings.Join(parts, "_")
}
