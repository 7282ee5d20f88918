package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dossier/model"
)

// warnOfVariables warns of DOSSIER_… variables that no flag has, which may be typing errors. Variables of secrets,
// tests and SDK runs are no flags.
func (s *commands) warnOfVariables(cmd *cobra.Command) {
	if s.Environ == nil || strings.HasPrefix(cmd.Name(), "__") {
		return
	}
	known := []string{"DOSSIER_LOG"}
	all := func(f *pflag.Flag) { known = append(known, variable(f.Name)) }
	cmd.Root().PersistentFlags().VisitAll(all)
	for _, c := range cmd.Root().Commands() {
		if c.Name() == "serve" || c.Name() == "set" {
			c.Flags().VisitAll(all)
		}
	}
	for _, entry := range s.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DOSSIER_") && !slices.Contains(known, name) && !isOtherVariable(name) {
			fmt.Fprintf(s.Err, "dossier: ignoring the unknown variable %s\n", model.Show(name))
		}
	}
}

// isOtherVariable reports whether a variable has another purpose than a flag.
func isOtherVariable(name string) bool {
	return slices.ContainsFunc([]string{"DOSSIER_SECRET_", "DOSSIER_TEST_", "DOSSIER_SDK_", "DOSSIER_REQUIRE_"},
		func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		}) || name == "DOSSIER_UPDATE"
}
