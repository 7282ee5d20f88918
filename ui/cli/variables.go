package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dossier/model"
)

// warnOfVariables names the DOSSIER_… variables that mean nothing: one that was mistyped is silent otherwise. Those of secrets
// depend on the application, those of tests and of SDKs' runs are not the program's.
func (s *commands) warnOfVariables(cmd *cobra.Command) {
	if s.Environ == nil || strings.HasPrefix(cmd.Name(), "__") {
		return
	}
	known := []string{"DOSSIER_LOG"}
	all := func(f *pflag.Flag) { known = append(known, variable(f.Name)) }
	cmd.Root().PersistentFlags().VisitAll(all)
	for _, c := range cmd.Root().Commands() {
		if c.Name() == "serve" {
			c.Flags().VisitAll(all)
		}
	}
	for _, entry := range s.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DOSSIER_") && !slices.Contains(known, name) && !isForeign(name) {
			fmt.Fprintf(s.Err, "dossier: there is no flag for the variable %s; it is ignored\n", model.Show(name))
		}
	}
}

// isForeign reports whether a variable is not a flag's.
func isForeign(name string) bool {
	return slices.ContainsFunc([]string{"DOSSIER_SECRET_", "DOSSIER_TEST_", "DOSSIER_SDK_", "DOSSIER_REQUIRE_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	}) || name == "DOSSIER_UPDATE"
}
