package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// clientAddr returns the address that a request comes from: the peer of the connection or, when that is a trusted
// proxy, the right-most address in its headers that is not a trusted proxy. Entries further left are untrusted. It is
// zero when the request did not come over a network.
func clientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer := peerAddr(r)
	if !trusted(peer, proxies) {
		return peer
	}
	plain := firstUntrusted(peer, strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ","), proxies)
	standard := firstUntrusted(peer, forwardedFor(r.Header.Values("Forwarded")), proxies)
	switch {
	case r.Header.Get("Forwarded") == "":
		return plain
	case r.Header.Get("X-Forwarded-For") == "", plain == standard:
		return standard
	}
	// The two headers disagree: the proxy passed one of them through as the client sent it, and it is unknown which.
	// The loopback address of a proxy on this machine would exempt the client from rate limits.
	if peer.IsLoopback() {
		return netip.IPv4Unspecified()
	}
	return peer
}

// peerAddr returns the peer of the connection; zero for a Unix socket or a pipe.
func peerAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap().WithZone("")
}

// fromTrustedProxy reports whether the forwarding headers of a request count: its peer is a trusted proxy, or a process
// of the same operating system user on a Unix socket that only this user can open.
func fromTrustedProxy(r *http.Request, proxies []netip.Prefix) bool {
	return trusted(peerAddr(r), proxies)
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	return !a.IsValid() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// firstUntrusted walks the hops from the nearest one outwards and returns the first address that is not a trusted
// proxy.
func firstUntrusted(peer netip.Addr, hops []string, proxies []netip.Prefix) netip.Addr {
	found := peer
	for _, hop := range slices.Backward(hops) {
		a, ok := parseHop(hop)
		if !ok {
			break
		}
		if found = a; !trusted(a, proxies) {
			break
		}
	}
	return found
}

// parseHop reads an address, with or without port and brackets.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

// forwardedFor returns the `for` addresses of the header Forwarded; "" for an element without one.
func forwardedFor(values []string) []string {
	var hops []string
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		hop := ""
		for _, pair := range strings.Split(element, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
				hop = strings.Trim(value, `"`)
			}
		}
		hops = append(hops, hop)
	}
	return hops
}

// formatAddr formats an address; "" for the zero address.
func formatAddr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// rateLimitKey returns the key under which limits count an address. For IPv6 it is the /64 network: a client usually
// controls all addresses of one.
func rateLimitKey(a netip.Addr) string {
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return formatAddr(a)
}

// clientKey returns the rateLimitKey of a request's client; "local" for a process on this machine that uses a socket or
// a pipe.
func clientKey(r *http.Request) string {
	client := infoOf(r.Context()).clientAddr
	if !client.IsValid() {
		client = peerAddr(r)
	}
	if !client.IsValid() {
		return "local"
	}
	return rateLimitKey(client)
}

// hostAllowed reports whether a Host header names this machine or the host of the public URL. An empty one is allowed:
// browsers always send it.
func hostAllowed(host, public string) bool {
	if host == "" || isLoopback(hostname(host)) {
		return true
	}
	u, err := url.Parse(public)
	return err == nil && public != "" && strings.EqualFold(hostname(host), u.Hostname())
}

// hostname removes the port and the brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// isLoopback reports whether a host name or address is localhost or a loopback address.
func isLoopback(name string) bool {
	a, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && a.Unmap().IsLoopback()
}
