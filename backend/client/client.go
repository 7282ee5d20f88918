package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"dossier/backend/api"
	"dossier/model"
)

// DefaultTimeout is the timeout of one call if Options sets none.
const DefaultTimeout = 5 * time.Second

// Options configures a Client.
type Options struct {
	BaseURL string // such as "https://services.cloud.mongodb.com"
	AppID   string // the client application id
	// use BaseURL for all requests instead of the host in the location response; for a Transport that reaches only one
	// service
	IgnoreLocation bool
	Server         string // name of the service on the screen and in account ids; empty: BaseURL
	Transport      http.RoundTripper
	Now            func() time.Time
	Timeout        time.Duration          // of a call whose context has no deadline; DefaultTimeout when 0
	CustomData     model.CustomDataConfig // from flags; each value overrides the service's
	TokenStore     TokenStore             // stores tokens; may be nil
	DeviceID       string                 // assigned to this machine by the service before; may be empty
	Version        string                 // of the application, sent as device information
}

// TokenStore stores users' tokens between runs. Its methods may be called concurrently.
type TokenStore interface {
	// SaveTokens stores tokens. It is called for every new token, the end of a session (SignedOut) and the result of a
	// check.
	SaveTokens(t Tokens)
	// LoadTokens returns a user's stored tokens, which another process may have refreshed; false when there are none. The
	// refresh token may be missing, because reading it may take long.
	LoadTokens(userID string) (Tokens, bool)
	// RefreshToken returns the stored refresh token of a user's session, of any session if sessionID is empty; empty when
	// it cannot be read, or the user has signed in again since.
	RefreshToken(userID, sessionID string) Secret
}

// Client is a client of one application of one service. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client

	mu       sync.Mutex
	host     string         // from the location response; empty: not requested yet
	can      api.Extensions // from the same response
	deviceID string
}

// New returns a client. It makes no request.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	o.BaseURL = api.ServiceURL(o.BaseURL)
	if o.Server == "" {
		o.Server = o.BaseURL
	}
	c := &Client{options: o, deviceID: o.DeviceID}
	c.http = &http.Client{
		Transport: o.Transport,
		// Do not follow redirects: they would send the token to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// AccountID returns the unique id of an account: service, application and user id together.
func AccountID(server, appID, userID string) string { return server + "|" + appID + "|" + userID }

// Ping checks that the service answers and has the application. It sends no token.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.locate(ctx, "cannot reach the service")
	return err
}

// base returns the base URL for all requests but the location request, which it makes once (PROTOCOL: location).
func (c *Client) base(ctx context.Context, op string) (string, error) {
	if c.options.IgnoreLocation {
		return c.options.BaseURL, nil
	}
	c.mu.Lock()
	host := c.host
	c.mu.Unlock()
	if host != "" {
		return host, nil
	}
	return c.locate(ctx, op)
}

// speaksBSON reports whether the service takes service calls in BSON. It requests the location if that has not
// happened.
func (c *Client) speaksBSON(ctx context.Context, op string) (bool, error) {
	c.mu.Lock()
	located, can := c.host != "", c.can
	c.mu.Unlock()
	if located {
		return can.BSON, nil
	}
	if _, err := c.locate(ctx, op); err != nil {
		if f := model.AsFault(op, err); c.options.IgnoreLocation && f.Kind != model.Unreachable {
			return false, nil // a service that has no location endpoint
		}
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.can.BSON, nil
}

func (c *Client) locate(ctx context.Context, op string) (string, error) {
	base := c.options.BaseURL
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", &model.Fault{Kind: model.InvalidInput, Op: op,
			Message: "the service's address is not an http or https URL (example: https://example.com)", Location: "server"}
	}
	response, err := c.send(ctx, op, request{method: http.MethodGet, base: base, path: api.LocationPath(c.options.AppID)})
	if err != nil {
		return "", err
	}
	host, can, err := parseLocation(response, u)
	if err != nil {
		return "", &model.Fault{Kind: model.Failed, Op: op, Message: u.Host + " " + err.Error(), Advice: "check the address"}
	}
	if u.Scheme == "https" && !strings.HasPrefix(host, "https://") {
		return "", &model.Fault{Kind: model.Failed, Op: op,
			Message: u.Host + " redirects its clients to an address without TLS",
			Advice:  "set the service's public URL to its https address"}
	}
	c.mu.Lock()
	c.host, c.can = host, can
	c.mu.Unlock()
	return host, nil
}

// parseLocation returns the base URL in a location response, or the requested one when the response has none, and the
// service's extensions. The error continues a sentence that starts with the host.
func parseLocation(response []byte, requested *url.URL) (string, api.Extensions, error) {
	var location struct {
		Hostname *string
		Dossier  json.RawMessage
	}
	if json.Unmarshal(response, &location) != nil {
		return "", api.Extensions{}, errors.New("does not speak the client API")
	}
	var can api.Extensions
	if json.Unmarshal(location.Dossier, &can) != nil { // another service may use the key for anything
		can = api.Extensions{}
	}
	if location.Hostname == nil || *location.Hostname == "" {
		return api.ServiceURL(requested.String()), can, nil
	}
	host := api.ServiceURL(*location.Hostname)
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", can, errors.New("returned a hostname that is not a URL")
	}
	return host, can, nil
}

// forgetLocation makes the next call request the location again, because the service may have moved.
func (c *Client) forgetLocation() {
	c.mu.Lock()
	c.host = ""
	c.mu.Unlock()
}
