package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"dossier/backend/api"
	"dossier/model"
)

// maxResponse is the maximum size of a response: ten documents of 16 MB as extended JSON.
const maxResponse = 512 << 20

// request describes one HTTP request.
type request struct {
	method string
	base   string // base URL; empty: see Client.base
	path   string
	query  url.Values
	bearer Secret
	body   []byte // nil: no body
	link   bool
	bson   bool // the body and the response are BSON
	stream bool // expects server-sent events
}

// withDeadline limits a context by the client's timeout, unless the caller set a deadline, which may be later: a
// function may run longer than other calls.
func (c *Client) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.options.Timeout)
}

// send makes one request within the caller's deadline or the client's timeout, and returns the body of a 2xx response.
// The error is a *model.Fault; it wraps an *unauthorized for a 401.
func (c *Client) send(ctx context.Context, op string, r request) ([]byte, error) {
	if r.base == "" {
		base, err := c.base(ctx, op)
		if err != nil {
			return nil, err
		}
		r.base = base
	}
	ctx, cancel := c.withDeadline(ctx)
	defer cancel()
	res, err := c.roundTrip(ctx, r)
	if err != nil {
		return nil, c.noResponseFault(op, r.base, err)
	}
	defer res.Body.Close()
	body, err := readResponse(res)
	if err != nil {
		return nil, c.noResponseFault(op, r.base, err)
	}
	if len(body) > maxResponse {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: fmt.Sprintf("the response is larger than %d MiB",
			maxResponse>>20)}
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, responseFault(op, res, body)
	}
	return body, nil
}

// maxReserved limits the memory that is reserved for a response of a known length, in bytes.
const maxReserved = 32 << 20

// readResponse reads a body of at most maxResponse+1 bytes, at once where the response says how long it is.
func readResponse(res *http.Response) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, int(min(max(res.ContentLength, 0), maxReserved))+bytes.MinRead))
	_, err := body.ReadFrom(io.LimitReader(res.Body, maxResponse+1))
	return body.Bytes(), err
}

// roundTrip sends the request and returns the response once its header has arrived.
func (c *Client) roundTrip(ctx context.Context, r request) (*http.Response, error) {
	target := r.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	contentType := api.ContentType
	if r.bson {
		contentType = api.BSONType
	}
	req.Header.Set("Accept", contentType)
	if r.stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if r.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+string(r.bearer))
	}
	return c.http.Do(req)
}
