package query

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Error is a MongoDB error: code, code name and message. Info holds additional fields of the reply, such as keyPattern
// and keyValue of a duplicate key.
type Error struct {
	Code    int32
	Name    string
	Message string
	Info    bson.D
}

// Error returns the code name and the message, in the format of the MongoDB shell.
func (e *Error) Error() string { return "(" + e.Name + ") " + e.Message }

// Error codes from MongoDB's error_codes.yml that this module returns.
const (
	BadValue                  int32 = 2
	UnknownError              int32 = 8
	FailedToParse             int32 = 9
	Unauthorized              int32 = 13
	TypeMismatch              int32 = 14
	Overflow                  int32 = 15
	InvalidLength             int32 = 16
	IllegalOperation          int32 = 20
	InvalidBSON               int32 = 22
	NamespaceNotFound         int32 = 26
	IndexNotFound             int32 = 27
	PathNotViable             int32 = 28
	ConflictingUpdateOperator int32 = 40
	CursorNotFound            int32 = 43
	NamespaceExists           int32 = 48
	MaxTimeMSExpired          int32 = 50
	DollarPrefixedFieldName   int32 = 52
	InvalidIDField            int32 = 53
	NotSingleValueField       int32 = 54
	EmptyFieldName            int32 = 56
	CommandNotFound           int32 = 59
	ImmutableField            int32 = 66
	CannotCreateIndex         int32 = 67
	InvalidOptions            int32 = 72
	InvalidNamespace          int32 = 73
	IndexOptionsConflict      int32 = 85
	IndexKeySpecsConflict     int32 = 86
	DocumentValidationFailure int32 = 121
	InvalidPipelineOperator   int32 = 168
	CannotIndexParallelArrays int32 = 171
	CursorInUse               int32 = 12051
	ConversionFailure         int32 = 241
	QueryPlanKilled           int32 = 175
	TransactionTooOld         int32 = 225
	ExceededMemoryLimit       int32 = 146
	NotImplemented            int32 = 238
	ChangeStreamFatalError    int32 = 280
	ChangeStreamHistoryLost   int32 = 286
	BSONObjectTooLarge        int32 = 10334
	DuplicateKey              int32 = 11000
	KeyTooLong                int32 = 17280
	InterruptedAtShutdown     int32 = 11600
)

// Errorf returns an Error with a code and a formatted message.
func Errorf(code int32, format string, args ...any) *Error {
	return &Error{Code: code, Name: CodeName(code), Message: fmt.Sprintf(format, args...)}
}

// CodeName returns MongoDB's name for a code; for a code without a name, "Location" and the number.
func CodeName(code int32) string {
	names := map[int32]string{
		ExceededMemoryLimit: "ExceededMemoryLimit", BadValue: "BadValue", UnknownError: "UnknownError",
		FailedToParse: "FailedToParse", Unauthorized: "Unauthorized",
		TypeMismatch: "TypeMismatch", Overflow: "Overflow", InvalidLength: "InvalidLength",
		IllegalOperation: "IllegalOperation",
		InvalidBSON:      "InvalidBSON", NamespaceNotFound: "NamespaceNotFound", IndexNotFound: "IndexNotFound",
		PathNotViable: "PathNotViable", ConflictingUpdateOperator: "ConflictingUpdateOperators",
		CursorNotFound:  "CursorNotFound",
		NamespaceExists: "NamespaceExists", MaxTimeMSExpired: "MaxTimeMSExpired",
		DollarPrefixedFieldName: "DollarPrefixedFieldName",
		InvalidIDField:          "InvalidIdField", NotSingleValueField: "NotSingleValueField",
		EmptyFieldName:  "EmptyFieldName",
		CommandNotFound: "CommandNotFound", ImmutableField: "ImmutableField", CannotCreateIndex: "CannotCreateIndex",
		InvalidOptions: "InvalidOptions", InvalidNamespace: "InvalidNamespace", IndexOptionsConflict: "IndexOptionsConflict",
		IndexKeySpecsConflict: "IndexKeySpecsConflict", DocumentValidationFailure: "DocumentValidationFailure",
		InvalidPipelineOperator: "InvalidPipelineOperator", CannotIndexParallelArrays: "CannotIndexParallelArrays",
		CursorInUse: "CursorInUse", ConversionFailure: "ConversionFailure", TransactionTooOld: "TransactionTooOld",
		QueryPlanKilled: "QueryPlanKilled",
		NotImplemented:  "NotImplemented", ChangeStreamFatalError: "ChangeStreamFatalError",
		ChangeStreamHistoryLost: "ChangeStreamHistoryLost", BSONObjectTooLarge: "BSONObjectTooLarge",
		DuplicateKey: "DuplicateKey", KeyTooLong: "KeyTooLong", InterruptedAtShutdown: "InterruptedAtShutdown",
	}
	if name, ok := names[code]; ok {
		return name
	}
	return fmt.Sprintf("Location%d", code)
}
