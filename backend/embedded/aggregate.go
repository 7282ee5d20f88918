package embedded

import (
	"iter"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func aggregate(r *request) (bson.D, error) {
	stages, is := r.get("pipeline").(bson.A)
	if !is {
		return nil, query.Errorf(query.TypeMismatch, "BSON field 'aggregate.pipeline' is missing but a required field")
	}
	spec, is := r.get("cursor").(bson.D)
	if !is {
		return nil, query.Errorf(query.FailedToParse,
			"The 'cursor' option is required, except for aggregate with the explain argument")
	}
	o := cursorOptions{}
	if size, ok := query.Get(spec, "batchSize"); ok {
		o.size, o.sized = size64(size), true
	}
	if first, rest, ok := leading(stages, "$changeStream"); ok {
		return r.watch(first, rest, o)
	}
	ns := namespace{r.database, "$cmd.aggregate"}
	var src source
	var err error
	if _, number := query.WholeNumber(r.args[0].Value); number {
		src, err = r.aggregateNothing(stages)
	} else if ns, err = r.collection(); err == nil {
		src, err = r.aggregateCollection(ns, stages)
	}
	if err != nil {
		return nil, err
	}
	return r.open(ns.String(), src, o)
}

// leading returns the operand of a first stage with the given name, and the stages after it.
func leading(stages bson.A, name string) (operand any, rest bson.A, ok bool) {
	if len(stages) == 0 {
		return nil, stages, false
	}
	d, _ := stages[0].(bson.D)
	if len(d) != 1 || d[0].Key != name {
		return nil, stages, false
	}
	return d[0].Value, stages[1:], true
}

// aggregateNothing runs a pipeline that does not read a collection.
func (r *request) aggregateNothing(stages bson.A) (source, error) {
	if len(stages) > 0 {
		if d, _ := stages[0].(bson.D); len(d) == 1 && d[0].Key == "$documents" {
			return r.aggregateDocuments(d[0].Value, stages[1:])
		}
	}
	return nil, query.Errorf(query.InvalidNamespace, "{aggregate: 1} is not valid for '%s'; a collection is required.",
		stageName(stages))
}

func stageName(stages bson.A) string {
	if len(stages) > 0 {
		if d, _ := stages[0].(bson.D); len(d) > 0 {
			return d[0].Key
		}
	}
	return "an empty pipeline"
}

func (r *request) aggregateDocuments(operand any, stages bson.A) (source, error) {
	list, is := operand.(bson.A)
	if !is {
		return nil, query.Errorf(5858203, "$documents must be an array of objects")
	}
	var src source
	err := r.db.view(func(tx *bbolt.Tx) error {
		var err error
		src, err = r.pipeline(tx, stages, func(yield func(bson.D, error) bool) {
			for _, item := range list {
				d, is := item.(bson.D)
				if !is {
					yield(nil, query.Errorf(5858203, "$documents must be an array of objects"))
					return
				}
				if !yield(d, nil) {
					return
				}
			}
		})
		return err
	})
	return src, err
}

// aggregateCollection runs the first stages as a query and the rest as a pipeline.
func (r *request) aggregateCollection(ns namespace, stages bson.A) (source, error) {
	q, rest, err := r.pushDown(ns, stages)
	if err != nil {
		return nil, err
	}
	if field, ok := countsOnly(rest); ok && q.project == nil {
		n, err := r.db.countHits(q)
		if err != nil || n == 0 {
			return &list{}, err
		}
		raw, err := query.Encode(append(field, bson.E{Key: "n", Value: int32(n)}))
		return &list{docs: []bson.Raw{raw}}, err
	}
	if len(rest) == 0 {
		return r.source(q)
	}
	var src source
	err = r.db.view(func(tx *bbolt.Tx) error {
		var err error
		src, err = r.pipeline(tx, rest, r.db.documents(tx, q))
		return err
	})
	return src, err
}

// pushDown moves leading $match, $sort, $skip and $limit stages into a query, as long as they are in query order.
func (r *request) pushDown(ns namespace, stages bson.A) (*findRequest, bson.A, error) {
	env, err := r.env()
	if err != nil {
		return nil, nil, err
	}
	filter, sort := bson.D{}, bson.D{}
	q := &findRequest{ns: ns, hint: r.get("hint"), deadline: r.deadline, now: r.db.now}
	if operand, rest, ok := leading(stages, "$match"); ok {
		if d, is := operand.(bson.D); is {
			filter, stages = d, rest
		}
	}
	if operand, rest, ok := leading(stages, "$sort"); ok {
		if d, is := operand.(bson.D); is && len(d) > 0 {
			sort, stages = d, rest
		}
	}
	if operand, rest, ok := leading(stages, "$skip"); ok {
		if n, whole := query.WholeNumber(operand); whole && n >= 0 {
			q.skip, stages = n, rest
		}
	}
	if operand, rest, ok := leading(stages, "$limit"); ok {
		if n, whole := query.WholeNumber(operand); whole && n > 0 {
			q.limit, stages = n, rest
		}
	}
	if q.filter, err = query.ParseFilter(filter, env); err != nil {
		return nil, nil, err
	}
	q.sort, err = query.ParseSort(sort)
	return q, stages, err
}

// countsOnly recognises the driver's count: one group of all documents with a sum of ones.
func countsOnly(stages bson.A) (bson.D, bool) {
	operand, rest, ok := leading(stages, "$group")
	group, is := operand.(bson.D)
	if !ok || !is || len(rest) > 0 || len(group) != 2 || group[0].Key != "_id" || group[1].Key != "n" {
		return nil, false
	}
	if n, whole := query.WholeNumber(group[0].Value); !whole || n != 1 {
		return nil, false
	}
	sum, is := group[1].Value.(bson.D)
	if !is || len(sum) != 1 || sum[0].Key != "$sum" || !query.Equal(sum[0].Value, int32(1)) {
		return nil, false
	}
	return bson.D{group[0]}, true
}

// documents returns the decoded results of a query.
func (d *Database) documents(tx *bbolt.Tx, q *findRequest) iter.Seq2[bson.D, error] {
	return func(yield func(bson.D, error) bool) {
		c, err := d.catalog.find(tx, q.ns)
		if err != nil {
			yield(nil, err)
			return
		}
		if c == nil {
			return
		}
		hits, err := q.all(tx, c)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, h := range hits {
			doc, err := query.Decode(h.raw)
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// pipeline runs stages on documents and stores the results.
func (r *request) pipeline(tx *bbolt.Tx, stages bson.A, docs iter.Seq2[bson.D, error]) (source, error) {
	env, err := r.env()
	if err != nil {
		return nil, err
	}
	env.Collection = func(name string, filter bson.D) iter.Seq2[bson.D, error] {
		return func(yield func(bson.D, error) bool) {
			q := &findRequest{ns: namespace{r.database, name}, deadline: r.deadline, now: r.db.now, sort: &query.Sort{}}
			var err error
			if q.filter, err = query.ParseFilter(filter, env); err != nil {
				yield(nil, err)
				return
			}
			r.db.documents(tx, q)(yield)
		}
	}
	p, err := query.ParsePipeline(stages, env)
	if err != nil {
		return nil, err
	}
	out := &list{}
	for doc, err := range p.Run(docs) {
		if err != nil {
			return nil, err
		}
		raw, err := query.Encode(doc)
		if err != nil {
			return nil, err
		}
		out.docs = append(out.docs, raw)
	}
	return out, nil
}
