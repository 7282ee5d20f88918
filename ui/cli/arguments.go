package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// checkArguments compares the arguments with the command's usage: "create NAME", "login [EMAIL]", "set PATH=VALUE…".
func checkArguments(cmd *cobra.Command, args []string) error {
	names := strings.Fields(cmd.Use)[1:]
	if i := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, "--") }); i >= 0 {
		names = names[:i]
	}
	fault := &model.Fault{Kind: model.InvalidInput, Location: strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "),
		Advice: "see " + cmd.CommandPath() + " --help"}
	for i, name := range names {
		if i >= len(args) && !strings.HasPrefix(name, "[") {
			fault.Message = strings.TrimSuffix(name, "…") + " is missing"
			return fault
		}
		if strings.HasSuffix(strings.TrimSuffix(name, "]"), "…") {
			return nil
		}
	}
	switch {
	case len(args) <= len(names):
		return nil
	case cmd.HasSubCommands():
		return rejectUnknownCommand(cmd, args)
	case cmd.Name() == "serve" || cmd.Name() == "doctor":
		fault.Advice = "name an application directory with --app"
	}
	fault.Message = fmt.Sprintf("unexpected argument %q", args[len(names)])
	return fault
}
