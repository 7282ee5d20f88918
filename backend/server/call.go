package server

import (
	"bytes"
	"context"
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

// call runs a function of the application, or with `service` an operation of a data source.
func (s *Server) call(w http.ResponseWriter, r *http.Request) error {
	who, err := s.authenticate(r)
	if err != nil {
		return err
	}
	text, release, err := s.readCallBody(w, r, who.User.ID)
	if err != nil {
		return err
	}
	defer release()
	c, err := api.ParseCall(text)
	if err != nil {
		return err
	}
	if err := setRequestContext(r, who, c); err != nil {
		return err
	}
	infoOf(r.Context()).setCall(c, s.config.Info.Functions)
	value, err := s.dispatch(r.Context(), who, c)
	if err != nil {
		return err
	}
	answer, err := api.EncodeRawValue(value)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// setRequestContext tells rules and functions what the request is about to call.
func setRequestContext(r *http.Request, who *auth.Session, c api.Call) (err error) {
	who.Request, err = requestContext(r, c.Service, c.Name)
	return err
}

func (s *Server) dispatch(ctx context.Context, who *auth.Session, c api.Call) (bson.RawValue, error) {
	if c.Service == "" {
		return s.config.Dispatcher.CallFunction(ctx, who, c.Name, c.Arguments)
	}
	arg, err := c.Argument()
	if err != nil {
		return bson.RawValue{}, err
	}
	infoOf(ctx).setCollection(arg)
	return s.config.Dispatcher.CallService(ctx, who, c.Service, c.Name, arg)
}

// authenticateStream says who is asking for a stream: some SDKs put the token into the address.
func (s *Server) authenticateStream(r *http.Request) (*auth.Session, error) {
	if token := queryParam(r, "baas_at", "stitch_at"); token != "" && r.Header.Get("Authorization") == "" {
		return s.authenticateToken(r, auth.NewSecret(token))
	}
	return s.authenticate(r)
}

// queryParam is what the address says under today's name, else under the one of older SDKs.
func queryParam(r *http.Request, name, older string) string {
	q := r.URL.Query()
	if q.Has(name) {
		return q.Get(name)
	}
	return q.Get(older)
}

// watch streams the changes of a collection as server-sent events until the client goes, the stream ends or the session does.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) error {
	who, err := s.authenticateStream(r)
	if err != nil {
		return err
	}
	c, err := api.ParseStreamRequest(queryParam(r, "baas_request", "stitch_request"))
	if err != nil {
		return err
	}
	if c.Name != api.OpWatch || c.Service == "" {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "only watch on a service can be streamed, not %q", c.Name)
	}
	arg, err := c.Argument()
	if err != nil {
		return err
	}
	rec := infoOf(r.Context())
	rec.setCollection(arg)
	if err := setRequestContext(r, who, c); err != nil {
		return err
	}
	release, err := s.streams.acquire(who.User.ID)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	changes, err := s.config.Dispatcher.Watch(ctx, who, c.Service, arg)
	if err != nil {
		return err
	}
	defer changes.Close()
	out, err := newEventWriter(w)
	if err != nil {
		return nil // the client has gone
	}
	rec.Stream = true
	rec.metrics.AddStreams(s.config.AppID, 1)
	defer rec.metrics.AddStreams(s.config.AppID, -1)
	if err := s.forward(ctx, who, changes, out); err != nil && ctx.Err() == nil {
		e := asAPIError(err)
		rec.setError(e)
		out.writeError(errorResponse(e, rec))
	}
	return nil
}

// change is one step of a change stream.
type change struct {
	event bson.Raw
	err   error
}

// nextChange waits for the next event; a panic on the way ends this stream and no other.
func nextChange(ctx context.Context, changes Stream) (n change) {
	defer func() {
		if cause := recover(); cause != nil {
			n.err = fmt.Errorf("panic in a change stream: %v", cause)
		}
	}()
	n.event, n.err = changes.Next(ctx)
	return n
}

// forward passes events on, and whenever none came for a while gives a sign of life and checks the session.
func (s *Server) forward(ctx context.Context, who *auth.Session, changes Stream, out *eventWriter) error {
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
		case <-s.ended:
			return nil
		case <-tick.C:
			if err := s.config.Auth.Revalidate(ctx, who); err != nil {
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
			text, err := api.EncodeDocument(step.event)
			if err != nil {
				return err
			}
			if !out.writeEvent("", text) {
				return nil
			}
		}
	}
}

// streamWriteTimeout is how long a client may not take what is written to it.
const streamWriteTimeout = 30 * time.Second

// eventWriter writes server-sent events, each at once.
type eventWriter struct {
	w          io.Writer
	controller *http.ResponseController
}

// newEventWriter sends the headers at once: SDKs wait for them.
func newEventWriter(w http.ResponseWriter) (*eventWriter, error) {
	out := &eventWriter{w: w, controller: http.NewResponseController(w)}
	if err := out.controller.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	return out, out.controller.Flush()
}

// escapes are the only three that SDKs take back.
var escapes = []struct{ raw, escaped []byte }{{[]byte("%"), []byte("%25")}, {[]byte("\n"), []byte("%0A")}, {[]byte("\r"), []byte("%0D")}}

// writeEvent writes one event and reports whether the client still takes it.
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

// writeComment is a sign of life that readers skip.
func (e *eventWriter) writeComment() bool { return e.write([]byte(":\n\n")) }

func (e *eventWriter) writeError(f api.ErrorResponse) {
	if text, err := json.Marshal(f); err == nil {
		e.writeEvent("error", text)
	}
}

// write sends and flushes; a client that takes nothing for too long is cut off by a deadline that has long passed.
func (e *eventWriter) write(b []byte) bool {
	late := time.AfterFunc(streamWriteTimeout, func() { _ = e.controller.SetWriteDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	if _, err := e.w.Write(b); err != nil {
		return false
	}
	return e.controller.Flush() == nil
}
