package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

// completeFlags registers the values of flags with few values.
func (s *commands) completeFlags(root *cobra.Command) {
	register := func(flag string, values func() []string) {
		_ = root.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string,
			cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		}) // it fails only for undeclared flags
	}
	register("background", func() []string { return []string{"dark", "light", "auto"} })
	if s.Themes != nil {
		register("theme", s.Themes)
	}
}

// completePaths completes the snapshot's fields, each followed by the suffix. It never refreshes the token.
func (s *commands) completePaths(suffix string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var found []string
		_ = s.withCurrentUser(cmd.Context(), func(_ context.Context, _ *Connection, user port.User) error {
			fields, err := user.Session().Snapshot.CustomData.Elements()
			for _, e := range fields {
				found = append(found, model.Path{e.Key()}.String()+suffix)
			}
			return err
		}) // shells show no errors while completing
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeAccounts completes the accounts' names.
func (s *commands) completeAccounts(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var found []string
	if len(args) == 0 {
		_ = s.withConnection(cmd.Context(), func(_ context.Context, conn *Connection) error {
			for _, a := range conn.Accounts.List() {
				found = append(found, a.DisplayName())
			}
			return nil
		})
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
