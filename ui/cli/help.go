package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpCommand returns `help`, which prints the help of a command and rejects an unknown one.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND…]", Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				if target == nil {
					target = cmd.Root()
				}
				return rejectUnknownCommand(target, rest)
			}
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}

// setHelp starts the help of a command with its summary and hides the shared flags that it does not use.
func setHelp(cmd *cobra.Command) {
	if cmd.Long != "" {
		cmd.Long = cmd.Short + ".\n\n" + cmd.Long
	}
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		root := c.Root()
		root.PersistentFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = slices.Contains(unusedFlags(c), f.Name) })
		if c.Name() == "call" {
			root.PersistentFlags().Lookup("timeout").DefValue = functionTimeout.String()
		}
		c.Flags().VisitAll(hideZeroDefault)
		root.HelpFunc()(c, args)
	})
	for _, c := range cmd.Commands() {
		setHelp(c)
	}
}

// hideZeroDefault removes a zero duration from the help of a flag: it stands for "not set", not for a duration.
func hideZeroDefault(f *pflag.Flag) {
	if f.Value.Type() == "duration" && f.DefValue == "0s" {
		f.DefValue = ""
	}
}

// unusedFlags returns the shared flags that have no effect on a command.
func unusedFlags(cmd *cobra.Command) []string {
	screen := []string{"theme", "background", "ascii", "no-mouse", "no-tips", "screen-reader"}
	places := []string{"data", "uri", "database", "collection", "user-id-field", "service", "as", "demo", "server",
		"timeout"}
	for cmd.Parent() != cmd.Root() {
		cmd = cmd.Parent()
	}
	switch cmd.Name() {
	case "serve":
		return append(screen, "as", "server", "app-id", "timeout")
	case "keys":
		return append(screen, "as", "server", "app-id", "demo")
	case "doctor":
		return append(append(screen, places...), "app-id")
	case "init":
		return append(append(screen, places...), "app")
	case "version", "help", "man", "bindings":
		return append(append(screen, places...), "app", "app-id")
	}
	return screen
}
