package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"dossier/backend/api"
	"dossier/model"
)

// maxAnswer is the largest answer that is read: ten documents of 16 MB written as extended JSON.
const maxAnswer = 512 << 20

// request is one HTTP call.
type request struct {
	method string
	base   string // empty: where the service's location said
	path   string
	query  url.Values
	bearer Secret
	body   []byte // nil: none
	link   bool
	stream bool // server-sent events are wanted
}

// send makes one call within the client's timeout and returns the body of a good answer. The error is a *model.Fault; a refused token is an
// *unauthorized inside of it.
func (c *Client) send(ctx context.Context, op string, r request) ([]byte, error) {
	if r.base == "" {
		base, err := c.base(ctx, op)
		if err != nil {
			return nil, err
		}
		r.base = base
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	res, err := c.open(ctx, r)
	if err != nil {
		return nil, c.unanswered(op, r.base, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unanswered(op, r.base, err)
	}
	if len(body) > maxAnswer {
		return nil, &model.Fault{Kind: model.Failed, Op: op, Message: "the answer is larger than dossier reads"}
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, refused(op, res, body)
	}
	return body, nil
}

// open sends the request and returns the answer once its header is here.
func (c *Client) open(ctx context.Context, r request) (*http.Response, error) {
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
	req.Header.Set("Accept", api.ContentType)
	if r.stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", api.ContentType)
	}
	if r.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+string(r.bearer))
	}
	return c.http.Do(req)
}
