package embedded

import (
	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func count(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	q, err := r.readQuery(ns, "query", "", 0)
	if err != nil {
		return nil, err
	}
	if q.skip, err = r.number("skip"); err != nil {
		return nil, err
	}
	if limit, ok := query.WholeNumber(r.get("limit")); ok {
		q.limit = max(limit, -limit)
	}
	n, err := r.db.countHits(q)
	return bson.D{{Key: "n", Value: int32(n)}}, err
}

// countHits counts matches and decodes only the fields that the filter reads.
func (d *Database) countHits(q *findRequest) (n int64, err error) {
	err = d.view(func(tx *bbolt.Tx) error {
		c, err := d.catalog.find(tx, q.ns)
		if err != nil || c == nil {
			return err
		}
		if q.filter.All() {
			n = c.buckets(tx).count()
			return nil
		}
		p, err := q.plan(c)
		if err != nil {
			return err
		}
		return q.hits(c.buckets(tx), newScan(p), func(hit) bool {
			n++
			return q.limit == 0 || n < q.skip+q.limit
		})
	})
	n = max(0, n-q.skip)
	if q.limit > 0 {
		n = min(n, q.limit)
	}
	return n, err
}

func distinct(r *request) (bson.D, error) {
	ns, err := r.collection()
	if err != nil {
		return nil, err
	}
	q, err := r.readQuery(ns, "query", "", 0)
	if err != nil {
		return nil, err
	}
	key, is := r.get("key").(string)
	if !is {
		return nil, query.Errorf(query.TypeMismatch, "BSON field 'distinct.key' is missing but a required field")
	}
	values, seen := bson.A{}, map[string]bool{}
	err = r.db.view(func(tx *bbolt.Tx) error {
		c, err := r.db.catalog.find(tx, ns)
		if err != nil || c == nil {
			return err
		}
		p, err := q.plan(c)
		if err != nil {
			return err
		}
		var failed error
		err = q.hits(c.buckets(tx), newScan(p), func(h hit) bool {
			var doc bson.D
			if doc, failed = query.Decode(h.raw); failed != nil {
				return false
			}
			for _, v := range query.Distinct(doc, key) {
				if k := binaryKey(v); !seen[k] {
					seen[k] = true
					values = append(values, v)
				}
			}
			return true
		})
		return firstError(err, failed)
	})
	return bson.D{{Key: "values", Value: values}}, err
}
