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

// DefaultTimeout is how long one call may take when Options says nothing.
const DefaultTimeout = 5 * time.Second

// Options says which service and application to speak to, and as what.
type Options struct {
	BaseURL        string // such as "https://services.cloud.mongodb.com"
	AppID          string // the client application id
	IgnoreLocation bool   // Transport reaches the service whatever the address, so that BaseURL is used for everything: another one that the service names is for others
	Server         string // how the service is called for people and in account ids; empty: BaseURL
	Transport      http.RoundTripper
	Now            func() time.Time
	Timeout        time.Duration          // one call; DefaultTimeout when 0
	CustomData     model.CustomDataConfig // what flags say; wins over what the service says
	TokenStore     TokenStore             // told of every new token; may be nil
	DeviceID       string                 // as a service gave it to this machine before; may be empty
	Version        string                 // of the application, sent as device information
}

// TokenStore keeps people's tokens between runs.
type TokenStore interface {
	// SaveTokens is told of every new token, of a session that ended (SignedOut), and of what was learned by looking.
	SaveTokens(t Tokens)
	// LoadTokens returns what is kept of a person now, which another process may have renewed meanwhile; false when nothing is.
	LoadTokens(userID string) (Tokens, bool)
}

// Client speaks to one application of one service.
type Client struct {
	o    Options
	http *http.Client

	mu       sync.Mutex
	host     string // what the service said to use for everything else; empty: not asked yet
	deviceID string
}

// New makes a client; it makes no call.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Server == "" {
		o.Server = strings.TrimRight(o.BaseURL, "/")
	}
	c := &Client{o: o, deviceID: o.DeviceID}
	c.http = &http.Client{
		Transport: o.Transport,
		// A token must not follow a redirect to another place.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// AccountID is the key of an account: service, application and user id together.
func AccountID(server, appID, userID string) string { return server + "|" + appID + "|" + userID }

// Ping asks whether the service answers and knows the application, without anybody's tokens.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.locate(ctx, "reach the service")
	return err
}

// base is the address for everything but the location; it asks the service once (PROTOCOL: location).
func (c *Client) base(ctx context.Context, op string) (string, error) {
	if c.o.IgnoreLocation {
		return strings.TrimRight(c.o.BaseURL, "/"), nil
	}
	c.mu.Lock()
	host := c.host
	c.mu.Unlock()
	if host != "" {
		return host, nil
	}
	return c.locate(ctx, op)
}

func (c *Client) locate(ctx context.Context, op string) (string, error) {
	base := strings.TrimRight(c.o.BaseURL, "/")
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", &model.Fault{Kind: model.InvalidInput, Op: op, Message: "the service's address is not an http or https URL", Location: "server"}
	}
	answer, err := c.send(ctx, op, request{method: http.MethodGet, base: base, path: api.LocationPath(c.o.AppID)})
	if err != nil {
		return "", err
	}
	host, err := hostOf(answer, u)
	if err != nil {
		return "", &model.Fault{Kind: model.Failed, Op: op, Message: u.Host + " " + err.Error(), Advice: "check the address"}
	}
	if u.Scheme == "https" && !strings.HasPrefix(host, "https://") {
		return "", &model.Fault{Kind: model.Failed, Op: op, Message: u.Host + " sends its clients to an unencrypted address", Advice: "the service's public address must be set to its https one"}
	}
	c.mu.Lock()
	c.host = host
	c.mu.Unlock()
	return host, nil
}

// hostOf reads where the service at a URL wants everything else; one that does not say stays where it is. The error says what it does wrong.
func hostOf(answer []byte, asked *url.URL) (string, error) {
	var location struct{ Hostname *string }
	if json.Unmarshal(answer, &location) != nil {
		return "", errors.New("does not speak the client API")
	}
	if location.Hostname == nil || *location.Hostname == "" {
		return strings.TrimRight(asked.String(), "/"), nil
	}
	host := strings.TrimRight(*location.Hostname, "/")
	at, err := url.Parse(host)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return "", errors.New("names an address that is no URL")
	}
	return host, nil
}

// forget makes the next call ask for the location again, since the service may have moved.
func (c *Client) forget() {
	c.mu.Lock()
	c.host = ""
	c.mu.Unlock()
}
