package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

// Outcome describes a request after its response. It holds no secret, and no text that a client can invent: each field
// has few possible values, so that it can be a metric's label.
type Outcome struct {
	App          string // the application's id; empty: none
	Method       string // "other" for a method that HTTP does not define
	Route        string // the pattern of the path; empty: the request was refused before routing
	Status       int    // 0: the client closed the connection before the response
	Duration     time.Duration
	Kind         Kind   // empty for requests that are not counted by kind
	Name         string // of the provider, function or operation; empty: none with this name exists
	Code         string // the error_code of the response
	Stream       bool   // a change stream: Duration is how long it was open
	DatabaseDown bool   // the database did not respond
}

// Kind is a class of requests in the metrics.
type Kind string

// The kinds of requests that have their own metrics.
const (
	SignIn    Kind = "sign-in"
	Refresh   Kind = "refresh"
	Function  Kind = "function"  // a call of the application's function
	Operation Kind = "operation" // a call of a data source's operation, such as find
)

// MetricsRecorder counts requests and streams. Its methods are called concurrently and must not block.
type MetricsRecorder interface {
	RequestStarted()
	RequestFinished(Outcome)
	AddStreams(app string, n int) // changes the number of open streams by n, which may be negative
}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) RequestStarted()         {}
func (noMetrics) RequestFinished(Outcome) {}
func (noMetrics) AddStreams(string, int)  {}

// requestInfoKey is the context key of a request's *requestInfo.
type requestInfoKey struct{}

// requestInfo collects facts about a request, for the access log and the metrics. One goroutine uses it.
type requestInfo struct {
	Outcome
	id         string
	baseURL    string     // the service's address as the client sees it, without a slash at the end
	clientAddr netip.Addr // zero: the request did not come over a network
	userID     string     // of the signed-in user
	collection string     // of an operation: "database.collection"
	origin     string     // of a page that the application's origins exclude
	cause      error      // why the request failed, for the log
	metrics    MetricsRecorder
}

// infoOf returns the request's info, or an empty one outside the middleware.
func infoOf(ctx context.Context) *requestInfo {
	if r, ok := ctx.Value(requestInfoKey{}).(*requestInfo); ok {
		return r
	}
	return &requestInfo{metrics: noMetrics{}}
}

// setError records an error response. The cause of a client's error is not logged, because it quotes what was sent,
// which may be a password. Exceptions: messages that quote no secret, and a MongoDB message up to its first quotation.
func (r *requestInfo) setError(e *api.Error) {
	r.Code = e.Code
	switch {
	case e.Status == http.StatusTooManyRequests, slices.Contains(loggableCodes, e.Code):
		r.cause = fmt.Errorf("%.300s", e.Message)
	case e.Status >= http.StatusInternalServerError, e.Code == api.CodeAuthError, e.Code == "":
		r.cause = e.Err
	case e.Code == api.CodeMongoDBError:
		r.cause = fmt.Errorf("%.300s", untilQuote(e.Message))
	}
}

// loggableCodes are the codes of errors whose messages quote no secret.
var loggableCodes = []string{
	api.CodeInvalidSession, api.CodeUserAppDomainMismatch, api.CodeAuthProviderNotFound, api.CodeNoMatchingRuleFound,
	api.CodeSchemaValidationFailed,
}

// untilQuote returns a message up to its first quotation.
func untilQuote(message string) string {
	if i := strings.IndexAny(message, "{[\"'"); i >= 0 {
		return strings.TrimSpace(message[:i]) + " …"
	}
	return message
}

// setCollection records the collection that an operation's argument names.
func (r *requestInfo) setCollection(arg bson.Raw) {
	database, _ := arg.Lookup("database").StringValueOK()
	collection, _ := arg.Lookup("collection").StringValueOK()
	r.collection = fmt.Sprintf("%.100s.%.150s", database, collection)
}

// setCall records the kind of a call, and its name if such a function or operation exists.
func (r *requestInfo) setCall(c api.Call, functions []string) {
	known := functions
	r.Kind = Function
	if c.Service != "" {
		r.Kind, known = Operation, api.ClientOperations()
	}
	if slices.Contains(known, c.Name) {
		r.Name = c.Name
	}
}

// knownMethod returns a method that HTTP defines as it is, and "other" for any other.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	}
	return "other"
}
