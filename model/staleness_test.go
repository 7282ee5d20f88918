package model

import (
	"testing"
	"time"
)

func TestStalenessTakesTheFirstStateThatHolds(t *testing.T) {
	issued := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	life := 30 * time.Minute
	fresh := Staleness{IssuedAt: issued, ExpiresAt: issued.Add(life)}
	stale, lost := fresh, fresh
	stale.StaleSince = issued.Add(time.Minute)
	lost.StaleSince, lost.UnreachableSince = issued.Add(time.Minute), issued.Add(2*time.Minute)
	for _, c := range []struct {
		name string
		s    Staleness
		at   time.Duration
		want State
	}{
		{"new", fresh, 0, Current},
		{"just before expiry", fresh, life - 1, Current},
		{"at expiry", fresh, life, Due},
		{"long after", fresh, 24 * time.Hour, Due},
		{"seen to differ", stale, time.Minute, Stale},
		{"seen to differ, then expired", stale, life, Due},
		{"service away", lost, time.Minute, Unknown},
		{"service away and expired", lost, life, Unknown},
		{"nothing known of a token", Staleness{}, 0, Current},
	} {
		if got := c.s.StateAt(issued.Add(c.at)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestStalenessTimes(t *testing.T) {
	issued := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	s := Staleness{IssuedAt: issued, ExpiresAt: issued.Add(30 * time.Minute)}
	for _, c := range []struct {
		at, age, remaining time.Duration
		elapsed            float64
	}{
		{-time.Minute, 0, 31 * time.Minute, 0},
		{0, 0, 30 * time.Minute, 0},
		{15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 0.5},
		{45 * time.Minute, 45 * time.Minute, -15 * time.Minute, 1},
	} {
		now := issued.Add(c.at)
		if s.Age(now) != c.age || s.Remaining(now) != c.remaining || s.Elapsed(now) != c.elapsed {
			t.Errorf("after %v: age %v, remaining %v, elapsed %v", c.at, s.Age(now), s.Remaining(now), s.Elapsed(now))
		}
	}
	if got := (Staleness{IssuedAt: issued, ExpiresAt: issued}).Elapsed(issued); got != 1 {
		t.Errorf("a token without life has %v of it behind", got)
	}
}
