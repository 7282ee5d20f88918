package cli

import (
	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) initialise() *cobra.Command {
	return &cobra.Command{
		Use: "init DIR", Short: "Write the embedded workspace's application directory, to start one's own from",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := s.Init(args[0]); err != nil {
				return err
			}
			s.line("wrote the application to %s", model.Show(args[0]))
			return nil
		},
	}
}

func (s *commands) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version",
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if s.options.JSON {
				return s.json(map[string]string{"version": s.Version})
			}
			s.line("dossier %s", s.Version)
			return nil
		},
	}
}
