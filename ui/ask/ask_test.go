package ask_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"dossier/ui/ask"
)

func answer(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func TestOnlyTheNewestAnswerCounts(t *testing.T) {
	a := ask.New(t.Context())
	first := ask.Ask(a, answer("first"))().(ask.Answer[string])
	second := ask.Ask(a, answer("second"))().(ask.Answer[string])
	if first.Live() || ask.Takes(a, first) {
		t.Error("an answer to an older question was taken")
	}
	if !second.Live() || !ask.Takes(a, second) || a.Busy() {
		t.Error("the newest answer was not taken")
	}
	if ask.Takes(a, second) {
		t.Error("an answer was taken twice")
	}
}

func TestAnAnswerBelongsToItsAsker(t *testing.T) {
	a, b := ask.New(t.Context()), ask.New(t.Context())
	m := ask.Ask(a, answer("for a"))().(ask.Answer[string])
	ask.Ask(b, answer("for b"))
	if ask.Takes(b, m) {
		t.Error("somebody else's answer was taken")
	}
}

func TestAnAnswerAfterTheContextEndedIsDropped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := ask.New(ctx)
	m := ask.Ask(a, answer("late"))().(ask.Answer[string])
	cancel()
	if m.Live() || ask.Takes(a, m) {
		t.Error("an answer about somebody who is gone was taken")
	}
}

func TestAQuestionEndsWithItsDeadlineAndWhenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
		a := ask.New(t.Context())
		m := ask.Ask(a, wait)().(ask.Answer[string])
		if !errors.Is(m.Err, context.DeadlineExceeded) || !ask.Takes(a, m) {
			t.Errorf("after the deadline: %v", m.Err)
		}
		ask.Ask(a, wait)
		given := ask.Ask(a, wait)
		a.Cancel()
		if m := given().(ask.Answer[string]); !errors.Is(m.Err, context.Canceled) || ask.Takes(a, m) {
			t.Errorf("given up: %v", m.Err)
		}
	})
}
