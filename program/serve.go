package program

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
	"slices"
	"strings"

	"dossier/backend/api"
	"dossier/backend/metrics"
	"dossier/backend/server"
	"dossier/backend/workspace"
	"dossier/model"
	"dossier/ui/cli"
)

// serve serves the client API until ctx ends.
func (r *runner) serve(ctx context.Context, o cli.Options, s cli.ServeOptions) error {
	if err := checkListen(s.Listen, len(o.Apps) == 0); err != nil {
		return err
	}
	log, closeLog, err := r.serviceLog(s)
	if err != nil {
		return err
	}
	defer closeLog()
	defer server.ReserveHeap()()
	s.PublicURL = api.ServiceURL(s.PublicURL)
	middleware, options, err := r.httpOptions(s, log)
	if err != nil {
		return err
	}
	all, err := r.openAll(ctx, o, s, log)
	if err == nil {
		err = r.serveAll(ctx, s, middleware, options, all)
	}
	for _, w := range all {
		r.close(ctx, w)
	}
	if err == nil && ctx.Err() != nil {
		log.Info("ended")
	}
	return err
}

// serveAll listens, and serves the client API of open workspaces until ctx ends.
func (r *runner) serveAll(
	ctx context.Context, s cli.ServeOptions, m server.Middleware, o server.ServeOptions, all []*workspace.Workspace,
) error {
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return model.InvalidInputf("--listen "+s.Listen, "%v", err)
	}
	defer l.Close()
	a, isTCP := l.Addr().(*net.TCPAddr)
	m.LocalOnly = isTCP && a.IP.IsLoopback()
	if s.Metrics != "" {
		recorder := metrics.New()
		m.Metrics = recorder
		stop, err := serveMetrics(recorder, s.Metrics, m.Log)
		if err != nil {
			return err
		}
		defer stop()
	}
	warnOfLoggedMails(s, m.LocalOnly, all, m.Log)
	r.announce(s, l, all, m.Log)
	return workspace.Serve(ctx, l, m, o, all...)
}

// announce logs and prints the address at which the service answers.
func (r *runner) announce(s cli.ServeOptions, l net.Listener, all []*workspace.Workspace, log *slog.Logger) {
	ids := make([]string, len(all))
	for i, w := range all {
		ids[i] = w.AppID()
	}
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	log.Info("serving", "address", l.Addr().String(), "apps", strings.Join(ids, ","), "version", r.Version.String())
	s.Ready(scheme+"://"+l.Addr().String(), ids)
}

// openAll opens a workspace for each application directory, or the one without any. On an error it also returns the
// workspaces that are already open.
func (r *runner) openAll(
	ctx context.Context, o cli.Options, s cli.ServeOptions, log *slog.Logger,
) ([]*workspace.Workspace, error) {
	dirs := o.Apps
	if len(dirs) == 0 {
		dirs = []string{""}
	}
	var all []*workspace.Workspace
	for _, dir := range dirs {
		o.App = dir
		w, err := r.openWorkspace(ctx, o, s, log, logFindings(log))
		if err != nil {
			return all, err
		}
		sameID := func(other *workspace.Workspace) bool { return other.AppID() == w.AppID() }
		duplicate := slices.ContainsFunc(all, sameID)
		all = append(all, w)
		if duplicate {
			return all, model.InvalidInputf("--app "+dir, "two applications have the id %q", w.AppID())
		}
	}
	return all, nil
}

// warnOfLoggedMails warns beyond loopback when mails go to the log: every reader of the log can use their links, which
// confirm addresses and reset passwords.
func warnOfLoggedMails(s cli.ServeOptions, local bool, all []*workspace.Workspace, log *slog.Logger) {
	if s.SMTP != "" || local {
		return
	}
	for _, w := range all {
		p, configured := w.App().Providers[api.EmailPassword]
		c := p.EmailPassword
		mails := !c.AutoConfirm && c.ConfirmFunction == "" || c.ResetFunction == ""
		if configured && !p.Disabled && mails {
			log.Warn("no mail server (--smtp): mails to users, with links that confirm addresses and reset passwords, "+
				"go to this log", "app", w.AppID())
		}
	}
}

// httpOptions returns the options of the HTTP server.
func (r *runner) httpOptions(s cli.ServeOptions, log *slog.Logger) (server.Middleware, server.ServeOptions, error) {
	middleware := server.Middleware{Now: r.Now, Random: rand.Reader, Log: log, PublicURL: s.PublicURL,
		RequestsPerSecond: s.Rate}
	options := server.ServeOptions{ShutdownDelay: s.Notice, GracePeriod: s.Grace}
	if _, ok := parseHTTPURL(s.PublicURL); s.PublicURL != "" && !ok {
		return middleware, options,
			model.InvalidInputf("--public-url", "%q is not a URL (example: https://data.example.com)", s.PublicURL)
	}
	for _, text := range s.TrustProxy {
		network, err := parseNetwork(text)
		if err != nil {
			return middleware, options,
				model.InvalidInputf("--trust-proxy", "%q is not a network (example: 10.0.0.0/8)", text)
		}
		middleware.Proxies = append(middleware.Proxies, network)
	}
	if s.TLSCert != "" {
		var err error
		if options.Certificate, err = server.ReadCertificate(s.TLSCert, s.TLSKey, log); err != nil {
			return middleware, options, model.InvalidInputf("--tls-cert, --tls-key", "%v", err)
		}
	}
	return middleware, options, nil
}

// parseHTTPURL parses an absolute http or https URL.
func parseHTTPURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// parseNetwork parses a network or a single address.
func parseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// serviceLog opens the log of serve, with one line a request. The returned function closes its file.
func (r *runner) serviceLog(s cli.ServeOptions) (*slog.Logger, func(), error) {
	var w io.Writer = r.Stderr
	closeFile := func() {}
	if s.Log != "-" {
		f, err := openLogFile(s.Log)
		if err != nil {
			return nil, nil, model.InvalidInputf("--log", "%v", err)
		}
		w, closeFile = f, func() { f.Close() }
	}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil)), closeFile, nil
	}
	return slog.New(slog.NewTextHandler(w, nil)), closeFile, nil
}

// serveMetrics serves the metrics at their own address until the returned function is called.
func serveMetrics(m *metrics.Metrics, address string, log *slog.Logger) (func(), error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, model.InvalidInputf("--metrics "+address, "%v", err)
	}
	s := m.HTTPServer()
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serving metrics failed", "error", err)
		}
	}()
	log.Info("metrics", "url", fmt.Sprintf("http://%s/metrics", l.Addr()))
	return func() { s.Close() }, nil
}

// checkListen refuses addresses beyond loopback when no application is given: the credentials are then public.
func checkListen(listen string, publicCredentials bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return model.InvalidInputf("--listen "+listen, "expected HOST:PORT (example: 127.0.0.1:9080)")
	}
	if ip := net.ParseIP(host); publicCredentials && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return model.InvalidInputf("--listen "+listen,
			"without --app the credentials are public: loopback only (example: 127.0.0.1:9080)")
	}
	return nil
}
