package store_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dossier/backend/store"
)

// closedPort returns a loopback address without a listener.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listener accepts connections on loopback and passes each to serve.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(nil)
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	t.Cleanup(secure.Close)
	silent := listener(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	web := listener(t, func(c net.Conn) {
		bufio.NewReader(c).ReadByte()
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	slams := listener(t, func(c net.Conn) {})
	for name, tc := range map[string]struct {
		uri  string
		kind store.Kind
		want string
	}{
		"dead port": {"mongodb://ann:hunter2secret@" + closedPort(t) + "/", store.Unreachable,
			": connection refused, no MongoDB server listens there"},
		"unknown host": {"mongodb://ann:hunter2secret@no-such-host.invalid/", store.Unreachable,
			"no-such-host.invalid"},
		"silent host": {"mongodb://ann:hunter2secret@" + silent + "/", store.Unreachable, "(waited 2s)"},
		"host that hangs up": {"mongodb://ann:hunter2secret@" + slams + "/", store.Unreachable,
			"may require TLS (add `tls=true`)"},
		"TLS to a plain port": {"mongodb://ann:hunter2secret@" + web + "/?tls=true", store.TLS, "does not support TLS"},
		"plain to a TLS port": {"mongodb://ann:hunter2secret@" + secure.Listener.Addr().String() + "/", store.Unreachable,
			"TLS"},
		"untrusted certificate": {"mongodb://ann:hunter2secret@" + secure.Listener.Addr().String() + "/?tls=true",
			store.TLS, "signed by an unknown authority"},
		"TLS to a host that hangs up": {
			"mongodb://ann:hunter2secret@" + slams + "/?tls=true", store.TLS, "may not support TLS: remove `tls=true`",
		},
		"srv name unknown":        {"mongodb+srv://ann:hunter2secret@no-such-host.invalid/", store.Unreachable, "DNS"},
		"no scheme":               {"localhost:27017", store.BadQuery, "scheme: expected"},
		"another scheme":          {"http://localhost", store.BadQuery, "scheme: expected"},
		"no host":                 {"mongodb:///app", store.BadQuery, "host 1: missing"},
		"port with letters":       {"mongodb://a,b:27x17/", store.BadQuery, `host 2: port "27x17"`},
		"port too large":          {"mongodb://a:70000/", store.BadQuery, `host 1: port "70000"`},
		"port missing":            {"mongodb://a:/", store.BadQuery, "host 1: missing port"},
		"open bracket":            {"mongodb://[::1/", store.BadQuery, "host 1: the ["},
		"password with an at":     {"mongodb://ann:hunter2secret@more@a/", store.BadQuery, "password: the characters"},
		"password with a percent": {"mongodb://ann:hunter2secret%zz@a/", store.BadQuery, "password: the characters"},
		"no user":                 {"mongodb://:hunter2secret@a/", store.BadQuery, "user name: empty"},
		"option without value":    {"mongodb://a/?tls", store.BadQuery, "option 1: expected name=value"},
		"option with empty value": {"mongodb://a/?w=1&tls=", store.BadQuery, "option tls: missing value"},
		"option with bad value":   {"mongodb://ann:hunter2secret@a/?tls=maybe", store.BadQuery, `"tls"`},
		"srv with a port":         {"mongodb+srv://a.example:27017/", store.BadQuery, "without a port"},
		"unreadable ca file": {"mongodb://ann:hunter2secret@a/?tls=true&tlsCAFile=/nowhere/ca.pem", store.BadQuery,
			"/nowhere/ca.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Connect(t.Context(), store.Options{URI: tc.uri, Timeout: 2 * time.Second})
			var e *store.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %T %v, want *store.Error", err, err)
			}
			if e.Kind != tc.kind || !strings.Contains(e.Message, tc.want) {
				t.Errorf("got %s: %s\nwant %s: …%s…", e.Kind, e.Message, tc.kind, tc.want)
			}
			if strings.ContainsAny(e.Message, "\n{}") || strings.Contains(e.Message, "hunter2secret") ||
				strings.Contains(e.Message, "0x") {
				t.Errorf("not one clean sentence: %q", e.Message)
			}
		})
	}
}

func TestConnectIsCancelled(t *testing.T) {
	t.Parallel()
	silent := listener(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Connect(ctx, store.Options{URI: "mongodb://" + silent})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the cancellation", err)
	}
}

func TestKindOf(t *testing.T) {
	if k := store.KindOf(nil); k != "" {
		t.Errorf("nil: %q", k)
	}
	if k := store.KindOf(errors.New("x")); k != store.Other {
		t.Errorf("any error: %q", k)
	}
}
