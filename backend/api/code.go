package api

// The service's error codes that dossier sends or reads; SDKs know them by name.
const (
	CodeAPIKeyAlreadyExists        = "APIKeyAlreadyExists"
	CodeAPIKeyNotFound             = "APIKeyNotFound"
	CodeAccountNameInUse           = "AccountNameInUse"
	CodeAuthError                  = "AuthError"
	CodeAuthProviderNotFound       = "AuthProviderNotFound"
	CodeBadRequest                 = "BadRequest"
	CodeExecutionTimeLimitExceeded = "ExecutionTimeLimitExceeded"
	CodeFunctionExecutionError     = "FunctionExecutionError"
	CodeFunctionNotFound           = "FunctionNotFound"
	CodeFunctionSyntaxError        = "FunctionSyntaxError"
	CodeInternalServerError        = "InternalServerError"
	CodeInvalidParameter           = "InvalidParameter"
	CodeInvalidPassword            = "InvalidPassword"
	CodeInvalidSession             = "InvalidSession"
	CodeMissingParameter           = "MissingParameter"
	CodeMongoDBError               = "MongoDBError"
	CodeNoMatchingRuleFound        = "NoMatchingRuleFound"
	CodeSchemaValidationFailed     = "SchemaValidationFailedWrite"
	CodeServiceNotFound            = "ServiceNotFound"
	CodeServiceCommandNotFound     = "ServiceCommandNotFound"
	CodeUserAlreadyConfirmed       = "UserAlreadyConfirmed"
	CodeUserDisabled               = "UserDisabled"
	CodeUserNotFound               = "UserNotFound"
	CodeUserpassTokenInvalid       = "UserpassTokenInvalid"
)
