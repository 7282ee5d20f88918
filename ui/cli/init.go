package cli

import (
	"github.com/spf13/cobra"

	"dossier/model"
)

func (s *commands) initCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init DIR", Short: "Write a small complete application directory to start from",
		Long: "The application's id is the directory's name, or --app-id. Its README.md describes each file.",
		Args: checkArguments,
		RunE: func(_ *cobra.Command, args []string) error {
			id, err := s.Init(args[0], s.options.AppID)
			if err != nil {
				return err
			}
			if s.options.JSON {
				return s.printJSON(struct {
					Path  string `json:"path"`
					AppID string `json:"app_id"`
				}{args[0], id})
			}
			s.printLine("wrote the application %s to %s", model.Show(id), model.Show(args[0]))
			return nil
		},
	}
}
