package auth

import (
	"testing"
	"time"
)

func TestWaitDoublesUpToALimit(t *testing.T) {
	for failures, want := range map[int64]time.Duration{10: time.Second, 11: 2 * time.Second, 14: 16 * time.Second,
		19: 512 * time.Second, 20: 15 * time.Minute, 100000: 15 * time.Minute} {
		if got := backoff(failures); got != want {
			t.Errorf("after %d failures %s, want %s", failures, got, want)
		}
	}
}

func TestThrottleIDParts(t *testing.T) {
	if throttleID("a", "bc") == throttleID("ab", "c") {
		t.Error("different identifiers share a count")
	}
}

func TestFixedIDs(t *testing.T) {
	if a := DomainID("app"); len(a) != 24 || !validID(a) || a != DomainID("app") || a == DomainID("bpp") ||
		a == ProviderID("app", "anon-user") {
		t.Errorf("domain id %s", a)
	}
}
