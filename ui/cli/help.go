package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help shows the help of a command, and refuses one that there is not.
func help() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND…]", Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				if about == nil {
					about = cmd.Root()
				}
				return known(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// explain makes the help of a command begin with what it is for, and leave out the shared flags that it has no use for.
func explain(cmd *cobra.Command) {
	if cmd.Long != "" {
		cmd.Long = cmd.Short + ".\n\n" + cmd.Long
	}
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		root := c.Root()
		root.PersistentFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = slices.Contains(unused(c), f.Name) })
		root.HelpFunc()(c, args)
	})
	for _, c := range cmd.Commands() {
		explain(c)
	}
}

// unused are the shared flags that mean nothing to a command.
func unused(cmd *cobra.Command) []string {
	screen := []string{"theme", "background", "ascii"}
	places := []string{"data", "uri", "database", "collection", "user-id-field", "service", "as", "demo", "server", "timeout"}
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
	case "version", "help":
		return append(append(screen, places...), "app", "app-id")
	}
	return screen
}
