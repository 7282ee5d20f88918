package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// Version identifies a build.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // revision of the source; may be empty
	Date    string `json:"date"`   // of that revision, RFC 3339; may be empty
}

// String returns the version with its commit and date, as far as they are known: "0.1.0 (commit 4a723d2e1b2c,
// 2026-11-28)".
func (v Version) String() string {
	var details []string
	if v.Commit != "" {
		details = append(details, "commit "+v.Commit[:min(len(v.Commit), 12)])
	}
	if v.Date != "" {
		details = append(details, v.Date)
	}
	if len(details) == 0 {
		return v.Version
	}
	return v.Version + " (" + strings.Join(details, ", ") + ")"
}

func (s *commands) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print version, commit and date",
		Args: checkArguments,
		RunE: func(*cobra.Command, []string) error {
			if s.options.JSON {
				return s.printJSON(s.Version)
			}
			s.printLine("dossier %s", model.Show(s.Version.String()))
			return nil
		},
	}
}
