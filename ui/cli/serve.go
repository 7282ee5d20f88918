package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) serve() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the client API over HTTP, for SDKs and for other people's dossier",
		Long: "Without --app it serves the embedded workspace, whose credentials are known to everybody: on loopback only.",
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.options.Server != "" {
				return model.Inputf("serve", "starts a service here; --server names one elsewhere")
			}
			o.Ready = func(url, appID string) {
				if s.options.JSON {
					_ = s.json(struct {
						URL   string `json:"url"`
						AppID string `json:"app_id"`
					}{url, appID})
					return
				}
				fmt.Fprintf(s.Out, "serving application %s at %s; ctrl+c ends\n", model.Show(appID), model.Show(url))
			}
			return s.Serve(cmd.Context(), s.options, o)
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:9080", "address to listen on")
	cmd.Flags().StringVar(&o.PublicURL, "public-url", "", "address that clients use, behind a proxy")
	return cmd
}
