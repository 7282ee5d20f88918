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

// Outcome is what is known of a request that was answered. None of its texts is what a client made up, so each has few values and none is a secret.
type Outcome struct {
	App          string // the application's id; empty: no application's
	Method       string // "other" when HTTP does not know it
	Route        string // the pattern of the path; empty: nobody looked at it
	Status       int    // 0: the client went before it got one
	Duration     time.Duration
	Kind         Kind   // what it was about
	Name         string // the provider somebody wanted to sign in with, the function or the operation; empty when there is none of that name
	Code         string // the error_code it was answered with
	Stream       bool   // it was a stream: Took says how long somebody watched
	DatabaseDown bool   // the database did not answer
}

// Kind is what a request was about, as far as figures are concerned.
type Kind string

// The kinds that are counted apart.
const (
	SignIn    Kind = "sign-in"
	Refresh   Kind = "refresh"
	Function  Kind = "function"  // a call of the application's function
	Operation Kind = "operation" // a call of a data source's operation, such as find
)

// MetricsRecorder is told what goes on. It must not wait.
type MetricsRecorder interface {
	RequestStarted()              // a request came in
	RequestFinished(Outcome)      // and was answered
	AddStreams(app string, n int) // so many more streams are open; fewer when negative
}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) RequestStarted()         {}
func (noMetrics) RequestFinished(Outcome) {}
func (noMetrics) AddStreams(string, int)  {}

// requestInfoKey is where a request's record is in its context.
type requestInfoKey struct{}

// requestInfo is what is known of a request while it is answered.
type requestInfo struct {
	Outcome
	id         string
	base       string     // the service's address as clients see it, no slash at the end
	client     netip.Addr // where the request comes from; the zero one when it came over no network
	user       string     // id of who is signed in
	collection string     // the collection that an operation is about: "database.collection"
	origin     string     // of a page that may not ask
	cause      error      // why it failed, for the log
	metrics    MetricsRecorder
}

// setError notes an error answer. The cause of one that is the client's fault stays out: it quotes what was sent, which
// may be a password. Only why somebody was refused is written so that it quotes no secret, and of a database's words what
// comes before it quotes a document.
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

// loggableCodes are the codes of answers whose words quote no secret: the log has them as they are.
var loggableCodes = []string{
	api.CodeInvalidSession, api.CodeUserAppDomainMismatch, api.CodeAuthProviderNotFound, api.CodeNoMatchingRuleFound, api.CodeSchemaValidationFailed,
}

// untilQuote is a message up to where it quotes something.
func untilQuote(message string) string {
	if i := strings.IndexAny(message, "{[\"'"); i >= 0 {
		return strings.TrimSpace(message[:i]) + " …"
	}
	return message
}

// setCollection notes which collection an operation is about.
func (r *requestInfo) setCollection(arg bson.Raw) {
	database, _ := arg.Lookup("database").StringValueOK()
	collection, _ := arg.Lookup("collection").StringValueOK()
	r.collection = fmt.Sprintf("%.100s.%.150s", database, collection)
}

// nameLabel is what Name names.
func (r *requestInfo) nameLabel() string {
	if r.Kind == Function || r.Kind == Operation {
		return string(r.Kind)
	}
	return "provider"
}

// setCall notes what is about to be called, by name if there is such a thing.
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

func infoOf(ctx context.Context) *requestInfo {
	if r, ok := ctx.Value(requestInfoKey{}).(*requestInfo); ok {
		return r
	}
	return &requestInfo{metrics: noMetrics{}}
}
