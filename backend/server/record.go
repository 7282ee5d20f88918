package server

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"dossier/backend/api"
)

// Outcome is what is known of a request that was answered. None of its texts is what a client made up, so each has few values and none is a secret.
type Outcome struct {
	App          string // the application's id; empty: no application's
	Method       string // "other" when HTTP does not know it
	Route        string // the pattern of the path; empty: nobody looked at it
	Status       int    // 0: the client went before it got one
	Took         time.Duration
	Provider     string // with which somebody wanted to sign in; empty when there is no such provider
	Function     string // the function that was called; empty when there is no such function
	Operation    string // or the operation of a data source, such as "find"
	Code         string // the error_code it was answered with
	Stream       bool   // it was a stream: Took says how long somebody watched
	DatabaseDown bool   // the database did not answer
}

// Meter is told what goes on. It must not wait.
type Meter interface {
	Began()                    // a request came in
	Ended(Outcome)             // and was answered
	Streams(app string, n int) // so many more streams are open; fewer when negative
}

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Began()              {}
func (noMeter) Ended(Outcome)       {}
func (noMeter) Streams(string, int) {}

// requestKey is where a request's record is in its context.
type requestKey struct{}

// record is what is known of a request while it is answered.
type record struct {
	Outcome
	id     string
	base   string     // the service's address as clients see it, no slash at the end
	client netip.Addr // where the request comes from; the zero one when it came over no network
	user   string     // id of who is signed in
	cause  error      // why it failed, for the log
	meter  Meter
}

// failed notes an error answer. The cause of one that is the client's fault stays out: it quotes what was sent, which
// may be a password.
func (r *record) failed(e *api.Error) {
	r.Code = e.Code
	if e.Status >= http.StatusInternalServerError {
		r.cause = e.Err
	}
}

// operations are the functions of a data source that clients call, for the figures; another name is no operation.
var operations = []string{
	"find", "findOne", "findOneAndUpdate", "findOneAndReplace", "findOneAndDelete", "aggregate", "count",
	"insertOne", "insertMany", "updateOne", "updateMany", "deleteOne", "deleteMany", "watch",
}

// called notes what is about to be called, if there is such a thing.
func (r *record) called(c api.Call, functions []string) {
	switch {
	case c.Service == "" && slices.Contains(functions, c.Name):
		r.Function = c.Name
	case c.Service != "" && slices.Contains(operations, c.Name):
		r.Operation = c.Name
	}
}

func recordOf(ctx context.Context) *record {
	if r, ok := ctx.Value(requestKey{}).(*record); ok {
		return r
	}
	return &record{meter: noMeter{}}
}
