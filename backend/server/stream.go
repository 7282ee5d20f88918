package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/auth"
)

// watch sends the changes of a collection as server-sent events until the client, the stream or the session ends.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) error {
	session, err := s.authenticateStream(r)
	if err != nil {
		return err
	}
	c, inBSON, err := streamRequest(r)
	if err != nil {
		return err
	}
	if c.Name != api.OpWatch || c.Service == "" {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "only watch on a service can be streamed, got %q",
			c.Name)
	}
	arg, err := c.Argument()
	if err != nil {
		return err
	}
	info := infoOf(r.Context())
	info.setCollection(arg)
	session.Request = requestContext(r, c.Service, c.Name)
	release, err := s.streams.acquire(session.User.ID)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	changes, err := s.config.Dispatcher.Watch(ctx, session, c.Service, arg)
	if err != nil {
		return err
	}
	defer changes.Close()
	out, err := newEventWriter(w)
	if err != nil {
		return nil // the client closed the connection
	}
	out.bson = inBSON
	info.Stream = true
	info.metrics.AddStreams(s.config.AppID, 1)
	defer info.metrics.AddStreams(s.config.AppID, -1)
	if err := s.forward(ctx, session, changes, out); err != nil && ctx.Err() == nil {
		e := asAPIError(err)
		info.setError(e)
		out.writeError(errorResponse(e, info))
	}
	return nil
}

// streamRequest reads the call of a stream, in extended JSON or in BSON.
func streamRequest(r *http.Request) (c api.Call, inBSON bool, err error) {
	if encoded := r.URL.Query().Get("dossier_request"); encoded != "" {
		c, err = api.ParseBSONStreamRequest(encoded)
		return c, true, err
	}
	c, err = api.ParseStreamRequest(queryParam(r, "baas_request", "stitch_request"))
	return c, false, err
}

// change is the result of one call of Stream.Next.
type change struct {
	event bson.Raw
	err   error
}

// nextChange waits for the next event. A panic becomes an error, so that it ends this stream only.
func nextChange(ctx context.Context, changes Stream) (c change) {
	defer func() {
		if cause := recover(); cause != nil {
			c.err = fmt.Errorf("panic in a change stream: %v", cause)
		}
	}()
	c.event, c.err = changes.Next(ctx)
	return c
}

// forward writes events to the client. Every KeepAlive it writes a comment and checks the session.
func (s *Server) forward(ctx context.Context, session *auth.Session, changes Stream, out *eventWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	steps := make(chan change)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			step := nextChange(ctx, changes)
			select {
			case steps <- step:
			case <-ctx.Done():
				return
			}
			if step.err != nil {
				return
			}
		}
	}()
	defer func() { cancel(); <-ended }()
	tick := time.NewTicker(s.config.KeepAlive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.streamsEnded:
			return nil
		case <-tick.C:
			if err := s.config.Auth.Revalidate(ctx, session); err != nil {
				return err
			}
			if !out.writeComment() {
				return nil
			}
		case step := <-steps:
			if errors.Is(step.err, io.EOF) {
				return nil
			}
			if step.err != nil {
				return step.err
			}
			if sent, err := out.writeChange(step.event); err != nil || !sent {
				return err
			}
		}
	}
}

// streamWriteTimeout is how long one write to a client may take.
const streamWriteTimeout = 30 * time.Second

// eventWriter writes server-sent events and flushes each.
type eventWriter struct {
	w          io.Writer
	controller *http.ResponseController
	bson       bool // changes are BSON in base64
}

// newEventWriter writes and flushes the headers: SDKs wait for them.
func newEventWriter(w http.ResponseWriter) (*eventWriter, error) {
	out := &eventWriter{w: w, controller: http.NewResponseController(w)}
	if err := out.controller.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	return out, out.controller.Flush()
}

// escapes are the three escape sequences that SDKs decode.
var escapes = []struct{ raw, escaped []byte }{{[]byte("%"), []byte("%25")}, {[]byte("\n"), []byte("%0A")},
	{[]byte("\r"), []byte("%0D")}}

// writeChange writes a change event and reports whether that succeeded.
func (e *eventWriter) writeChange(event bson.Raw) (sent bool, err error) {
	if e.bson {
		return e.writeEvent("", base64.StdEncoding.AppendEncode(nil, event)), nil
	}
	text, err := api.EncodeDocument(event)
	return err == nil && e.writeEvent("", text), err
}

// writeEvent writes one event and reports whether that succeeded.
func (e *eventWriter) writeEvent(name string, data []byte) bool {
	for _, x := range escapes {
		data = bytes.ReplaceAll(data, x.raw, x.escaped)
	}
	var b bytes.Buffer
	if name != "" {
		b.WriteString("event: " + name + "\n")
	}
	b.WriteString("data: ")
	b.Write(data)
	b.WriteString("\n\n")
	return e.write(b.Bytes())
}

// writeComment writes a comment, which clients ignore, to keep the connection alive.
func (e *eventWriter) writeComment() bool { return e.write([]byte(":\n\n")) }

func (e *eventWriter) writeError(f api.ErrorResponse) {
	if text, err := json.Marshal(f); err == nil {
		e.writeEvent("error", text)
	}
}

// write writes and flushes. After streamWriteTimeout a deadline in the past ends the connection of a client that does
// not read.
func (e *eventWriter) write(b []byte) bool {
	timeout := time.AfterFunc(streamWriteTimeout, func() { _ = e.controller.SetWriteDeadline(time.Unix(1, 0)) })
	defer timeout.Stop()
	if _, err := e.w.Write(b); err != nil {
		return false
	}
	return e.controller.Flush() == nil
}
