package query

import (
	"iter"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Documents is a stream of documents; it ends at the first error.
type Documents = iter.Seq2[bson.D, error]

// Pipeline is a parsed list of aggregation stages.
type Pipeline struct {
	stages []stage
	work   *budget
}

// stage transforms one stream into another.
type stage func(in Documents) Documents

// maxStages is MongoDB's limit.
const maxStages = 1000

// ParsePipeline parses the stages; env is used by their expressions and $lookup. An unknown stage returns an error with
// code 40324.
func ParsePipeline(stages bson.A, env Env) (*Pipeline, error) {
	if len(stages) > maxStages {
		return nil, Errorf(7749501, "Pipeline length must be no longer than %d stages.", maxStages)
	}
	if env.work == nil {
		env.work = new(budget)
	}
	p := &Pipeline{work: env.work}
	table := stageTable()
	for _, item := range stages {
		d, is := item.(bson.D)
		if !is {
			return nil, Errorf(TypeMismatch, "Each element of the 'pipeline' array must be an object")
		}
		if len(d) != 1 {
			return nil, Errorf(40323, "A pipeline stage specification object must contain exactly one field.")
		}
		build := table[d[0].Key]
		if build == nil {
			if isKnownStage(d[0].Key) {
				return nil, Errorf(NotImplemented, "the pipeline stage %s is not supported by the embedded database", d[0].Key)
			}
			return nil, Errorf(40324, "Unrecognized pipeline stage name: '%s'", d[0].Key)
		}
		s, err := build(d[0].Value, env)
		if err != nil {
			return nil, err
		}
		p.stages = append(p.stages, s)
	}
	return p, nil
}

// Run returns the output of the pipeline for the input docs.
func (p *Pipeline) Run(docs Documents) Documents {
	for _, s := range p.stages {
		docs = s(docs)
	}
	return func(yield func(bson.D, error) bool) {
		for d, err := range docs {
			if !yield(d, err) || err != nil {
				return
			}
		}
		if p.work.used > maxBudget { // a condition that exceeds the budget matches nothing
			yield(nil, p.work.exceeded())
		}
	}
}

// transform runs the pipeline on one document, as an update pipeline does.
func (p *Pipeline) transform(doc bson.D) (bson.D, error) {
	*p.work = budget{}
	for out, err := range p.Run(func(yield func(bson.D, error) bool) { yield(doc, nil) }) {
		return out, err
	}
	return nil, Errorf(BadValue, "the update pipeline gave no document")
}

type stageBuilder func(operand any, env Env) (stage, error)

func stageTable() map[string]stageBuilder {
	return map[string]stageBuilder{
		"$match": buildMatch, "$sort": buildSort, "$skip": buildSkip, "$limit": buildLimit, "$project": buildProject,
		"$set": buildAddFields, "$addFields": buildAddFields, "$unset": buildUnsetStage, "$unwind": buildUnwind,
		"$count": buildCount, "$group": buildGroup, "$lookup": buildLookup, "$replaceRoot": buildReplaceRoot,
		"$replaceWith": buildReplaceWith, "$sortByCount": buildSortByCount, "$facet": buildFacet,
		"$unionWith": buildUnionWith,
		"$sample":    buildSample, "$redact": buildRedact,
	}
}

// isKnownStage reports whether name is a MongoDB stage that this package does not implement.
func isKnownStage(name string) bool {
	const known = " $bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $currentOp $densify " +
		"$documents $fill $geoNear $graphLookup $indexStats $listLocalSessions $listSessions $merge " +
		"$out $planCacheStats $search $searchMeta $setWindowFields $vectorSearch "
	return strings.Contains(known, " "+name+" ")
}

// each builds a stage from a function on one document; drop omits the document.
func each(change func(d bson.D) (out bson.D, drop bool, err error)) stage {
	return func(in Documents) Documents {
		return func(yield func(bson.D, error) bool) {
			for d, err := range in {
				drop := false
				if err == nil {
					d, drop, err = change(d)
				}
				if drop {
					continue
				}
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
	}
}

// gather builds a stage from a function that needs all documents at once.
func gather(change func(docs []bson.D) ([]bson.D, error)) stage {
	return func(in Documents) Documents {
		return func(yield func(bson.D, error) bool) {
			var all []bson.D
			for d, err := range in {
				if err != nil {
					yield(nil, err)
					return
				}
				all = append(all, d)
			}
			out, err := change(all)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, d := range out {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

func buildMatch(operand any, env Env) (stage, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(15959, "the match filter must be an expression in an object")
	}
	f, err := ParseFilter(d, env)
	if err != nil {
		return nil, err
	}
	return each(func(d bson.D) (bson.D, bool, error) { return d, !f.Match(d), nil }), nil
}

func buildSkip(operand any, _ Env) (stage, error) {
	n, whole := WholeNumber(operand)
	if !whole || n < 0 {
		return nil, Errorf(5107200, "invalid argument to $skip stage: Expected a non-negative number in: $skip: %s",
			Format(operand))
	}
	return func(in Documents) Documents {
		return func(yield func(bson.D, error) bool) {
			left := n
			for d, err := range in {
				if err == nil && left > 0 {
					left--
					continue
				}
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
	}, nil
}

func buildLimit(operand any, _ Env) (stage, error) {
	n, whole := WholeNumber(operand)
	if !whole || n < 0 {
		return nil, Errorf(5107201, "invalid argument to $limit stage: Expected a non-negative number in: $limit: %s",
			Format(operand))
	}
	if n == 0 {
		return nil, Errorf(15958, "the limit must be positive")
	}
	return func(in Documents) Documents {
		return func(yield func(bson.D, error) bool) {
			left := n
			for d, err := range in {
				if !yield(d, err) || err != nil {
					return
				}
				if left--; left == 0 {
					return
				}
			}
		}
	}, nil
}

func buildCount(operand any, _ Env) (stage, error) {
	name, is := operand.(string)
	if !is || name == "" {
		return nil, Errorf(40156, "the count field must be a non-empty string")
	}
	if strings.HasPrefix(name, "$") {
		return nil, Errorf(40158, "the count field cannot be a $-prefixed path")
	}
	if strings.Contains(name, ".") {
		return nil, Errorf(40160, "the count field cannot contain '.'")
	}
	return gather(func(docs []bson.D) ([]bson.D, error) {
		if len(docs) == 0 {
			return nil, nil
		}
		return []bson.D{{{Key: name, Value: int32(len(docs))}}}, nil
	}), nil
}
