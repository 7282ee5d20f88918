package datasource

import (
	"net/http"
	"strings"

	"dossier/backend/api"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// isForbiddenOperator tells the operators that a user's query, update or pipeline may not hold, at whatever depth: those that the
// hosted service kept from users, and those that run code.
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
	return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "%s is not available to users; a function that runs as system may use it", what)
}

// checkOperators refuses operators anywhere in a value; patterns too when it is a query.
func checkOperators(v any, query bool) error {
	switch x := v.(type) {
	case bson.D:
		for _, e := range x {
			if isForbiddenOperator(e.Key) {
				return notAvailableToUsers(e.Key)
			}
			if err := checkOperators(e.Value, query || e.Key == "$pull" || e.Key == "$match" || e.Key == "$elemMatch"); err != nil {
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

// checkAllowed refuses what a user may not ask; whoever is past the rules may ask anything.
func (t *target) checkAllowed(query bool, words ...any) error {
	if t.view == nil {
		return nil
	}
	for _, w := range words {
		if err := checkOperators(w, query); err != nil {
			return err
		}
	}
	return nil
}

// checkStages lets a user's pipeline hold only stages that stay in the collection, and nobody's one that writes.
func (t *target) checkStages(stages bson.A) error {
	for _, s := range stages {
		d, ok := s.(bson.D)
		if !ok || len(d) != 1 {
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "A pipeline stage specification object must contain exactly one field.")
		}
		name := d[0].Key
		switch {
		case name == "$out" || name == "$merge":
			return api.Errorf(http.StatusBadRequest, api.CodeMongoDBError, "%s is not supported: write with updateMany or insertMany", name)
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
	case "$match", "$sort", "$skip", "$limit", "$project", "$set", "$addFields", "$unset", "$unwind", "$group", "$count", "$replaceRoot":
		return true
	}
	return false
}

// isKnownStage tells a stage that MongoDB has from a slip of the pen.
func isKnownStage(name string) bool {
	const stages = ` $bucket $bucketAuto $changeStream $collStats $currentOp $densify $documents $facet $fill $geoNear $graphLookup $indexStats
		$listLocalSessions $listSearchIndexes $listSessions $lookup $planCacheStats $queryStats $redact $replaceWith $sample $search $searchMeta
		$setWindowFields $sortByCount $unionWith $vectorSearch `
	for stage := range strings.FieldsSeq(stages) {
		if stage == name {
			return true
		}
	}
	return false
}
