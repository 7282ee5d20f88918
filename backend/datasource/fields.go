package datasource

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// A path cannot name a top-level field whose name is empty, starts with a dollar sign or contains a dot. Updates and
// filters reach such a field by its exact name: with $setField and $unsetField in a pipeline, and with $getField in
// $expr. Of pipelines and $expr, users may use exactly these forms.

// changedByName returns the fields that a pipeline changes, if its stages are {$replaceWith: {$setField: {field:
// {$literal: name}, input: "$$ROOT", value: {$literal: value}}}} and {$replaceWith: {$unsetField: {field: {$literal:
// name}, input: "$$ROOT"}}}.
func changedByName(stages bson.A) (names []string, ok bool) {
	for _, stage := range stages {
		expression, ok := only(stage, "$replaceWith").(bson.D)
		if !ok || len(expression) != 1 {
			return nil, false
		}
		operand, _ := expression[0].Value.(bson.D)
		field, _ := query.Get(operand, "field")
		input, _ := query.Get(operand, "input")
		name, ok := only(field, "$literal").(string)
		if !ok || input != "$$ROOT" {
			return nil, false
		}
		value, _ := query.Get(operand, "value")
		switch {
		case expression[0].Key == "$setField" && isLiteral(value) && len(operand) == 3:
		case expression[0].Key == "$unsetField" && len(operand) == 2:
		default:
			return nil, false
		}
		names = append(names, name)
	}
	return names, len(names) > 0
}

// only returns the value of a document's only field, if it has that name.
func only(v any, key string) any {
	if d, is := v.(bson.D); is && len(d) == 1 && d[0].Key == key {
		return d[0].Value
	}
	return nil
}

// updateByName returns the pipeline that sets and removes fields.
func updateByName(set, unset bson.D) bson.A {
	var stages bson.A
	for _, e := range set {
		stages = append(stages, bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$setField", Value: bson.D{
			{Key: "field", Value: literal(e.Key)}, {Key: "input", Value: "$$ROOT"}, {Key: "value", Value: literal(e.Value)}}}}}})
	}
	for _, e := range unset {
		stages = append(stages, bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$unsetField", Value: bson.D{
			{Key: "field", Value: literal(e.Key)}, {Key: "input", Value: "$$ROOT"}}}}}})
	}
	return stages
}

func literal(v any) bson.D { return bson.D{{Key: "$literal", Value: v}} }

func fieldByName(name string) bson.D { return bson.D{{Key: "$getField", Value: literal(name)}} }

// unchangedByName is unchanged for any name, as operands of $and in $expr.
func unchangedByName(doc bson.D, name string) bson.A {
	kind := "missing"
	v, ok := query.Get(doc, name)
	if ok {
		kind = query.TypeName(v)
	}
	conditions := bson.A{bson.D{{Key: "$eq",
		Value: bson.A{bson.D{{Key: "$type", Value: fieldByName(name)}}, literal(kind)}}}}
	if ok {
		conditions = append(conditions, bson.D{{Key: "$eq", Value: bson.A{fieldByName(name), literal(v)}}})
	}
	return conditions
}

// withoutFieldConditions removes the $expr of a filter whose conditions are those of unchangedByName.
func withoutFieldConditions(filter bson.D) bson.D {
	out := make(bson.D, 0, len(filter))
	for _, e := range filter {
		if e.Key != "$expr" || !areFieldConditions(e.Value) {
			out = append(out, e)
		}
	}
	return out
}

func areFieldConditions(v any) bool {
	list, is := only(v, "$and").(bson.A)
	for _, item := range list {
		operands, _ := only(item, "$eq").(bson.A)
		if len(operands) != 2 {
			return false
		}
		field, constant := operands[0], operands[1]
		if inner := only(field, "$type"); inner != nil {
			field = inner
		}
		if _, isText := only(only(field, "$getField"), "$literal").(string); !isText || !isLiteral(constant) {
			return false
		}
	}
	return is && len(list) > 0
}

func isLiteral(v any) bool {
	d, is := v.(bson.D)
	return is && len(d) == 1 && d[0].Key == "$literal"
}
