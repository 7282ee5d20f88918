package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The limits of what is fetched.
const (
	fetchTimeout   = 5 * time.Second
	maxKeySetBytes = 1 << 20 // bytes
	maxRedirects   = 3
)

// fetchKeySet gets the key set of a token issuer: encrypted, unless it is on this machine, and from no other host than the one that the settings name.
func fetchKeySet(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch a key set: %w", err)
	}
	if err := checkKeySetURL(r.URL); err != nil {
		return nil, fmt.Errorf("fetch a key set: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	client := http.Client{Timeout: fetchTimeout, CheckRedirect: sameHost}
	res, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("fetch a key set: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch a key set: %s answered %s", address, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxKeySetBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch a key set: %w", err)
	case len(text) > maxKeySetBytes:
		return nil, fmt.Errorf("fetch a key set: %s answered with more than %d bytes", address, maxKeySetBytes)
	}
	return text, nil
}

// sameHost follows a few redirects that lead to where the first request went.
func sameHost(next *http.Request, before []*http.Request) error {
	switch first := before[0].URL; {
	case len(before) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case !strings.EqualFold(next.URL.Host, first.Host):
		return fmt.Errorf("it redirects to another host, %s", next.URL.Host)
	}
	return checkKeySetURL(next.URL)
}

func checkKeySetURL(u *url.URL) error {
	if u.Scheme == "https" {
		return nil
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && (u.Hostname() == "localhost" || ip.IsLoopback()) {
		return nil
	}
	return errors.New("wanted is an https address; http only on this machine")
}
