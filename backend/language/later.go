package language

import "go.mongodb.org/mongo-driver/v2/bson"

func parseSchemaNode(v any) (node, error) { return nil, Errorf(BadValue, "$jsonSchema") }
func parseOperator(e bson.E, env Env) (expression, error) {
	return nil, Errorf(InvalidPipelineOperator, "Unrecognized expression '%s'", e.Key)
}
