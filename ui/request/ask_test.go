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
	first := request.Ask(a, answer("first"))().(request.Answer[string])
	second := request.Ask(a, answer("second"))().(request.Answer[string])
	if first.Live() || request.Takes(a, first) {
		t.Error("an answer to an older question was taken")
	}
	if !second.Live() || !request.Takes(a, second) || a.Busy() {
		t.Error("the newest answer was not taken")
	}
	if request.Takes(a, second) {
		t.Error("an answer was taken twice")
	}
}

func TestAnAnswerBelongsToItsAsker(t *testing.T) {
	a, b := request.New(t.Context()), request.New(t.Context())
	m := request.Ask(a, answer("for a"))().(request.Answer[string])
	request.Ask(b, answer("for b"))
	if request.Takes(b, m) {
		t.Error("somebody else's answer was taken")
	}
}

func TestAnAnswerAfterTheContextEndedIsDropped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := request.New(ctx)
	m := request.Ask(a, answer("late"))().(request.Answer[string])
	cancel()
	if m.Live() || request.Takes(a, m) {
		t.Error("an answer about somebody who is gone was taken")
	}
}

func TestAQuestionEndsWithItsDeadlineAndWhenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
		a := request.New(t.Context())
		m := request.Ask(a, wait)().(request.Answer[string])
		if !errors.Is(m.Err, context.DeadlineExceeded) || !request.Takes(a, m) {
			t.Errorf("after the deadline: %v", m.Err)
		}
		request.Ask(a, wait)
		given := request.Ask(a, wait)
		a.Cancel()
		if m := given().(request.Answer[string]); !errors.Is(m.Err, context.Canceled) || request.Takes(a, m) {
			t.Errorf("given up: %v", m.Err)
		}
	})
}
