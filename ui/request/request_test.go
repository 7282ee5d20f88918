package request_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dossier/ui/request"
)

func returning(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func TestOnlyTheNewestResponseIsAccepted(t *testing.T) {
	r := request.New(t.Context(), 0)
	first := request.Start(r, returning("first"))().(request.Response[string])
	second := request.Start(r, returning("second"))().(request.Response[string])
	if first.Pending() || request.Accept(r, first) {
		t.Error("the response to an older request was accepted")
	}
	if !second.Pending() || !request.Accept(r, second) || r.Busy() {
		t.Error("the newest response was not accepted")
	}
	if request.Accept(r, second) {
		t.Error("a response was accepted twice")
	}
}

func TestARunnerRefusesAnotherRunnersResponse(t *testing.T) {
	a, b := request.New(t.Context(), 0), request.New(t.Context(), 0)
	m := request.Start(a, returning("for a"))().(request.Response[string])
	request.Start(b, returning("for b"))
	if request.Accept(b, m) {
		t.Error("another runner's response was accepted")
	}
}

func TestAResponseAfterTheContextEndedIsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := request.New(ctx, 0)
	m := request.Start(r, returning("late"))().(request.Response[string])
	cancel()
	if m.Pending() || request.Accept(r, m) {
		t.Error("a response was accepted after the runner's context had ended")
	}
}

func TestTheTimeoutEndsARequest(t *testing.T) {
	for _, test := range []struct {
		timeout, needs, want time.Duration
		err                  error
	}{
		{timeout: 0, needs: 4 * time.Second, want: 4 * time.Second},
		{timeout: 0, needs: 10 * time.Second, want: request.DefaultTimeout, err: context.DeadlineExceeded},
		{timeout: 20 * time.Second, needs: 10 * time.Second, want: 10 * time.Second},
		{timeout: 20 * time.Second, needs: time.Minute, want: 20 * time.Second, err: context.DeadlineExceeded},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			r := request.New(t.Context(), test.timeout)
			m := request.Start(r, func(ctx context.Context) (string, error) {
				select {
				case <-ctx.Done():
					return "", ctx.Err()
				case <-time.After(test.needs):
					return "done", nil
				}
			})().(request.Response[string])
			if !errors.Is(m.Err, test.err) || time.Since(start) != test.want || !request.Accept(r, m) {
				t.Errorf("timeout %v, %v needed: %v after %v", test.timeout, test.needs, m.Err, time.Since(start))
			}
		})
	}
}

func TestACancelledRequestEndsAndItsResponseIsRefused(t *testing.T) {
	r := request.New(t.Context(), 0)
	wait := func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
	request.Start(r, wait)
	cancelled := request.Start(r, wait)
	r.Cancel()
	if m := cancelled().(request.Response[string]); !errors.Is(m.Err, context.Canceled) || request.Accept(r, m) {
		t.Errorf("after Cancel: %v", m.Err)
	}
}
