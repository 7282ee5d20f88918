package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"dossier/backend/api"
	"dossier/backend/metrics"
	"dossier/backend/server"
	"dossier/backend/workspace"
	"dossier/model"
	"dossier/ui/cli"
)

// signals end the program; the first lets a service finish its requests.
var signals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// serve serves the client API until the context ends.
func (m *machine) serve(ctx context.Context, o cli.Options, s cli.ServeOptions) error {
	if err := loopbackOnly(s.Listen, len(o.Apps) == 0); err != nil {
		return err
	}
	closeLog, err := m.logOf(s)
	if err != nil {
		return err
	}
	defer closeLog()
	m.tell = m.logFindings
	d, how, err := m.front(s)
	if err != nil {
		return err
	}
	all, err := m.openAll(ctx, o, s)
	defer func() {
		for _, w := range all {
			m.end(ctx, w)
		}
		if err == nil && ctx.Err() != nil {
			m.log.Info("ended")
		}
	}()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return model.Inputf("--listen "+s.Listen, "%v", err)
	}
	a, isTCP := l.Addr().(*net.TCPAddr)
	d.Local = isTCP && a.IP.IsLoopback()
	if s.Metrics != "" {
		figures := metrics.New()
		d.Meter = figures
		stop, err := m.show(figures, s.Metrics)
		if err != nil {
			return err
		}
		defer stop()
	}
	m.warnOfMails(s, d.Local, all)
	// After the first signal they mean what they mean everywhere: a second one ends the program at once.
	defer context.AfterFunc(ctx, func() { signal.Reset(signals...) })()
	m.announce(s, l, all)
	err = workspace.Serve(ctx, l, d, how, all...)
	return err
}

// announce says that the service answers, and where.
func (m *machine) announce(s cli.ServeOptions, l net.Listener, all []*workspace.Workspace) {
	ids := make([]string, len(all))
	for i, w := range all {
		ids[i] = w.AppID()
	}
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	m.log.Info("serving", "address", l.Addr().String(), "apps", strings.Join(ids, ","), "version", version())
	s.Ready(scheme+"://"+l.Addr().String(), ids)
}

// openAll opens a workspace for each application directory, or the one without. What is open when it fails is returned too.
func (m *machine) openAll(ctx context.Context, o cli.Options, s cli.ServeOptions) ([]*workspace.Workspace, error) {
	dirs := o.Apps
	if len(dirs) == 0 {
		dirs = []string{""}
	}
	var all []*workspace.Workspace
	for _, dir := range dirs {
		o.App = dir
		w, err := m.openWorkspace(ctx, o, s)
		if err != nil {
			return all, err
		}
		all = append(all, w)
		if slices.ContainsFunc(all[:len(all)-1], func(other *workspace.Workspace) bool { return other.AppID() == w.AppID() }) {
			return all, model.Inputf("--app "+dir, "two applications have the id %q", w.AppID())
		}
	}
	return all, nil
}

// warnOfMails says that links which confirm addresses and reset passwords are for everybody who reads the log, where others can ask for them.
func (m *machine) warnOfMails(s cli.ServeOptions, local bool, all []*workspace.Workspace) {
	if s.SMTP != "" || local {
		return
	}
	for _, w := range all {
		p, on := w.App().Providers[api.EmailPassword]
		if mails := !p.EmailPassword.AutoConfirm && p.EmailPassword.ConfirmFunction == "" || p.EmailPassword.ResetFunction == ""; on && !p.Disabled && mails {
			m.log.Warn("there is no mail server (--smtp): mails to people, with links that confirm addresses and reset passwords, go to this log", "app", w.AppID())
		}
	}
}

// front is what the options say about the way in.
func (m *machine) front(s cli.ServeOptions) (server.Door, server.Listening, error) {
	d := server.Door{Now: m.now, Random: rand.Reader, Log: m.log, PublicURL: s.PublicURL, Rate: s.Rate}
	how := server.Listening{Notice: s.Notice, Grace: s.Grace}
	if u, err := url.Parse(s.PublicURL); s.PublicURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return d, how, model.Inputf("--public-url", "%q is no address such as https://data.example.com", s.PublicURL)
	}
	for _, text := range s.TrustProxy {
		network, err := network(text)
		if err != nil {
			return d, how, model.Inputf("--trust-proxy", "%q is no network such as 10.0.0.0/8", text)
		}
		d.Proxies = append(d.Proxies, network)
	}
	if s.TLSCert != "" {
		var err error
		if how.Certificate, err = server.ReadCertificate(s.TLSCert, s.TLSKey, m.log); err != nil {
			return d, how, model.Inputf("--tls-cert, --tls-key", "%v", err)
		}
	}
	return d, how, nil
}

// network reads a network, or one address.
func network(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// logOf makes the log of a service: a line for every request. What it returns closes the file.
func (m *machine) logOf(s cli.ServeOptions) (func(), error) {
	var to io.Writer = os.Stderr
	end := func() {}
	if s.Log != "-" {
		f, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, model.Inputf("--log", "%v", err)
		}
		to, end = f, func() { f.Close() }
	}
	m.log = slog.New(slog.NewTextHandler(to, nil))
	if s.LogFormat == "json" {
		m.log = slog.New(slog.NewJSONHandler(to, nil))
	}
	return end, nil
}

// show shows the figures at an address of their own until the returned function is called.
func (m *machine) show(figures *metrics.Metrics, address string) (func(), error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, model.Inputf("--metrics "+address, "%v", err)
	}
	s := figures.Server()
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			m.log.Error("the figures cannot be shown any more", "error", err)
		}
	}()
	m.log.Info("metrics", "url", fmt.Sprintf("http://%s/metrics", l.Addr()))
	return func() { s.Close() }, nil
}

// loopbackOnly refuses to serve known credentials, or the operator's sign-in, to a network.
func loopbackOnly(listen string, known bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return model.Inputf("--listen "+listen, "wants HOST:PORT, such as 127.0.0.1:9080")
	}
	if ip := net.ParseIP(host); known && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return model.Inputf("--listen "+listen, "without --app the credentials are known to everybody, so it listens on loopback only, such as 127.0.0.1:9080")
	}
	return nil
}
