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
	who, err := s.who(r)
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
	if err := announce(r, who, c); err != nil {
		return err
	}
	recordOf(r.Context()).called(c, s.c.Info.Functions)
	value, err := s.run(r.Context(), who, c)
	if err != nil {
		return err
	}
	answer, err := api.Value(value)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// announce tells rules and functions what the request is about to call.
func announce(r *http.Request, who *auth.Session, c api.Call) (err error) {
	who.Request, err = about(r, c.Service, c.Name)
	return err
}

func (s *Server) run(ctx context.Context, who *auth.Session, c api.Call) (bson.RawValue, error) {
	if c.Service == "" {
		return s.c.Calls.Function(ctx, who, c.Name, c.Arguments)
	}
	arg, err := c.Argument()
	if err != nil {
		return bson.RawValue{}, err
	}
	recordOf(ctx).about(arg)
	return s.c.Calls.Service(ctx, who, c.Service, c.Name, arg)
}

// streamWho says who is asking for a stream: some SDKs put the token into the address.
func (s *Server) streamWho(r *http.Request) (*auth.Session, error) {
	if token := eitherOf(r, "baas_at", "stitch_at"); token != "" && r.Header.Get("Authorization") == "" {
		return s.bearer(r, auth.NewSecret(token))
	}
	return s.who(r)
}

// eitherOf is what the address says under today's name, else under the one of older SDKs.
func eitherOf(r *http.Request, name, older string) string {
	q := r.URL.Query()
	if q.Has(name) {
		return q.Get(name)
	}
	return q.Get(older)
}

// watch streams the changes of a collection as server-sent events until the client goes, the stream ends or the session does.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) error {
	who, err := s.streamWho(r)
	if err != nil {
		return err
	}
	c, err := api.ParseRequest(eitherOf(r, "baas_request", "stitch_request"))
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
	rec := recordOf(r.Context())
	rec.about(arg)
	if err := announce(r, who, c); err != nil {
		return err
	}
	release, err := s.streams.acquire(who.User.ID)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	changes, err := s.c.Calls.Watch(ctx, who, c.Service, arg)
	if err != nil {
		return err
	}
	defer changes.Close()
	out, err := openEvents(w)
	if err != nil {
		return nil // the client has gone
	}
	rec.Stream = true
	rec.meter.Streams(s.c.AppID, 1)
	defer rec.meter.Streams(s.c.AppID, -1)
	if err := s.feed(ctx, who, changes, out); err != nil && ctx.Err() == nil {
		e := asAnswer(err)
		rec.failed(e)
		out.failure(failure(e, rec))
	}
	return nil
}

// next is one step of a change stream.
type next struct {
	event bson.Raw
	err   error
}

// take waits for the next event; a panic on the way ends this stream and no other.
func take(ctx context.Context, changes Stream) (n next) {
	defer func() {
		if cause := recover(); cause != nil {
			n.err = fmt.Errorf("panic in a change stream: %v", cause)
		}
	}()
	n.event, n.err = changes.Next(ctx)
	return n
}

// feed passes events on, and whenever none came for a while gives a sign of life and checks the session.
func (s *Server) feed(ctx context.Context, who *auth.Session, changes Stream, out *events) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	steps := make(chan next)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			step := take(ctx, changes)
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
	tick := time.NewTicker(s.c.KeepAlive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.ended:
			return nil
		case <-tick.C:
			if err := s.c.Auth.Revalidate(ctx, who); err != nil {
				return err
			}
			if !out.comment() {
				return nil
			}
		case step := <-steps:
			if errors.Is(step.err, io.EOF) {
				return nil
			}
			if step.err != nil {
				return step.err
			}
			text, err := api.Document(step.event)
			if err != nil {
				return err
			}
			if !out.event("", text) {
				return nil
			}
		}
	}
}

// writePatience is how long a client may not take what is written to it.
const writePatience = 30 * time.Second

// events writes server-sent events, each at once.
type events struct {
	w io.Writer
	c *http.ResponseController
}

// openEvents sends the headers at once: SDKs wait for them.
func openEvents(w http.ResponseWriter) (*events, error) {
	out := &events{w: w, c: http.NewResponseController(w)}
	if err := out.c.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	return out, out.c.Flush()
}

// escapes are the only three that SDKs take back.
var escapes = []struct{ raw, escaped []byte }{{[]byte("%"), []byte("%25")}, {[]byte("\n"), []byte("%0A")}, {[]byte("\r"), []byte("%0D")}}

// event writes one event and reports whether the client still takes it.
func (e *events) event(name string, data []byte) bool {
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

// comment is a sign of life that readers skip.
func (e *events) comment() bool { return e.write([]byte(":\n\n")) }

func (e *events) failure(f api.Failure) {
	if text, err := json.Marshal(f); err == nil {
		e.event("error", text)
	}
}

// write sends and flushes; a client that takes nothing for too long is cut off by a deadline that has long passed.
func (e *events) write(b []byte) bool {
	late := time.AfterFunc(writePatience, func() { _ = e.c.SetWriteDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	if _, err := e.w.Write(b); err != nil {
		return false
	}
	return e.c.Flush() == nil
}
