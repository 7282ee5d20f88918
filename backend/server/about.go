package server

import (
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// secretHeaders and secretParameters carry tokens: rules and functions do not see them.
var (
	secretHeaders    = []string{"Authorization", "Cookie", "Proxy-Authorization"}
	secretParameters = []string{"baas_at", "stitch_at"}
)

// about is a request as rules (%%request) and functions (context.request) know it. service is the data source, action the function that is called.
func about(r *http.Request, service, action string) (bson.Raw, error) {
	headers := bson.D{}
	for name, values := range r.Header {
		if slices.Contains(secretHeaders, name) {
			continue
		}
		list := bson.A{}
		for _, v := range values {
			list = append(list, valid(v))
		}
		headers = append(headers, bson.E{Key: valid(name), Value: list})
	}
	sort.Slice(headers, func(i, j int) bool { return headers[i].Key < headers[j].Key })
	return bson.Marshal(bson.D{
		{Key: "remoteIPAddress", Value: addressText(recordOf(r.Context()).client)},
		{Key: "httpMethod", Value: valid(r.Method)},
		{Key: "httpUserAgent", Value: valid(r.UserAgent())},
		{Key: "httpReferrer", Value: valid(r.Referer())},
		{Key: "rawQueryString", Value: withoutTokens(r.URL.RawQuery)},
		{Key: "requestHeaders", Value: headers},
		{Key: "service", Value: service},
		{Key: "action", Value: action},
	})
}

// withoutTokens is a query without the parameters that hold a token.
func withoutTokens(query string) string {
	pairs := slices.DeleteFunc(strings.Split(valid(query), "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		return err != nil || slices.Contains(secretParameters, plain)
	})
	return strings.Join(pairs, "&")
}

// valid is a text that BSON can hold: headers may be any bytes.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
