package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dossier/model"
)

// arguments holds a command to the arguments that its line of use names: "create NAME", "login [EMAIL]", "set PATH=VALUE…".
func arguments(cmd *cobra.Command, args []string) error {
	names := strings.Fields(cmd.Use)[1:]
	if i := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, "--") }); i >= 0 {
		names = names[:i]
	}
	wrong := &model.Fault{Kind: model.InvalidInput, Location: strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "), Advice: "see " + cmd.CommandPath() + " --help"}
	for i, name := range names {
		if i >= len(args) && !strings.HasPrefix(name, "[") {
			wrong.Message = strings.TrimSuffix(name, "…") + " is missing"
			return wrong
		}
		if strings.HasSuffix(strings.TrimSuffix(name, "]"), "…") {
			return nil
		}
	}
	switch {
	case len(args) <= len(names):
		return nil
	case cmd.HasSubCommands():
		return known(cmd, args)
	case cmd.Name() == "serve" || cmd.Name() == "doctor":
		wrong.Advice = "an application directory goes with --app"
	}
	wrong.Message = fmt.Sprintf("there is no place for the argument %q", args[len(names)])
	return wrong
}
