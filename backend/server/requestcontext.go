package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// secretHeaders and secretParameters may hold tokens. Rules and functions do not see them.
var (
	secretHeaders    = []string{"Authorization", "Cookie", "Proxy-Authorization"}
	secretParameters = []string{"baas_at", "stitch_at"}
)

// requestContext returns a request as rules (%%request) and functions (context.request) see it. service is the data
// source, action the name of the function or operation.
func requestContext(r *http.Request, service, action string) bson.Raw {
	doc := bsoncore.NewDocumentBuilder().
		AppendString("remoteIPAddress", formatAddr(infoOf(r.Context()).clientAddr)).
		AppendString("httpMethod", validUTF8(r.Method)).
		AppendString("httpUserAgent", validUTF8(r.UserAgent())).
		AppendString("httpReferrer", validUTF8(r.Referer())).
		AppendString("rawQueryString", stripTokens(r.URL.RawQuery)).
		AppendDocument("requestHeaders", headersDocument(r.Header)).
		AppendString("service", service).
		AppendString("action", action)
	return bson.Raw(doc.Build())
}

// headersDocument returns the headers without secrets, sorted by name.
func headersDocument(h http.Header) bsoncore.Document {
	names := make([]string, 0, len(h))
	for name := range h {
		if !slices.Contains(secretHeaders, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	doc := bsoncore.NewDocumentBuilder()
	for _, name := range names {
		values := bsoncore.NewArrayBuilder()
		for _, v := range h[name] {
			values.AppendString(validUTF8(v))
		}
		doc.AppendArray(validUTF8(name), values.Build())
	}
	return doc.Build()
}

// stripTokens removes the parameters that hold a token from a query.
func stripTokens(query string) string {
	if query == "" {
		return ""
	}
	pairs := slices.DeleteFunc(strings.Split(validUTF8(query), "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		return err != nil || slices.Contains(secretParameters, plain)
	})
	return strings.Join(pairs, "&")
}

// validUTF8 replaces invalid bytes: headers may have any, BSON strings may not.
func validUTF8(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
