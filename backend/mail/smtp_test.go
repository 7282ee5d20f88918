package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"dossier/backend/auth"
	dossiermail "dossier/backend/mail"
)

var at = time.Date(2030, time.March, 14, 9, 26, 53, 0, time.UTC)

// receivedMail is a message that the server accepted.
type receivedMail struct{ from, to, text, user string }

// mailServer is a minimal SMTP server on loopback.
type mailServer struct {
	implicit bool // implicit TLS
	starttls bool
	silent   bool   // accepts connections and never responds
	refuse   string // the command that it refuses

	address string
	roots   *x509.CertPool
	tls     *tls.Config
	came    chan struct{}

	mu    sync.Mutex
	mails []receivedMail
}

func startMailServer(t *testing.T, p *mailServer) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	p.roots = x509.NewCertPool()
	p.roots.AddCert(c)
	p.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address, p.came = l.Addr().String(), make(chan struct{}, 100)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); wait.Wait() })
	return p
}

func (p *mailServer) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	p.came <- struct{}{}
	if p.implicit {
		conn = tls.Server(conn, p.tls)
	}
	in := bufio.NewReader(conn)
	if p.silent {
		_, _ = in.ReadByte() // until the client closes the connection
		return
	}
	fmt.Fprint(conn, "220 post\r\n")
	var l receivedMail
	secure := p.implicit
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if p.refuse != "" && p.refuse == verb {
			fmt.Fprint(conn, "550 no\r\n")
			continue
		}
		switch verb {
		case "EHLO":
			fmt.Fprint(conn, "250-post\r\n250-8BITMIME\r\n")
			if p.starttls && !secure {
				fmt.Fprint(conn, "250-STARTTLS\r\n")
			}
			fmt.Fprint(conn, "250 AUTH PLAIN\r\n")
		case "STARTTLS":
			fmt.Fprint(conn, "220 go\r\n")
			conn = tls.Server(conn, p.tls)
			in, secure = bufio.NewReader(conn), true
		case "AUTH":
			if secure {
				text, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
				l.user = strings.ReplaceAll(string(text), "\x00", "/")
			}
			fmt.Fprint(conn, "235 ok\r\n")
		case "MAIL":
			l.from = rest
			fmt.Fprint(conn, "250 ok\r\n")
		case "RCPT":
			l.to += rest
			fmt.Fprint(conn, "250 ok\r\n")
		case "DATA":
			fmt.Fprint(conn, "354 go\r\n")
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				l.text += line
			}
			p.mu.Lock()
			p.mails = append(p.mails, l)
			p.mu.Unlock()
			fmt.Fprint(conn, "250 taken\r\n")
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (p *mailServer) received() []receivedMail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mails
}

func (p *mailServer) client(t *testing.T, format string) *dossiermail.SMTP {
	t.Helper()
	s, err := dossiermail.New(dossiermail.Options{URL: fmt.Sprintf(format, p.address), Now: func() time.Time { return at },
		Roots: p.roots})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message() auth.Mail {
	link := "https://app.example.com/reset?token=" + strings.Repeat("0f", 64) + "&tokenId=5ed10d5dc085000e2c0099f2"
	return auth.Mail{To: "ada@example.com", Subject: "Réinitialiser", Body: auth.NewSecret("Open this:\n\n" + link + "\n"),
		Link: auth.NewSecret(link)}
}

func TestSend(t *testing.T) {
	for name, c := range map[string]struct {
		post *mailServer
		url  string
		user string
	}{
		"in the clear on this machine": {&mailServer{}, "smtp://%s?from=app@example.com", ""},
		"STARTTLS with a password": {&mailServer{starttls: true}, "smtp://app%%40example.com:p%%2Fss@%s",
			"/app@example.com/p/ss"},
		"TLS with a password": {&mailServer{implicit: true}, "smtps://user:pass@%s?from=The+app+%%3Capp@example.com%%3E",
			"/user/pass"},
	} {
		t.Run(name, func(t *testing.T) {
			p := startMailServer(t, c.post)
			if err := p.client(t, c.url).Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
			list := p.received()
			if len(list) != 1 || !strings.HasPrefix(list[0].from, "FROM:<app@example.com>") ||
				list[0].to != "TO:<ada@example.com>" || list[0].user != c.user {
				t.Fatalf("the server received %+v", list)
			}
			m, err := mail.ReadMessage(strings.NewReader(list[0].text))
			if err != nil {
				t.Fatal(err)
			}
			if to := m.Header.Get("To"); to != "<ada@example.com>" {
				t.Errorf("to %s", to)
			}
			if when, err := m.Header.Date(); err != nil || !when.Equal(at) {
				t.Errorf("date %s, %v", when, err)
			}
			if !strings.HasPrefix(m.Header.Get("Subject"), "=?UTF-8?") || m.Header.Get("Message-Id") == "" {
				t.Errorf("header %v", m.Header)
			}
		})
	}
}

// An address or a subject cannot inject a header or a recipient.
func TestHeadersAreNotInjected(t *testing.T) {
	p := startMailServer(t, &mailServer{})
	s := p.client(t, "smtp://%s?from=app@example.com")
	for _, change := range []func(*auth.Mail){
		func(m *auth.Mail) { m.To = "ada@example.com\r\nBcc: eve@example.com" },
		func(m *auth.Mail) { m.To = "ada@example.com\nBcc: eve@example.com" },
		func(m *auth.Mail) { m.To = "ada@example.com>\r\nRCPT TO:<eve@example.com" },
		func(m *auth.Mail) { m.To = "ada@example.com, eve@example.com" },
		func(m *auth.Mail) { m.To = "Ada <ada@example.com>" },
		func(m *auth.Mail) { m.To = "" },
		func(m *auth.Mail) { m.Subject = "Hello\r\nBcc: eve@example.com" },
		func(m *auth.Mail) { m.Subject = "Hello\rBcc: eve@example.com" },
	} {
		m := message()
		change(&m)
		if err := s.Send(t.Context(), m); err == nil {
			t.Errorf("sent to %q with subject %q", m.To, m.Subject)
		}
	}
	if list := p.received(); len(list) != 0 {
		t.Errorf("the server received %+v", list)
	}
}

func TestServerDoesNotRespond(t *testing.T) {
	for _, p := range []*mailServer{{silent: true}, {silent: true, implicit: true}} {
		p, scheme := startMailServer(t, p), "smtp"
		if p.implicit {
			scheme = "smtps"
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-p.came; cancel() }()
		if err := p.client(t, scheme+"://%s?from=app@example.com").Send(ctx, message()); err == nil {
			t.Error("sent")
		}
	}
}

// Errors contain neither the message nor the password.
func TestErrorsContainNoSecrets(t *testing.T) {
	for _, refuse := range []string{"AUTH", "MAIL", "RCPT", "DATA"} {
		p := startMailServer(t, &mailServer{starttls: true, refuse: refuse})
		err := p.client(t, "smtp://user:geheim@%s?from=app@example.com").Send(t.Context(), message())
		if err == nil || strings.Contains(err.Error(), "token=") || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", refuse, err)
		}
	}
	gone := startMailServer(t, &mailServer{})
	overTLS := gone.client(t, "smtps://%s?from=app@example.com")
	if err := overTLS.Send(t.Context(), message()); err == nil {
		t.Error("sent over TLS to a server without TLS")
	}
	untrusted := startMailServer(t, &mailServer{implicit: true})
	untrusted.roots = x509.NewCertPool()
	var unknown x509.UnknownAuthorityError
	if err := untrusted.client(t, "smtps://%s?from=app@example.com").Send(t.Context(), message()); !errors.As(err,
		&unknown) {
		t.Errorf("sent to a server with an untrusted certificate: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"smtp://mail.example.com?from=app@example.com":                "mail.example.com:587",
		"smtps://mail.example.com?from=app@example.com":               "mail.example.com:465",
		"smtp://app@example.com@mail.example.com":                     "mail.example.com:587",
		"smtp://app%40example.com:x@mail.example.com:25":              "mail.example.com:25",
		"smtp://mail.example.com:25?from=app@example.com&tls=none":    "mail.example.com:25",
		"smtp://u:geheim@mail.example.com?from=a@b.c&tls=none":        "",
		"smtps://mail.example.com?from=a@b.c&tls=none":                "",
		"smtp://mail.example.com?from=a@b.c&tls=maybe":                "",
		"smtp://u:geheim@mail.example.com":                            "",
		"smtp://u:geheim@mail.example.com?from=unknown":               "",
		"smtp://u:geheim@mail.example.com?from=a@b.c&to=d@e.f":        "",
		"smtp://u:geheim@mail.example.com/path?from=a@b.c":            "",
		"smtp://u:geheim@mail.example.com:99999?from=a@b.c":           "",
		"smtp://u:geheim@mail.example.com:port?from=a@b.c":            "",
		"smtp://u:geheim@mail.example.com?from=a@b.c%0d%0aBcc:%20d@e": "",
		"smtp://u:ge%zzheim@mail.example.com?from=a@b.c":              "",
		"https://u:geheim@mail.example.com?from=a@b.c":                "",
		"mail.example.com": "",
		"":                 "",
	} {
		s, err := dossiermail.New(dossiermail.Options{URL: text})
		switch {
		case want == "" && err == nil:
			t.Errorf("%s is accepted", text)
		case want == "" && strings.Contains(err.Error(), "heim"):
			t.Errorf("the error shows the password: %v", err)
		case want != "" && (err != nil || s.Server() != want):
			t.Errorf("%s: %v", text, err)
		case want != "" && strings.Contains(fmt.Sprintf("%+v %#v", s, s), "geheim"):
			t.Error("the client prints its password")
		}
	}
}

// TestRemoteServersEncrypt: nothing is sent to a remote server without TLS, even if it does not offer STARTTLS.
func TestRemoteServersEncrypt(t *testing.T) {
	p := startMailServer(t, &mailServer{})
	_, port, err := net.SplitHostPort(p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.address = "0.0.0.0:" + port // not a loopback address, but the operating system connects to this machine
	if err := p.client(t, "smtp://%s?from=app@example.com").Send(t.Context(), message()); err == nil ||
		len(p.received()) != 0 {
		t.Errorf("sent without TLS: %v", err)
	}
	if err := p.client(t, "smtp://%s?from=app@example.com&tls=none").Send(t.Context(), message()); err != nil ||
		len(p.received()) != 1 {
		t.Errorf("not sent without TLS although the URL has tls=none: %v", err)
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	if err := dossiermail.Log(slog.New(slog.NewJSONHandler(&out, nil)))(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"to":"ada@example.com"`, `"subject":"Réinitialiser"`,
		"tokenId=5ed10d5dc085000e2c0099f2", "development"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the log has no %s: %s", part, out.String())
		}
	}
	if strings.Count(out.String(), "\n") != 1 {
		t.Errorf("more than one line: %s", out.String())
	}
}

func FuzzAddress(f *testing.F) {
	for _, text := range []string{"smtp://u:p@host:587?from=a@b.c", "smtps://[::1]:465?from=a@b.c&tls=none", "smtp://%",
		"://"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := dossiermail.New(dossiermail.Options{URL: text})
		if err == nil && s.Server() == "" {
			t.Errorf("%q has no server", text)
		}
	})
}
