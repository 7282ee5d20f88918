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

// timeout is how long one message may take, when its context allows more.
const timeout = 15 * time.Second

// The ports of the two kinds of address when it names none.
const (
	portSTARTTLS = 587
	portTLS      = 465
)

// Options says which mail server to use.
type Options struct {
	// URL is smtp://user:password@host:port?from=address, which encrypts by STARTTLS, or smtps://…, which encrypts from the start. User and password
	// may be left out. from is who the mail comes from, "Name <address>" or an address; without it the user, when that is an address. A server on
	// this machine need not encrypt; elsewhere that takes &tls=none, and then there is no password either.
	URL   string
	Now   func() time.Time
	Roots *x509.CertPool // who certifies the server; nil: whom the machine trusts
}

// SMTP sends messages through one mail server. It is safe for use by several goroutines and keeps no connection.
type SMTP struct {
	from     *mail.Address
	host     string
	port     int
	now      func() time.Time
	tls      *tls.Config
	implicit bool // TLS from the start
	policy   gomail.TLSPolicy
	user     string
	password auth.Secret
}

// New reads the address of a mail server. Nothing is sent and nobody is asked. Its errors never show the address: a password is in it.
func New(o Options) (*SMTP, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("the mail server wants an address such as smtp://user:password@mail.example.com:587?from=app@example.com")
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
			return nil, errors.New("the mail server's port is no number from 1 to 65535")
		}
	}
	return s, s.readQuery(u)
}

// readQuery reads what stands behind the question mark.
func (s *SMTP) readQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the mail server's settings behind the question mark cannot be read")
	}
	if s.isLocal() || s.implicit { // with the latter it is encrypted already
		s.policy = gomail.TLSOpportunistic
	}
	for key, values := range query {
		switch {
		case key == "from":
		case key == "tls" && values[0] == "none" && !s.implicit && s.user == "":
			s.policy = gomail.NoTLS
		case key == "tls":
			return errors.New("the mail server's tls takes only none, with smtp:// and without a user: a password goes over TLS only")
		default:
			return fmt.Errorf("the mail server has no setting %q; there are from and tls", key)
		}
	}
	from := query.Get("from")
	if from == "" {
		from = s.user
	}
	if s.from, err = mail.ParseAddress(from); err != nil || strings.ContainsFunc(from, unicode.IsControl) {
		return errors.New("the mail server wants ?from=address: who the mail comes from")
	}
	return nil
}

// isLocal reports whether the server is on this machine.
func (s *SMTP) isLocal() bool {
	a, err := netip.ParseAddr(s.host)
	return s.host == "localhost" || err == nil && a.IsLoopback()
}

// Server is the mail server for people: host and port.
func (s *SMTP) Server() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// Send sends one message and waits until the server has taken it, or the context ends. Its errors do not hold the message.
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
	return nil // the server took it, whatever went wrong at the farewell
}

// message makes the message. What goes into its header is one line each: nobody adds a header, or another receiver, of their own.
func (s *SMTP) message(m auth.Mail) (*gomail.Msg, error) {
	if strings.ContainsFunc(m.To, unicode.IsControl) || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return nil, errors.New("write a mail: an address or a subject holds a line break")
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, errors.New("write a mail: the receiver is no e-mail address")
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.Subject(m.Subject)
	message.SetDateWithValue(s.now())
	message.SetMessageID()
	message.SetGenHeader("Auto-Submitted", "auto-generated") // so that no holiday notice answers
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
		list = append(list, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.user), gomail.WithPassword(s.password.Reveal()))
	}
	return list
}

// connection is the connection of one message. It ends with the context of the message: a server that says nothing holds nobody up.
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
