package server

import (
	"net/http"
	"testing"
)

// TestAddress: what the throttle takes for one place.
func TestAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:4711":              "192.0.2.7",
		"[::ffff:192.0.2.7]:4711":     "192.0.2.7",
		"[2001:db8:1:2::7]:4711":      "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::8]:4712": "2001:db8:1:2::/64",
		"[2001:db8:1:3::7]:4711":      "2001:db8:1:3::/64",
		"[fe80::1%eth0]:1":            "fe80::/64",
		"@":                           "local",
	} {
		if got := address(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}
