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

// The limits of a fetch.
const (
	fetchTimeout   = 5 * time.Second
	maxKeySetBytes = 1 << 20 // bytes
	maxRedirects   = 3
)

// fetchKeySet downloads the JSON Web Key Set of a token issuer: over https, or http from this machine, and without
// redirects to another host.
func fetchKeySet(ctx context.Context, keySetURL string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, keySetURL, nil)
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
		return nil, fmt.Errorf("fetch a key set: %s responded with %s", keySetURL, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxKeySetBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetch a key set: %w", err)
	case len(text) > maxKeySetBytes:
		return nil, fmt.Errorf("fetch a key set: the response of %s is longer than %d bytes", keySetURL, maxKeySetBytes)
	}
	return text, nil
}

// sameHost is an http.Client's CheckRedirect. It allows a few redirects to the host of the first request.
func sameHost(next *http.Request, before []*http.Request) error {
	switch first := before[0].URL; {
	case len(before) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case !strings.EqualFold(next.URL.Host, first.Host):
		return fmt.Errorf("redirect to another host: %s", next.URL.Host)
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
	return errors.New("expected an https URL (http is allowed for this machine only)")
}
