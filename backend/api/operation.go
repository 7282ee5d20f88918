package api

// The operations of a data source: the names that a call with `service` may have.
const (
	OpFind              = "find"
	OpFindOne           = "findOne"
	OpFindOneAndUpdate  = "findOneAndUpdate"
	OpFindOneAndReplace = "findOneAndReplace"
	OpFindOneAndDelete  = "findOneAndDelete"
	OpAggregate         = "aggregate"
	OpCount             = "count"
	OpInsertOne         = "insertOne"
	OpInsertMany        = "insertMany"
	OpUpdateOne         = "updateOne"
	OpUpdateMany        = "updateMany"
	OpDeleteOne         = "deleteOne"
	OpDeleteMany        = "deleteMany"

	// OpWatch opens a change stream; a streaming call (GET) is its only form.
	OpWatch = "watch"

	// Operations for the application's functions only.
	OpCountDocuments = "countDocuments"
	OpDistinct       = "distinct"
	OpReplaceOne     = "replaceOne"
	OpBulkWrite      = "bulkWrite"
)

// ClientOperations returns the operations that a client may call with POST.
func ClientOperations() []string {
	return []string{
		OpFind, OpFindOne, OpFindOneAndUpdate, OpFindOneAndReplace, OpFindOneAndDelete, OpAggregate, OpCount,
		OpInsertOne, OpInsertMany, OpUpdateOne, OpUpdateMany, OpDeleteOne, OpDeleteMany,
	}
}

// FunctionOperations returns the operations that the application's functions may call and clients may not.
func FunctionOperations() []string {
	return []string{OpCountDocuments, OpDistinct, OpReplaceOne, OpBulkWrite}
}
