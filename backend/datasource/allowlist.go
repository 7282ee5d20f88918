package datasource

import (
	"net/http"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// isForbiddenOperator reports whether a user's query, update or pipeline must not contain an operator, at any depth:
// the operators that App Services refuses from users, and those that run code.
func isForbiddenOperator(key string) bool {
	switch key {
	case "$expr", "$jsonSchema", "$regex", "$text", "$where",
		"$geoIntersects", "$geoWithin", "$near", "$nearSphere",
		"$bitsAllClear", "$bitsAllSet", "$bitsAnyClear", "$bitsAnySet",
		"$function", "$accumulator", "$setIsSubset":
		return true
	}
	return false
}

func notAvailableToUsers(what string) error {
	return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError,
		"%s is not available to users; a function that runs as system may use it", what)
}

// checkOperators rejects forbidden operators anywhere in a value. With query it also rejects regular expressions, but
// not what $eq compares: that is a literal, neither a pattern nor an operator.
func checkOperators(v any, query bool) error {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if query && e.Key == "$eq" {
				continue
			}
			if isForbiddenOperator(e.Key) {
				return notAvailableToUsers(e.Key)
			}
			if err := checkOperators(e.Value, query || e.Key == "$match" || e.Key == "$elemMatch"); err != nil {
				return err
			}
		}
	case bson.A:
		for _, item := range x {
			if err := checkOperators(item, query); err != nil {
				return err
			}
		}
	case bson.Regex:
		if query {
			return notAvailableToUsers("a regular expression in a query")
		}
	case bson.JavaScript, bson.CodeWithScope:
		return notAvailableToUsers("code in a query")
	}
	return nil
}

// checkAllowed rejects what only system callers may use.
func (t *target) checkAllowed(query bool, values ...any) error {
	if t.view == nil {
		return nil
	}
	for _, v := range values {
		if d, is := v.(bson.D); is && query {
			v = withoutFieldConditions(d)
		}
		if err := checkOperators(v, query); err != nil {
			return err
		}
	}
	return nil
}

// checkUpdateAllowed rejects updates that only system callers may use. The values that an update stores are data; only
// $pull has a condition.
func (t *target) checkUpdateAllowed(c *change) error {
	if t.view == nil {
		return nil
	}
	if stages, is := c.update.(bson.A); is {
		if _, ok := changedByName(stages); !ok || c.upsert {
			return notAvailableToUsers("an update by a pipeline")
		}
		return nil
	}
	d, _ := c.update.(bson.D)
	for _, op := range d {
		if op.Key == "$pull" {
			if err := checkOperators(op.Value, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkStages accepts from users only the stages that read nothing but the collection, and from no caller stages that
// write.
func (t *target) checkStages(stages bson.A) error {
	for _, s := range stages {
		d, ok := s.(bson.D)
		if !ok || len(d) != 1 {
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError,
				"A pipeline stage specification object must contain exactly one field.")
		}
		name := d[0].Key
		switch {
		case name == "$out" || name == "$merge":
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError,
				"%s is not supported: write with updateMany or insertMany", name)
		case t.view == nil || isUserStage(name):
		case isKnownStage(name):
			return notAvailableToUsers(name)
		default:
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "Unrecognized pipeline stage name: '%s'", name)
		}
	}
	return t.checkAllowed(false, stages)
}

func isUserStage(stage string) bool {
	switch stage {
	case "$match", "$sort", "$skip", "$limit", "$project", "$set", "$addFields", "$unset", "$unwind", "$group", "$count",
		"$replaceRoot":
		return true
	}
	return false
}

// isKnownStage reports whether MongoDB has the stage, so that the error for a misspelled stage differs.
func isKnownStage(name string) bool {
	const stages = `$bucket $bucketAuto $changeStream $collStats $currentOp $densify $documents $facet $fill $geoNear
		$graphLookup $indexStats $listLocalSessions $listSearchIndexes $listSessions $lookup $planCacheStats
		$queryStats $redact $replaceWith $sample $search $searchMeta $setWindowFields $sortByCount $unionWith
		$vectorSearch`
	for stage := range strings.FieldsSeq(stages) {
		if stage == name {
			return true
		}
	}
	return false
}
