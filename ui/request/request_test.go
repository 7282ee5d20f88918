package request_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"dossier/ui/request"
)

func answer(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func TestOnlyTheNewestAnswerCounts(t *testing.T) {
	a := request.New(t.Context())
	first := request.Start(a, answer("first"))().(request.Response[string])
	second := request.Start(a, answer("second"))().(request.Response[string])
	if first.Pending() || request.Accept(a, first) {
		t.Error("an answer to an older question was taken")
	}
	if !second.Pending() || !request.Accept(a, second) || a.Busy() {
		t.Error("the newest answer was not taken")
	}
	if request.Accept(a, second) {
		t.Error("an answer was taken twice")
	}
}

func TestAnAnswerBelongsToItsAsker(t *testing.T) {
	a, b := request.New(t.Context()), request.New(t.Context())
	m := request.Start(a, answer("for a"))().(request.Response[string])
	request.Start(b, answer("for b"))
	if request.Accept(b, m) {
		t.Error("somebody else's answer was taken")
	}
}

func TestAnAnswerAfterTheContextEndedIsDropped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := request.New(ctx)
	m := request.Start(a, answer("late"))().(request.Response[string])
	cancel()
	if m.Pending() || request.Accept(a, m) {
		t.Error("an answer about somebody who is gone was taken")
	}
}

func TestAQuestionEndsWithItsDeadlineAndWhenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
		a := request.New(t.Context())
		m := request.Start(a, wait)().(request.Response[string])
		if !errors.Is(m.Err, context.DeadlineExceeded) || !request.Accept(a, m) {
			t.Errorf("after the deadline: %v", m.Err)
		}
		request.Start(a, wait)
		given := request.Start(a, wait)
		a.Cancel()
		if m := given().(request.Response[string]); !errors.Is(m.Err, context.Canceled) || request.Accept(a, m) {
			t.Errorf("given up: %v", m.Err)
		}
	})
}
