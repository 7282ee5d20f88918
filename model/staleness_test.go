package model

import (
	"testing"
	"time"
)

func TestStalenessStatePrecedence(t *testing.T) {
	issued := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	lifetime := 30 * time.Minute
	fresh := Staleness{IssuedAt: issued, ExpiresAt: issued.Add(lifetime)}
	checked, stale, unreachable := fresh, fresh, fresh
	checked.CheckedAt = issued.Add(time.Second)
	stale.StaleSince = issued.Add(time.Minute)
	unreachable.StaleSince, unreachable.UnreachableSince = issued.Add(time.Minute), issued.Add(2*time.Minute)
	for _, c := range []struct {
		name string
		s    Staleness
		at   time.Duration
		want State
	}{
		{"new", fresh, 0, Unchecked},
		{"just before expiry", fresh, lifetime - 1, Unchecked},
		{"no difference found", checked, time.Minute, Current},
		{"no difference found, then token expired", checked, lifetime, Due},
		{"at expiry", fresh, lifetime, Due},
		{"long after", fresh, 24 * time.Hour, Due},
		{"difference found", stale, time.Minute, Stale},
		{"difference found, then token expired", stale, lifetime, Due},
		{"service unreachable", unreachable, time.Minute, Unknown},
		{"service unreachable and token expired", unreachable, lifetime, Unknown},
		{"no token", Staleness{}, 0, Unchecked},
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
		t.Errorf("a token without lifetime: elapsed %v, want 1", got)
	}
}

// A difference stays noticed when it was noticed, however often it is found again, by this process or another.
func TestComparisonIsStable(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 22, 10, minute, 0, 0, time.UTC) }
	var c Comparison
	c.Record(true, at(5), at(4))
	c.Record(true, at(9), at(8))
	if want := (Comparison{CheckedAt: at(9), StaleSince: at(5), ChangedAt: at(4)}); c != want {
		t.Errorf("found again: %+v", c)
	}
	later := Comparison{CheckedAt: at(10), StaleSince: at(10)}
	if got := later.Merge(c); got != (Comparison{CheckedAt: at(10), StaleSince: at(5), ChangedAt: at(4)}) {
		t.Errorf("noticed later by this process: %+v", got)
	}
	if got := c.Merge(later); got != (Comparison{CheckedAt: at(10), StaleSince: at(5), ChangedAt: at(4)}) {
		t.Errorf("noticed later by another process: %+v", got)
	}
	c.Record(false, at(11), time.Time{})
	if c != (Comparison{CheckedAt: at(11)}) || c.Merge(later) != c {
		t.Errorf("changed back: %+v", c)
	}
}
