package server

import (
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// secretHeaders and secretParameters may hold tokens. Rules and functions do not see them.
var (
	secretHeaders    = []string{"Authorization", "Cookie", "Proxy-Authorization"}
	secretParameters = []string{"baas_at", "stitch_at"}
)

// requestContext returns a request as rules (%%request) and functions (context.request) see it. service is the data
// source, action the name of the function or operation.
func requestContext(r *http.Request, service, action string) (bson.Raw, error) {
	headers := bson.D{}
	for name, values := range r.Header {
		if slices.Contains(secretHeaders, name) {
			continue
		}
		list := bson.A{}
		for _, v := range values {
			list = append(list, validUTF8(v))
		}
		headers = append(headers, bson.E{Key: validUTF8(name), Value: list})
	}
	sort.Slice(headers, func(i, j int) bool { return headers[i].Key < headers[j].Key })
	return bson.Marshal(bson.D{
		{Key: "remoteIPAddress", Value: formatAddr(infoOf(r.Context()).clientAddr)},
		{Key: "httpMethod", Value: validUTF8(r.Method)},
		{Key: "httpUserAgent", Value: validUTF8(r.UserAgent())},
		{Key: "httpReferrer", Value: validUTF8(r.Referer())},
		{Key: "rawQueryString", Value: stripTokens(r.URL.RawQuery)},
		{Key: "requestHeaders", Value: headers},
		{Key: "service", Value: service},
		{Key: "action", Value: action},
	})
}

// stripTokens removes the parameters that hold a token from a query.
func stripTokens(query string) string {
	pairs := slices.DeleteFunc(strings.Split(validUTF8(query), "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		return err != nil || slices.Contains(secretParameters, plain)
	})
	return strings.Join(pairs, "&")
}

// validUTF8 replaces invalid bytes: headers may have any, BSON strings may not.
func validUTF8(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
