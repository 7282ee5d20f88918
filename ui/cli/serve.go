package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dossier/model"
)

// What serve does when nobody says otherwise.
const (
	serveRate  = 100
	serveGrace = 15 * time.Second
)

// How long access tokens may live.
const (
	shortestTokenLife = time.Minute
	longestTokenLife  = 5 * time.Hour
)

func (s *commands) serve() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the client API over HTTP, for SDKs and for other people's dossier",
		Long: "Serves one application, or with --app several times several. The log goes to standard error. The flags below can also be set by variables:\n" +
			"DOSSIER_LISTEN for --listen, and so on.\n\n" +
			"Without --app it serves the embedded workspace, whose credentials are known to everybody: on loopback only.",
		Example: "# a production service behind a proxy\n" +
			"dossier serve --app ./app --uri mongodb://db1,db2,db3/?replicaSet=rs0 \\\n" +
			"--listen 10.0.0.5:9080 --public-url https://data.example.com --trust-proxy 10.0.0.0/8\n\n" +
			"# with TLS of its own, two applications, and figures for Prometheus\n" +
			"dossier serve --app ./shop --app ./forum --uri mongodb://db \\\n" +
			"--listen :443 --tls-cert cert.pem --tls-key key.pem --metrics 127.0.0.1:9081",
		Args:    arguments,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return fillOwn(cmd.LocalNonPersistentFlags(), s.Getenv) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(s.options); err != nil {
				return err
			}
			o.Ready = s.serving
			return s.Serve(cmd.Context(), s.options, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:9080", "address to listen on")
	f.StringVar(&o.PublicURL, "public-url", "", "address that clients use, behind a proxy")
	f.DurationVar(&o.TokenLife, "token-life", 0, "how long access tokens live, 1m to 5h, and with them the copy of the custom data; 0: 30m")
	f.StringVar(&o.TLSCert, "tls-cert", "", "certificate chain in PEM; read again when it changes")
	f.StringVar(&o.TLSKey, "tls-key", "", "its private key in PEM")
	f.StringSliceVar(&o.TrustProxy, "trust-proxy", nil, "networks of proxies that say where clients are, such as 10.0.0.0/8")
	f.Float64Var(&o.Rate, "rate", serveRate, "requests a second from one address, twice as many at once; 0: any number. Each process counts for itself")
	f.DurationVar(&o.Notice, "notice", 0, "after the first signal: how long to go on, /readyz saying no")
	f.DurationVar(&o.Grace, "grace", serveGrace, "then: how long requests may take to finish. A second signal ends at once")
	f.StringVar(&o.SMTP, "smtp", "", "mail server, smtp://user:password@mail.example.com:587?from=app@example.com, or smtps://…; DOSSIER_SMTP\n"+
		"hides it from other people's ps. Without it mails are lines of the log, for development")
	f.StringSliceVar(&o.HTTPHosts, "http-host", nil, "host that functions may send requests to (context.http), such as api.example.com or api.example.com:8443")
	f.StringVar(&o.Metrics, "metrics", "", "address to show figures for Prometheus at, such as 127.0.0.1:9081")
	f.StringVar(&o.Log, "log", "-", "file for the log; - for standard error")
	f.StringVar(&o.LogFormat, "log-format", "text", "format of the log, text or json")
	return cmd
}

// check refuses options that contradict each other.
func (o ServeOptions) check(all Options) error {
	switch {
	case all.Server != "":
		return model.InvalidInputf("serve", "starts a service here; --server names one elsewhere")
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return model.InvalidInputf("--tls-cert, --tls-key", "go together")
	case o.LogFormat != "text" && o.LogFormat != "json":
		return model.InvalidInputf("--log-format", "wants text or json, not %q", o.LogFormat)
	case o.TokenLife != 0 && (o.TokenLife < shortestTokenLife || o.TokenLife > longestTokenLife):
		return model.InvalidInputf("--token-life", "wants 1m to 5h, not %s", o.TokenLife)
	case o.Rate < 0 || o.Notice < 0 || o.Grace < 0:
		return model.InvalidInputf("--rate, --notice, --grace", "cannot be below zero")
	}
	return nil
}

// serving says where the service answers.
func (s *commands) serving(url string, appIDs []string) {
	if s.options.JSON {
		line := struct {
			URL    string   `json:"url"`
			AppID  string   `json:"app_id"`
			AppIDs []string `json:"app_ids,omitempty"`
		}{URL: url, AppID: appIDs[0]}
		if len(appIDs) > 1 {
			line.AppIDs = appIDs
		}
		_ = s.json(line)
		return
	}
	what := "application"
	if len(appIDs) > 1 {
		what = "applications"
	}
	fmt.Fprintf(s.Out, "serving %s %s at %s; ctrl+c ends\n", what, model.Show(strings.Join(appIDs, ", ")), model.Show(url))
}
