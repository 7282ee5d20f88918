package server

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// TestClientKey: limits count an IPv4 address or an IPv6 network.
func TestClientKey(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:4711":              "192.0.2.7",
		"[::ffff:192.0.2.7]:4711":     "192.0.2.7",
		"[2001:db8:1:2::7]:4711":      "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::8]:4712": "2001:db8:1:2::/64",
		"[2001:db8:1:3::7]:4711":      "2001:db8:1:3::/64",
		"[fe80::1%eth0]:1":            "fe80::/64",
		"@":                           "local",
	} {
		if got := clientKey(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

// The right-most address in the header that is not a trusted proxy counts; the headers of an untrusted peer do not.
func TestClientAddrBehindProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("2001:db8:ffff::/48")}
	for _, c := range []struct {
		peer, plain, standard, want string
	}{
		{"198.51.100.9:1", "203.0.113.5", "", "198.51.100.9"},
		{"198.51.100.9:1", "", "for=203.0.113.5", "198.51.100.9"},
		{"10.0.0.1:1", "203.0.113.5", "", "203.0.113.5"},
		{"10.0.0.1:1", "1.2.3.4, 203.0.113.5, 10.9.9.9", "", "203.0.113.5"},
		{"10.0.0.1:1", "1.2.3.4, 203.0.113.5:8080", "", "203.0.113.5"},
		{"10.0.0.1:1", "nonsense, 10.2.2.2", "", "10.2.2.2"},
		{"10.0.0.1:1", "203.0.113.5, nonsense", "", "10.0.0.1"},
		{"10.0.0.1:1", "10.3.3.3", "", "10.3.3.3"},
		{"10.0.0.1:1", "", "", "10.0.0.1"},
		{"10.0.0.1:1", "::ffff:203.0.113.5", "", "203.0.113.5"},
		{"10.0.0.1:1", "", `for=1.2.3.4;proto=http, for="[2001:db8:1::7]:4711";by=10.0.0.1`, "2001:db8:1::7"},
		{"10.0.0.1:1", "", "for=203.0.113.5, for=_hidden", "10.0.0.1"},
		{"10.0.0.1:1", "203.0.113.5", "For=203.0.113.5", "203.0.113.5"},
		{"10.0.0.1:1", "203.0.113.5", "for=1.2.3.4", "10.0.0.1"},
		{"127.0.0.1:1", "203.0.113.5", "", "203.0.113.5"},
		{"127.0.0.1:1", "203.0.113.5", "for=127.0.0.1", "0.0.0.0"}, // not the loopback address, which is exempt from limits
		{"127.0.0.1:1", "", "", "127.0.0.1"},
		{"[2001:db8:ffff::1]:1", "2001:db8:1::7", "", "2001:db8:1::7"},
		{"@", "203.0.113.5", "", "203.0.113.5"},
		{"@", "", "", ""},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.plain != "" {
			r.Header.Set("X-Forwarded-For", c.plain)
		}
		if c.standard != "" {
			r.Header.Set("Forwarded", c.standard)
		}
		if got := formatAddr(clientAddr(r, proxies)); got != c.want {
			t.Errorf("%s says %q %q: %q, want %q", c.peer, c.plain, c.standard, got, c.want)
		}
	}
}

// FuzzClient: an untrusted peer cannot choose the client address, and no header causes a panic.
func FuzzClient(f *testing.F) {
	f.Add("10.0.0.1:1", "1.2.3.4, 203.0.113.5", "for=203.0.113.5;by=_x, for=\"[::1]:4\"")
	f.Add("198.51.100.9:1", "[::1", ";;,=,for=")
	f.Add("@", "fe80::1%eth0", "")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, plain, standard string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {plain}, "Forwarded": {standard}}}
		got := clientAddr(r, proxies)
		if is := peerAddr(r); is.IsValid() && !proxies[0].Contains(is) && got != is {
			t.Errorf("headers of %s: %s", is, got)
		}
		if got.Is4In6() || got.Zone() != "" {
			t.Errorf("%q %q from %q: %s is not written the one way", plain, standard, peer, got)
		}
	})
}

// Every address has its own limit, loopback has none, and the number of remembered addresses is limited.
func TestRateLimit(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	l := newRateLimiter(2)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for i := range 4 {
		if wait := l.reserve(a, now); wait != 0 {
			t.Fatalf("request %d waits %s", i, wait)
		}
	}
	if wait := l.reserve(a, now); wait != 500*time.Millisecond {
		t.Errorf("the fifth request waits %s", wait)
	}
	if wait := l.reserve(b, now); wait != 0 {
		t.Errorf("another address waits %s", wait)
	}
	if wait := l.reserve(a, now.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("half a second later: %s", wait)
	}
	one, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	for range 4 {
		l.reserve(one, now)
	}
	if l.reserve(other, now) == 0 {
		t.Error("addresses of one IPv6 network have separate limits")
	}
	for range 100 {
		if l.reserve(netip.MustParseAddr("127.0.0.1"), now) != 0 || l.reserve(netip.Addr{}, now) != 0 ||
			newRateLimiter(0).reserve(a, now) != 0 {
			t.Fatal("a loopback address or an address without a limit has to wait")
		}
	}
	for i := range 2 * maxRateLimiters {
		l.reserve(netip.AddrFrom4([4]byte{byte(1 + i>>24), byte(i >> 16), byte(i >> 8), byte(i)}),
			now.Add(time.Duration(i)*time.Millisecond))
		if len(l.limiters) > maxRateLimiters {
			t.Fatalf("%d addresses are remembered", len(l.limiters))
		}
	}
}

func TestHostAllowed(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:9080": true, "127.0.0.1:9080": true, "127.8.8.8": true, "[::1]:9080": true,
		"[::1]": true, "": true,
		"data.example.com": true, "DATA.example.com:443": true,
		"evil.example.com": false, "evil.example.com:9080": false, "localhost.evil.example.com": false, "0.0.0.0": false,
		"192.168.1.2:9080": false, "127.0.0.1.evil.example.com": false,
	} {
		if got := hostAllowed(host, "https://data.example.com:8443/x"); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestOriginsAreNormalized(t *testing.T) {
	only := Origins{Allowed: []string{"https://Shop.example.com/", "http://localhost:3000", "https://a.example.com:443"}}
	for origin, want := range map[string]bool{
		"https://shop.example.com": true, "https://shop.example.com:443": true, "http://localhost:3000": true,
		"https://a.example.com":   true,
		"http://shop.example.com": false, "https://shop.example.com.evil.example": false,
		"https://evilshop.example.com": false, "null": false, "": false,
		"https://shop.example.com:8443": false, "http://localhost": false, "file://": false,
	} {
		if only.Allow(origin) != want {
			t.Errorf("%q: %v", origin, !want)
		}
	}
	local := Origins{LocalOnly: true}
	for origin, want := range map[string]bool{
		"http://localhost:3000": true, "https://localhost": true, "http://127.0.0.1:8080": true, "http://[::1]:5173": true,
		"null": false, "https://evil.example.com": false, "http://localhost.evil.example.com": false,
		"file://localhost": false, "http://192.168.1.2": false,
	} {
		if local.Allow(origin) != want {
			t.Errorf("locally, %q: %v", origin, !want)
		}
	}
}
