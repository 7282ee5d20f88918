package functions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
)

const (
	maxRequestBody    = 4 << 20  // bytes
	maxResponseBody   = 16 << 20 // bytes
	maxResponseHeader = 1 << 20  // bytes
	maxRedirects      = 10
)

// hosts are the host names that functions may send requests to; they are resolved on connect.
type hosts []string

// allows reports whether a request to a URL is allowed. A host without a port allows the default ports of http and
// https.
func (h hosts) allows(u *url.URL) bool {
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if u.Port() == "" || u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		if slices.ContainsFunc(h, func(s string) bool { return strings.EqualFold(strings.Trim(s, "[]"), name) }) {
			return true
		}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return slices.ContainsFunc(h, func(s string) bool { return strings.EqualFold(s, net.JoinHostPort(name, port)) })
}

// check returns an error, with what to do, unless a URL is allowed.
func (h hosts) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter,
			"context.http: the URL must begin with https:// or http://")
	}
	if h.allows(u) {
		return nil
	}
	return api.Errorf(http.StatusBadRequest, api.CodeRestrictedHost,
		"context.http: requests to %q are not allowed; allow the host with --http-host when starting the service", u.Host)
}

// newClient returns the client of all functions: with keep-alive, without cookies and proxies.
func (h hosts) newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxResponseHeader, MaxIdleConnsPerHost: maxCalls,
			MaxConnsPerHost: 4 * maxCalls,
		},
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if r.Context().Value(followKey{}) == nil {
				return http.ErrUseLastResponse
			}
			if len(before) >= maxRedirects {
				return errors.New("too many redirects")
			}
			return h.check(r.URL)
		},
	}
}

// followKey is the context key of a request that follows redirects.
type followKey struct{}

// http is context.http.
func (r *run) http() goja.Value {
	return r.newLazyObject(nil, []string{"get", "post", "put", "patch", "delete", "head", "send"},
		func(name string) goja.Value {
			return r.vm.ToValue(func(call goja.FunctionCall) goja.Value {
				return r.promise(func() (goja.Value, error) {
					req, err := r.request(name, call.Argument(0))
					if err != nil {
						return nil, err
					}
					return r.send(req)
				})
			})
		})
}

// request builds a request from the argument of a method: {url, headers, body, encodeBodyAsJSON, form, …}; for send
// with a method.
func (r *run) request(name string, v goja.Value) (*http.Request, error) {
	value, err := r.encode(v, forDatabase)
	if err != nil {
		return nil, fmt.Errorf("context.http.%s: %w", name, err)
	}
	d, ok := value.(bson.D)
	if !ok {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter,
			"context.http.%s: the argument must be an object with url", name)
	}
	options := map[string]any{}
	for _, e := range d {
		options[e.Key] = e.Value
	}
	u, err := requestURL(options)
	if err != nil {
		return nil, err
	}
	if err := r.functions.hosts.check(u); err != nil {
		return nil, err
	}
	body, kind, err := requestBody(options)
	if err != nil {
		return nil, err
	}
	method := name
	if name == "send" {
		method, _ = options["method"].(string)
	}
	ctx := r.ctx
	if options["followRedirects"] == true {
		ctx = context.WithValue(ctx, followKey{}, true)
	}
	req, err := http.NewRequestWithContext(ctx, strings.ToUpper(method), u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("context.http.%s: %w", name, err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, setHeaders(req, options)
}

// requestURL returns the URL: from url, or from scheme, host, path, query and fragment.
func requestURL(options map[string]any) (*url.URL, error) {
	text, ok := options["url"].(string)
	if ok {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter,
				"context.http: %q is not a URL (example: https://example.com)", text)
		}
		return u, nil
	}
	part := func(key string) string { s, _ := options[key].(string); return s }
	u := &url.URL{Scheme: part("scheme"), Host: part("host"), Path: part("path"), Fragment: part("fragment")}
	if u.Scheme == "" {
		u.Scheme = "https"
	}
	query, err := stringLists("query", options["query"])
	if err != nil {
		return nil, err
	}
	u.RawQuery = url.Values(query).Encode()
	if u.Host == "" || strings.ContainsAny(u.Host, "/\\?#@ ") {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "context.http: url or host is required")
	}
	return u, nil
}

// requestBody returns the body and its content type: bytes and strings unchanged; other values, or all with
// encodeBodyAsJSON, as extended JSON.
func requestBody(options map[string]any) (body []byte, kind string, err error) {
	if form := options["form"]; form != nil && options["body"] == nil {
		list, err := stringLists("form", form)
		return []byte(url.Values(list).Encode()), "application/x-www-form-urlencoded", err
	}
	asJSON := options["encodeBodyAsJSON"] == true
	switch v := options["body"].(type) {
	case nil:
	case bson.Binary:
		body = v.Data
	case string:
		body = []byte(v)
		if asJSON {
			body, kind, err = encodeJSON(v)
		}
	default:
		body, kind, err = encodeJSON(v)
	}
	if err == nil && len(body) > maxRequestBody {
		err = api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "context.http: the body has %d bytes, more than %d",
			len(body), maxRequestBody)
	}
	return body, kind, err
}

func encodeJSON(v any) ([]byte, string, error) {
	text, err := stringify(v, false)
	return []byte(text), "application/json", err
}

// setHeaders sets headers, cookies and credentials.
func setHeaders(req *http.Request, options map[string]any) error {
	headers, err := stringLists("headers", options["headers"])
	if err != nil {
		return err
	}
	for name, list := range headers {
		if strings.EqualFold(name, "Host") {
			continue // the host of the URL applies
		}
		req.Header[http.CanonicalHeaderKey(name)] = list
	}
	cookies, err := stringLists("cookies", options["cookies"])
	if err != nil {
		return err
	}
	for name, list := range cookies {
		for _, v := range list {
			req.AddCookie(&http.Cookie{Name: name, Value: v})
		}
	}
	name, isText := options["username"].(string)
	if password, ok := options["password"].(string); isText && ok {
		req.SetBasicAuth(name, password)
	}
	return nil
}

// stringLists reads an object of strings or arrays of strings.
func stringLists(key string, v any) (map[string][]string, error) {
	out := map[string][]string{}
	if v == nil {
		return out, nil
	}
	d, ok := v.(bson.D)
	if !ok {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter, "context.http: %s must be an object", key)
	}
	for _, e := range d {
		list, ok := e.Value.(bson.A)
		if !ok {
			list = bson.A{e.Value}
		}
		for _, item := range list {
			switch item.(type) {
			case string, bool, int32, int64, float64:
				out[e.Key] = append(out[e.Key], fmt.Sprint(item))
			default:
				return nil, api.Errorf(http.StatusBadRequest, api.CodeInvalidParameter,
					"context.http: %s.%s must be a string or an array of strings", key, e.Key)
			}
		}
	}
	return out, nil
}

// send sends a request and returns the response as an object, for any status.
func (r *run) send(req *http.Request) (goja.Value, error) {
	res, err := r.functions.client.Do(req)
	if err != nil {
		return nil, sendError(req, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxResponseBody+1))
	if err != nil {
		return nil, sendError(req, err)
	}
	if len(body) > maxResponseBody {
		return nil, api.Errorf(http.StatusBadRequest, api.CodeReadSizeLimitExceeded,
			"context.http: the response of %s has more than %d bytes", req.URL.Host, maxResponseBody)
	}
	headers := r.vm.NewObject()
	for name, list := range res.Header {
		_ = headers.Set(name, r.stringArray(list))
	}
	cookies := r.vm.NewObject()
	for _, c := range res.Cookies() {
		_ = cookies.Set(c.Name, c.Value)
	}
	return r.newObject("status", res.Status, "statusCode", res.StatusCode, "contentLength", len(body), "headers", headers,
		"cookies", cookies,
		"body", r.wrap(bson.Binary{Data: body})), nil
}

func (r *run) stringArray(list []string) goja.Value {
	items := make([]any, len(list))
	for i, s := range list {
		items[i] = s
	}
	return r.vm.NewArray(items...)
}

// sendError returns why there is no response, without the URL: it may contain a secret.
func sendError(req *http.Request, err error) error {
	var apiError *api.Error
	if errors.As(err, &apiError) {
		return apiError
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return api.Errorf(http.StatusBadRequest, api.CodeHTTPError, "context.http: %s %s: %v", req.Method, req.URL.Host, err)
}
