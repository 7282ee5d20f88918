package storetest_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"dossier/backend/storetest"
)

// echo serves connections that return what they receive, and returns its address.
func echo(t *testing.T) string {
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
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }()
		}
	}()
	return l.Addr().String()
}

// exchange sends a text through the proxy and returns what came back before the connection was closed, or all of it.
func exchange(t *testing.T, p *storetest.Proxy, text string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	got := make([]byte, len(text))
	n, err := io.ReadFull(c, got)
	return string(got[:n]), err
}

func TestProxyFaults(t *testing.T) {
	p := storetest.NewProxy(t, echo(t))
	for name, row := range map[string]struct {
		fault storetest.Fault
		want  string
	}{
		"none":          {storetest.Fault{}, "0123456789"},
		"slow":          {storetest.Slow(time.Millisecond), "0123456789"},
		"down":          {storetest.Down(), ""},
		"reset":         {storetest.Reset(), ""},
		"cut requests":  {storetest.CutRequests(4), ""},
		"cut responses": {storetest.CutResponses(4), "0123"},
	} {
		p.Inject(row.fault)
		if got, err := exchange(t, p, "0123456789"); got != row.want && name != "cut requests" ||
			(err == nil) != (len(row.want) == 10) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		p.End()
		if got, err := exchange(t, p, "0123456789"); got != "0123456789" || err != nil {
			t.Errorf("after %s: %q, %v", name, got, err)
		}
	}
	p.Inject(storetest.Reset())
	if _, err := exchange(t, p, "x"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %v", err)
	}
}

func TestProxyHoldsResponsesBackWhileItHangs(t *testing.T) {
	p := storetest.NewProxy(t, echo(t))
	fired := p.Inject(storetest.Hang())
	ended := make(chan error, 1)
	go func() {
		_, err := exchange(t, p, "x")
		ended <- err
	}()
	<-fired
	select {
	case err := <-ended:
		t.Errorf("a response arrived: %v", err)
	default:
	}
	p.End()
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("after it hung: %v", err)
	}
}
