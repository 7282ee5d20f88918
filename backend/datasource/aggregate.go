package datasource

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

func aggregate(ctx context.Context, t *target, a *arguments) (any, error) {
	stages, err := a.array("pipeline")
	if err != nil {
		return nil, err
	}
	if err := t.checkStages(stages); err != nil {
		return nil, err
	}
	if err := t.slots.escalate(ctx); err != nil {
		return nil, err
	}
	filter, whole, none := t.databaseFilter(nil)
	if !whole {
		return t.aggregateVisible(ctx, filter, stages)
	}
	pipeline := bson.A{}
	switch {
	case none:
		// No document is visible, but a pipeline may produce documents without input, and errors in it are still reported.
		pipeline = append(pipeline, bson.D{{Key: "$match",
			Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{}}}}}}})
	case len(filter) > 0:
		pipeline = append(pipeline, bson.D{{Key: "$match", Value: filter}})
	}
	pipeline = append(pipeline, stages...)
	pipeline = append(pipeline, bson.D{{Key: "$limit", Value: int64(maxDocuments)}})
	docs, err := t.coll.Aggregate(ctx, pipeline)
	if err != nil {
		return nil, err
	}
	list := make(bson.A, len(docs))
	size := 0
	for i, d := range docs {
		if size += len(d); size > maxBytes {
			return nil, readSizeLimitExceeded()
		}
		list[i] = d
	}
	return list, nil
}

// aggregateVisible runs the pipeline in this process, on what the caller may see.
func (t *target) aggregateVisible(ctx context.Context, candidates bson.D, stages bson.A) (any, error) {
	pipeline, err := query.ParsePipeline(stages, t.env)
	if err != nil {
		return nil, err
	}
	visible, err := t.readVisible(ctx, candidates, querySpec{})
	if err != nil {
		return nil, err
	}
	list, size := bson.A{}, 0
	for doc, err := range pipeline.Run(visibleDocuments(visible)) {
		if err != nil {
			return nil, err
		}
		raw, err := query.Encode(doc)
		if err != nil {
			return nil, err
		}
		if size += len(raw); size > maxBytes || len(list) == maxDocuments {
			return nil, readSizeLimitExceeded()
		}
		list = append(list, raw)
	}
	return list, nil
}

func visibleDocuments(visible []visibleDocument) query.Documents {
	return func(yield func(bson.D, error) bool) {
		for _, s := range visible {
			if !yield(s.visible, nil) {
				return
			}
		}
	}
}
