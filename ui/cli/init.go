package cli

import (
	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) initialise() *cobra.Command {
	return &cobra.Command{
		Use: "init DIR", Short: "Write a small complete application directory, to start one's own from",
		Long: "The application's id is the directory's name, or what --app-id says. Its README.md says what each file is for.",
		Args: arguments,
		RunE: func(_ *cobra.Command, args []string) error {
			id, err := s.Init(args[0], s.options.AppID)
			if err != nil {
				return err
			}
			if s.options.JSON {
				return s.json(struct {
					Path  string `json:"path"`
					AppID string `json:"app_id"`
				}{args[0], id})
			}
			s.line("wrote the application %s to %s", model.Show(id), model.Show(args[0]))
			return nil
		},
	}
}
