package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// clientAddr is where a request comes from: the other end of the connection, or when that is a trusted proxy, the right-most address in what it says that is no
// trusted proxy itself. Whatever stands further left may be made up. The zero address: it came over no network.
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
	// One of the two passed through the proxy as the client sent it, and nobody knows which. A proxy on this machine must not lend the client its freedom from limits.
	if peer.IsLoopback() {
		return netip.IPv4Unspecified()
	}
	return peer
}

// peerAddr is the other end of the connection; the zero address when it is a socket or a pipe of this machine.
func peerAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap().WithZone("")
}

// fromTrustedProxy reports whether what a request says about where it comes from counts: the one that passed it on is a trusted proxy, or a process of this user
// that came through a socket nobody else can open.
func fromTrustedProxy(r *http.Request, proxies []netip.Prefix) bool {
	return trusted(peerAddr(r), proxies)
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	return !a.IsValid() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// firstUntrusted goes from the nearest hop outwards until an address is no trusted proxy's.
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

// forwardedFor takes the addresses out of the header Forwarded; an element without one is an empty text.
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

// formatAddr is an address for people; empty for none.
func formatAddr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// rateLimitKey is an address as limits count it. Of IPv6 it is the network: whoever has one address there has them all, and would be somebody else with each.
func rateLimitKey(a netip.Addr) string {
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().String()
	}
	return formatAddr(a)
}

// clientKey is where a request comes from, for limits; "local" for another process of this machine that came over no network.
func clientKey(r *http.Request) string {
	client := infoOf(r.Context()).client
	if !client.IsValid() {
		client = peerAddr(r)
	}
	if !client.IsValid() {
		return "local"
	}
	return rateLimitKey(client)
}

// isLocalHost reports whether a Host header names this machine, or the public address. A request without one comes from no browser.
func isLocalHost(host, public string) bool {
	if host == "" || isLoopback(hostname(host)) {
		return true
	}
	u, err := url.Parse(public)
	return err == nil && public != "" && strings.EqualFold(hostname(host), u.Hostname())
}

// hostname takes the port and the brackets off.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// isLoopback reports whether a name or address is this machine's and no other's.
func isLoopback(name string) bool {
	a, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && a.Unmap().IsLoopback()
}
