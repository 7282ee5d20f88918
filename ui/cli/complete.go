package cli

import (
	"context"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

// completeFlags offers the values of flags that have a few.
func (s *commands) completeFlags(root *cobra.Command) {
	offer := func(flag string, values func() []string) {
		_ = root.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		}) // fails for a flag that is not declared only
	}
	offer("background", func() []string { return []string{"dark", "light", "auto"} })
	if s.Themes != nil {
		offer("theme", s.Themes)
	}
}

// completePaths offers the fields of the snapshot, each followed by the suffix; looking never refreshes.
func (s *commands) completePaths(suffix string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var found []string
		_ = s.withPerson(cmd.Context(), func(_ context.Context, _ *World, p port.User) error {
			fields, err := p.Session().Snapshot.CustomData.Elements()
			for _, e := range fields {
				found = append(found, model.Path{e.Key()}.String()+suffix)
			}
			return err
		}) // a shell shows no errors while completing
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeAccounts offers the accounts' names.
func (s *commands) completeAccounts(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var found []string
	if len(args) == 0 {
		_ = s.withWorld(cmd.Context(), func(_ context.Context, w *World) error {
			for _, a := range w.Accounts.List() {
				found = append(found, a.DisplayName())
			}
			return nil
		})
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
