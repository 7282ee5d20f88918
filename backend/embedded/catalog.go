package embedded

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// File layout: a catalog (namespace → collection), a change log, a record of the log's state, and per collection a
// bucket of documents by _id, a bucket per index, and the number of documents. Earlier versions ignore the record.
var (
	bucketCatalog = []byte("catalog")
	bucketLog     = []byte("log")
	bucketState   = []byte("state")
	keyLogState   = []byte("log")
	bucketDocs    = []byte("d")
	keyCount      = []byte("n")
)

// namespace is a database and a collection.
type namespace struct{ db, coll string }

func (n namespace) String() string { return n.db + "." + n.coll }

// collection is a catalog entry; immutable after it is read.
type collection struct {
	ns        namespace
	id        uint64
	uuid      bson.Binary
	options   bson.D
	validator *query.Filter
	indexes   []*index // the first is the _id index
}

// index is an index of a collection. The _id index has number 0 and is the document bucket.
type index struct {
	number   uint64
	name     string
	keys     bson.D // as in the request
	paths    []string
	down     []bool // per path: descending
	unique   bool
	sparse   bool
	partial  *query.Filter
	only     bson.D // partialFilterExpression as in the request
	multikey bool
	expires  bool // TTL index: documents expire after the time in the field plus a number of seconds
	seconds  int64
}

func (c *collection) bucketName() []byte { return binary.BigEndian.AppendUint64([]byte("c"), c.id) }

func (x *index) bucketName() []byte { return binary.BigEndian.AppendUint64([]byte("i"), x.number) }

func idIndex() *index {
	return &index{name: "_id_", keys: bson.D{{Key: "_id", Value: int32(1)}}, paths: []string{"_id"}, down: []bool{false},
		unique: true}
}

// catalogCache caches decoded collections while their bytes in the catalog are unchanged.
type catalogCache struct {
	sync.Mutex
	entries map[string]cachedCollection
}

type cachedCollection struct {
	raw []byte
	c   *collection
}

// find returns the collection, or nil if it does not exist.
func (cache *catalogCache) find(tx *bbolt.Tx, ns namespace) (*collection, error) {
	key := ns.String()
	raw := tx.Bucket(bucketCatalog).Get([]byte(key))
	if raw == nil {
		return nil, nil
	}
	cache.Lock()
	defer cache.Unlock()
	if hit, ok := cache.entries[key]; ok && bytes.Equal(hit.raw, raw) {
		return hit.c, nil
	}
	c, err := readCollection(ns, raw)
	if err != nil {
		return nil, fmt.Errorf("read the catalog entry of %s: %w", key, err)
	}
	if cache.entries == nil || len(cache.entries) > 4096 {
		cache.entries = map[string]cachedCollection{}
	}
	cache.entries[key] = cachedCollection{bytes.Clone(raw), c}
	return c, nil
}

// storedCollection and storedIndex are the on-disk catalog entries.
type storedCollection struct {
	ID      int64         `bson:"id"`
	UUID    bson.Binary   `bson:"uuid"`
	Options bson.Raw      `bson:"options"`
	Indexes []storedIndex `bson:"indexes"`
}

type storedIndex struct {
	Number   int64    `bson:"number"`
	Name     string   `bson:"name"`
	Keys     bson.Raw `bson:"keys"`
	Unique   bool     `bson:"unique,omitempty"`
	Sparse   bool     `bson:"sparse,omitempty"`
	Only     bson.Raw `bson:"only,omitempty"`
	Multikey bool     `bson:"multikey,omitempty"`
	Expires  bool     `bson:"expires,omitempty"`
	Seconds  int64    `bson:"seconds,omitempty"`
}

func readCollection(ns namespace, raw []byte) (*collection, error) {
	var s storedCollection
	if err := bson.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	options, err := query.Decode(s.Options)
	if err != nil {
		return nil, err
	}
	c := &collection{ns: ns, id: uint64(s.ID), uuid: s.UUID, options: options, indexes: []*index{idIndex()}}
	if v, ok := query.Get(options, "validator"); ok {
		if c.validator, err = query.ParseFilter(v.(bson.D), query.Env{}); err != nil {
			return nil, err
		}
	}
	for _, si := range s.Indexes {
		x := &index{number: uint64(si.Number), name: si.Name, unique: si.Unique, sparse: si.Sparse, multikey: si.Multikey,
			expires: si.Expires, seconds: si.Seconds}
		if x.keys, err = query.Decode(si.Keys); err != nil {
			return nil, err
		}
		x.setPaths()
		if len(si.Only) > 0 {
			if x.only, err = query.Decode(si.Only); err != nil {
				return nil, err
			}
			if x.partial, err = query.ParseFilter(x.only, query.Env{}); err != nil {
				return nil, err
			}
		}
		c.indexes = append(c.indexes, x)
	}
	return c, nil
}

func (x *index) setPaths() {
	for _, e := range x.keys {
		n, _ := query.WholeNumber(e.Value)
		x.paths = append(x.paths, e.Key)
		x.down = append(x.down, n < 0)
	}
}

// save writes the entry; the collection must have an id.
func (c *collection) save(tx *bbolt.Tx) error {
	options, err := query.Encode(c.options)
	if err != nil {
		return err
	}
	s := storedCollection{ID: int64(c.id), UUID: c.uuid, Options: options, Indexes: []storedIndex{}}
	for _, x := range c.indexes[1:] {
		si := storedIndex{Number: int64(x.number), Name: x.name, Unique: x.unique, Sparse: x.sparse, Multikey: x.multikey,
			Expires: x.expires, Seconds: x.seconds}
		if si.Keys, err = query.Encode(x.keys); err != nil {
			return err
		}
		if x.partial != nil {
			if si.Only, err = query.Encode(x.only); err != nil {
				return err
			}
		}
		s.Indexes = append(s.Indexes, si)
	}
	raw, err := bson.Marshal(s)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketCatalog).Put([]byte(c.ns.String()), raw)
}

// with returns a copy with other indexes.
func (c *collection) with(indexes []*index) *collection {
	out := *c
	out.indexes = indexes
	return &out
}

// createCollection creates a collection; the caller has checked that it does not exist.
func createCollection(tx *bbolt.Tx, ns namespace, options bson.D) (*collection, error) {
	id, err := tx.Bucket(bucketCatalog).NextSequence()
	if err != nil {
		return nil, err
	}
	uuid := make([]byte, 16)
	rand.Read(uuid)
	uuid[6], uuid[8] = uuid[6]&0x0F|0x40, uuid[8]&0x3F|0x80
	c := &collection{ns: ns, id: id, uuid: bson.Binary{Subtype: bson.TypeBinaryUUID, Data: uuid}, options: options,
		indexes: []*index{idIndex()}}
	b, err := tx.CreateBucket(c.bucketName())
	if err != nil {
		return nil, err
	}
	if _, err := b.CreateBucket(bucketDocs); err != nil {
		return nil, err
	}
	return c, c.save(tx)
}

// names lists the namespaces of a database; of all databases if db is "".
func names(tx *bbolt.Tx, db string) []namespace {
	var out []namespace
	prefix := []byte{}
	if db != "" {
		prefix = []byte(db + ".")
	}
	cursor := tx.Bucket(bucketCatalog).Cursor()
	for k, _ := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		database, coll, _ := strings.Cut(string(k), ".")
		out = append(out, namespace{database, coll})
	}
	return out
}

// indexNamed returns the position of an index, -1 if it does not exist.
func (c *collection) indexNamed(name string) int {
	return slices.IndexFunc(c.indexes, func(x *index) bool { return x.name == name })
}

// buckets holds the buckets of a collection in one transaction.
type buckets struct {
	c    *collection
	all  *bbolt.Bucket
	docs *bbolt.Bucket
}

func (c *collection) buckets(tx *bbolt.Tx) buckets {
	all := tx.Bucket(c.bucketName())
	return buckets{c: c, all: all, docs: all.Bucket(bucketDocs)}
}

// of returns the bucket of an index.
func (r buckets) of(x *index) *bbolt.Bucket {
	if x.number == 0 {
		return r.docs
	}
	return r.all.Bucket(x.bucketName())
}

func (r buckets) count() int64 {
	b := r.all.Get(keyCount)
	if len(b) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

func (r buckets) addCount(n int64) error {
	return r.all.Put(keyCount, binary.BigEndian.AppendUint64(nil, uint64(r.count()+n)))
}
