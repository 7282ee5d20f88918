package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dossier/model"
	"dossier/ui/port"
)

// callTimeout is the default timeout of one call.
const callTimeout = 5 * time.Second

// commands is the state that all commands share.
type commands struct {
	Config
	options Options
	script  bool
	place   []string // the flags on the command line that select the service, with their values
}

// New returns the command `dossier` with its subcommands.
func New(c Config) *cobra.Command {
	s := &commands{Config: c}
	root := &cobra.Command{
		Use:   "dossier",
		Short: "A terminal browser for user data",
		Long: "dossier shows a user's account, the custom data an application keeps about them, " +
			"how old the application's snapshot of it is, and offers a safe way to change it.",
		Example: "# open the browser on the embedded workspace\ndossier\n\n" +
			"# a temporary workspace with a simulated app\ndossier --demo\n\n" +
			"# your own deployment\ndossier --uri mongodb://localhost:27017 --database app --collection users \\\n" +
			"--user-id-field userId --as 5f1f216e82df4a7979f9da93\n\n" +
			"# without a screen\ndossier whoami --json\ndossier set favoriteColor=purple",
		Args: rejectUnknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.openScreen(cmd.Context()) },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			places, err := s.applySettings(cmd.Root().PersistentFlags())
			if err != nil {
				return err
			}
			s.place = placeFlags(cmd.Root().PersistentFlags(), places)
			s.warnOfVariables(cmd)
			if len(s.options.Apps) > 1 && cmd.Name() != "serve" {
				return model.InvalidInputf("--app", "given %d times; only serve accepts several applications", len(s.options.Apps))
			}
			if f := cmd.Flag("app-id"); f.Changed && places["app-id"] == "" && s.options.Server == "" && cmd.Name() != "init" {
				return model.InvalidInputf("--app-id", "requires --server (or init); an application directory contains its id")
			}
			return s.options.check(places)
		},
	}
	root.Flags().BoolVar(&s.script, "script", false,
		"with --demo: print its story without a screen, in a minute and a half")
	declareFlags(root.PersistentFlags(), &s.options)
	s.completeFlags(root)
	root.SetIn(c.In)
	root.SetOut(c.Out)
	root.SetErr(c.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &model.Fault{Kind: model.InvalidInput, Message: err.Error(), Advice: "see " + cmd.CommandPath() + " --help",
			Err: err}
	})
	root.AddCommand(s.whoami(), s.refresh(), s.set(), s.unset(), s.deleteCommand(), s.call(),
		s.login(), s.logout(), s.register(), s.confirm(), s.reset(), s.accounts(), s.keys(), s.serve(), s.initCommand(),
		s.doctor(), s.bindings(), s.version(), s.man())
	root.SetHelpCommand(helpCommand())
	for _, c := range root.Commands() {
		setHelp(c)
	}
	addCompletion(root)
	return root
}

// addCompletion adds `completion`, which rejects an unknown shell.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Args = rejectUnknownCommand
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range c.Commands() {
			shell.Args = checkArguments
		}
	}
}

// openScreen opens the screen, or prints the demo's story. Without a terminal it prints the output of whoami, with a
// note on standard error.
func (s *commands) openScreen(ctx context.Context) error {
	switch {
	case s.script && !s.options.Demo:
		return model.InvalidInputf("--script", "requires --demo, whose story it prints")
	case s.script:
		return s.Script(ctx, s.options, s.Out)
	}
	if s.Terminal && !s.options.JSON {
		table, err := s.keyTable()
		if err != nil {
			return err
		}
		s.options.Keys = table
		return s.Screen(ctx, s.options)
	}
	fmt.Fprintln(s.Err, "dossier: no terminal; printing the output of dossier whoami")
	return s.withCurrentUser(ctx, s.printWhoami)
}

// withConnection opens the connection, calls the function and closes it.
func (s *commands) withConnection(ctx context.Context, do func(context.Context, *Connection) error) error {
	conn, err := s.Open(ctx, s.options)
	if err != nil {
		return err
	}
	err = do(ctx, conn)
	if closing := conn.Close(); err == nil {
		err = closing
	}
	return err
}

// withCurrentUser opens the connection and calls the function with the current user.
func (s *commands) withCurrentUser(ctx context.Context, do func(context.Context, *Connection, port.User) error) error {
	return s.withConnection(ctx, func(ctx context.Context, conn *Connection) error {
		user, ok := conn.Accounts.Current()
		if ok {
			return do(ctx, conn, user)
		}
		return s.signedOutFault(conn)
	})
}

// signedOutFault returns the error of a command that needs a current user.
func (s *commands) signedOutFault(c *Connection) error {
	return &model.Fault{Kind: model.SignedOut, Message: "not signed in at " + c.Service,
		Advice: "sign in with " + s.here("login")}
}

// deadline limits the time of one call.
func (s *commands) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.options.Timeout)
}

// rejectUnknownCommand rejects an unknown subcommand and suggests similar ones.
func rejectUnknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	do := "see " + cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		do = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return &model.Fault{Kind: model.InvalidInput, Message: fmt.Sprintf("unknown command %q", args[0]), Advice: do}
}
