package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dossier/model"
)

// Defaults of serve.
const (
	defaultRate  = 100
	defaultGrace = 15 * time.Second
)

// Limits of the lifetime of access tokens.
const (
	minTokenLife = time.Minute
	maxTokenLife = 5 * time.Hour
)

func (s *commands) serve() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the client API over HTTP, for SDKs and dossier on other machines",
		Long: "Serves one application, or several with several --app flags. The log goes to standard error.\n" +
			"Each flag has an environment variable: DOSSIER_LISTEN for --listen.\n\n" +
			"Without --app it serves the embedded workspace, whose credentials are public, on loopback only.",
		Example: "# a production service behind a proxy\n" +
			"dossier serve --app ./app --uri mongodb://db1,db2,db3/?replicaSet=rs0 \\\n" +
			"--listen 10.0.0.5:9080 --public-url https://data.example.com --trust-proxy 10.0.0.0/8\n\n" +
			"# with TLS, two applications, and metrics for Prometheus\n" +
			"dossier serve --app ./shop --app ./forum --uri mongodb://db \\\n" +
			"--listen :443 --tls-cert cert.pem --tls-key key.pem --metrics 127.0.0.1:9081",
		Args: checkArguments,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return applyVariables(cmd.LocalNonPersistentFlags(), s.Getenv)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(s.options); err != nil {
				return err
			}
			o.Ready = s.printReady
			return s.Serve(cmd.Context(), s.options, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:9080", "address to listen on")
	f.StringVar(&o.PublicURL, "public-url", "", "base address that clients use, behind a proxy")
	f.DurationVar(&o.TokenLife, "token-life", 0,
		"lifetime of access tokens and of their custom data snapshot, 1m to 5h; without it the application's, else 30m")
	f.StringVar(&o.TLSCert, "tls-cert", "", "certificate chain in PEM; reloaded when the file changes")
	f.StringVar(&o.TLSKey, "tls-key", "", "private key in PEM")
	f.StringSliceVar(&o.TrustProxy, "trust-proxy", nil,
		"networks of proxies whose forwarding headers are trusted, such as 10.0.0.0/8")
	f.Float64Var(&o.Rate, "rate", defaultRate,
		"requests per second from one address, with bursts of twice as many; 0: unlimited. Each process counts separately")
	f.DurationVar(&o.Notice, "notice", 0, "after the first signal: time to accept connections while /readyz fails; "+
		"without it none")
	f.DurationVar(&o.Grace, "grace", defaultGrace,
		"after the notice: time for requests to finish. A second signal ends the process at once")
	f.StringVar(&o.SMTP, "smtp", "", "mail server, smtp://user:password@mail.example.com:587?from=app@example.com, or "+
		"smtps://…; set DOSSIER_SMTP\n"+
		"instead to hide the password from ps. Without it mails go to the log, for development")
	f.StringSliceVar(&o.HTTPHosts, "http-host", nil,
		"host that functions may send requests to (context.http), such as api.example.com or api.example.com:8443")
	f.StringVar(&o.Metrics, "metrics", "", "address that serves metrics for Prometheus, such as 127.0.0.1:9081")
	f.StringVar(&o.Log, "log", "-", "log file; - for standard error")
	f.StringVar(&o.LogFormat, "log-format", "text", "log format, text or json")
	return cmd
}

// check rejects options that contradict each other.
func (o ServeOptions) check(all Options) error {
	switch {
	case all.Server != "":
		return model.InvalidInputf("serve", "cannot be combined with --server")
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return model.InvalidInputf("--tls-cert, --tls-key", "set both or neither")
	case o.LogFormat != "text" && o.LogFormat != "json":
		return model.InvalidInputf("--log-format", "expected text or json, got %q", o.LogFormat)
	case o.TokenLife != 0 && (o.TokenLife < minTokenLife || o.TokenLife > maxTokenLife):
		return model.InvalidInputf("--token-life", "expected 1m to 5h, got %s", o.TokenLife)
	case o.Rate < 0 || o.Notice < 0 || o.Grace < 0:
		return model.InvalidInputf("--rate, --notice, --grace", "must not be negative")
	}
	return nil
}

// printReady prints the address of the service.
func (s *commands) printReady(url string, appIDs []string) {
	if s.options.JSON {
		line := struct {
			URL    string   `json:"url"`
			AppID  string   `json:"app_id"`
			AppIDs []string `json:"app_ids,omitempty"`
		}{URL: url, AppID: appIDs[0]}
		if len(appIDs) > 1 {
			line.AppIDs = appIDs
		}
		_ = s.printJSON(line)
		return
	}
	what := "application"
	if len(appIDs) > 1 {
		what = "applications"
	}
	fmt.Fprintf(s.Out, "serving %s %s at %s; press ctrl+c to stop\n", what, model.Show(strings.Join(appIDs, ", ")),
		model.Show(url))
}
