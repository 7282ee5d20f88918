package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"dossier/backend/auth"
)

// timeout limits the sending of one message.
const timeout = 15 * time.Second

// The default ports.
const (
	portSTARTTLS = 587
	portTLS      = 465
)

// Options configures the mail server.
type Options struct {
	// URL is smtp://user:password@host:port?from=address (STARTTLS) or smtps://… (implicit TLS). User and password are
	// optional. from is the sender, "Name <address>" or an address; its default is the user, if that is an address.
	// TLS is required, except on this machine and with &tls=none, which excludes a user.
	URL   string
	Now   func() time.Time
	Roots *x509.CertPool // certificate authorities; nil: the system's
}

// SMTP sends messages through one mail server, each over its own connection. It is safe for concurrent use.
type SMTP struct {
	from     *mail.Address
	host     string
	port     int
	now      func() time.Time
	tls      *tls.Config
	implicit bool // TLS without STARTTLS
	policy   gomail.TLSPolicy
	user     string
	password auth.Secret
}

// New parses the URL of a mail server. It does not connect. Its errors do not contain the URL, which may hold a
// password.
func New(o Options) (*SMTP, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("the mail server URL is invalid (example: " +
			"smtp://user:password@mail.example.com:587?from=app@example.com)")
	}
	s := &SMTP{
		host: u.Hostname(), port: portSTARTTLS, now: o.Now, implicit: u.Scheme == "smtps", policy: gomail.TLSMandatory,
		tls: &tls.Config{ServerName: u.Hostname(), RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, user: u.User.Username(),
	}
	password, _ := u.User.Password()
	s.password = auth.NewSecret(password)
	if s.implicit {
		s.port = portTLS
	}
	if text := u.Port(); text != "" {
		if s.port, err = strconv.Atoi(text); err != nil || s.port < 1 || s.port > 65535 {
			return nil, errors.New("the mail server URL has an invalid port: expected 1 to 65535")
		}
	}
	return s, s.readQuery(u)
}

// readQuery reads the query of the URL.
func (s *SMTP) readQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the query of the mail server URL is invalid")
	}
	if s.isLocal() || s.implicit { // smtps is encrypted already
		s.policy = gomail.TLSOpportunistic
	}
	for key, values := range query {
		switch {
		case key == "from":
		case key == "tls" && values[0] == "none" && !s.implicit && s.user == "":
			s.policy = gomail.NoTLS
		case key == "tls":
			return errors.New("the mail server URL has an invalid tls: the only value is none, with smtp:// and without a " +
				"user (a password requires TLS)")
		default:
			return fmt.Errorf("the mail server URL has an unknown parameter %q (available: from, tls)", key)
		}
	}
	from := query.Get("from")
	if from == "" {
		from = s.user
	}
	if s.from, err = mail.ParseAddress(from); err != nil || strings.ContainsFunc(from, unicode.IsControl) {
		return errors.New("the mail server URL needs a sender: add ?from=address")
	}
	return nil
}

// isLocal reports whether the host is localhost or a loopback address.
func (s *SMTP) isLocal() bool {
	a, err := netip.ParseAddr(s.host)
	return s.host == "localhost" || err == nil && a.IsLoopback()
}

// Server returns the mail server's host and port.
func (s *SMTP) Server() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// Send sends one message and waits until the server has accepted it or ctx ends. Its errors do not contain the message.
func (s *SMTP) Send(ctx context.Context, m auth.Mail) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	open := connection{tls: s.tls, implicit: s.implicit}
	defer open.close()
	client, err := gomail.NewClient(s.host, s.options(ctx, &open)...)
	if err != nil {
		return fmt.Errorf("prepare a mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil && !message.IsDelivered() {
		return fmt.Errorf("send a mail through %s: %w", s.Server(), err)
	}
	return nil // the server accepted the message; an error of QUIT does not matter
}

// message builds the message. It refuses line breaks in header fields, so that no header or recipient can be injected.
func (s *SMTP) message(m auth.Mail) (*gomail.Msg, error) {
	if strings.ContainsFunc(m.To, unicode.IsControl) || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return nil, errors.New("write a mail: the address or the subject contains a control character")
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, errors.New("write a mail: the recipient is not an email address")
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.Subject(m.Subject)
	message.SetDateWithValue(s.now())
	message.SetMessageID()
	message.SetGenHeader("Auto-Submitted", "auto-generated") // prevents out-of-office replies
	message.SetBodyString(gomail.TypeTextPlain, m.Body.Reveal())
	return message, nil
}

func (s *SMTP) options(ctx context.Context, open *connection) []gomail.Option {
	list := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(s.tls), gomail.WithTLSPolicy(s.policy),
		gomail.WithDialContextFunc(func(_ context.Context, network, address string) (net.Conn, error) {
			return open.dial(ctx, network, address)
		}),
	}
	if s.user != "" {
		list = append(list, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.user),
			gomail.WithPassword(s.password.Reveal()))
	}
	return list
}

// connection is the network connection of one message. It closes when the message's context ends, also while the server
// does not respond.
type connection struct {
	tls      *tls.Config
	implicit bool
	conn     net.Conn
	stop     func() bool
}

func (c *connection) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.conn = conn
	c.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	if !c.implicit {
		return conn, nil
	}
	secure := tls.Client(conn, c.tls)
	return secure, secure.HandshakeContext(ctx)
}

func (c *connection) close() {
	if c.conn != nil {
		c.stop()
		_ = c.conn.Close()
	}
}
