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

// callTimeout is how long one call of a command may take when nobody says otherwise.
const callTimeout = 5 * time.Second

// commands is the command tree's shared ground.
type commands struct {
	Config
	options Options
}

// New makes the command `dossier` with everything below it.
func New(c Config) *cobra.Command {
	s := &commands{Config: c}
	root := &cobra.Command{
		Use:   "dossier",
		Short: "A terminal browser for user data",
		Long: "dossier shows who a signed-in person is, the custom data an application keeps about them,\n" +
			"how old the application's copy is, and offers a safe way to change it.",
		Example: "# open the browser on the embedded workspace\ndossier\n\n" +
			"# a throw-away workspace in which things happen by themselves\ndossier --demo\n\n" +
			"# your own deployment\ndossier --uri mongodb://localhost:27017 --database app --collection users \\\n" +
			"--user-id-field userId --as 5f1f216e82df4a7979f9da93\n\n" +
			"# the same work without a screen\ndossier whoami --json\ndossier set favoriteColor=purple",
		Args: known,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.browse(cmd.Context()) },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			places, err := s.fill(cmd.Root().PersistentFlags())
			if err != nil {
				return err
			}
			s.warnOfVariables(cmd)
			if len(s.options.Apps) > 1 && cmd.Name() != "serve" {
				return model.InvalidInputf("--app", "is given %d times; only serve takes several applications", len(s.options.Apps))
			}
			if f := cmd.Flag("app-id"); f.Changed && places["app-id"] == "" && s.options.Server == "" && cmd.Name() != "init" {
				return model.InvalidInputf("--app-id", "goes with --server (and init): the application directory says what id it has")
			}
			return s.options.check(places)
		},
	}
	declare(root.PersistentFlags(), &s.options)
	s.completeFlags(root)
	root.SetIn(c.In)
	root.SetOut(c.Out)
	root.SetErr(c.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &model.Fault{Kind: model.InvalidInput, Message: err.Error(), Advice: "see " + cmd.CommandPath() + " --help", Err: err}
	})
	root.AddCommand(s.whoami(), s.refresh(), s.set(), s.unset(), s.remove(), s.call(),
		s.login(), s.logout(), s.register(), s.confirm(), s.reset(), s.accounts(), s.keys(), s.serve(), s.initialise(), s.doctor(), s.version(), s.man())
	root.SetHelpCommand(help())
	for _, c := range root.Commands() {
		explain(c)
	}
	return root
}

// browse opens the screen; without a terminal it prints what whoami prints, and says so.
func (s *commands) browse(ctx context.Context) error {
	if s.Terminal && !s.options.JSON {
		return s.Screen(ctx, s.options)
	}
	fmt.Fprintln(s.Err, "dossier: no terminal here, so this is what `dossier whoami` prints")
	return s.withPerson(ctx, s.printWho)
}

// withWorld opens the world, does the work and closes it.
func (s *commands) withWorld(ctx context.Context, do func(context.Context, *World) error) error {
	w, err := s.Open(ctx, s.options)
	if err != nil {
		return err
	}
	err = do(ctx, w)
	if closing := w.Close(); err == nil {
		err = closing
	}
	return err
}

// withPerson does the work for the signed-in person.
func (s *commands) withPerson(ctx context.Context, do func(context.Context, *World, port.User) error) error {
	return s.withWorld(ctx, func(ctx context.Context, w *World) error {
		p, ok := w.Accounts.Current()
		if ok {
			return do(ctx, w, p)
		}
		return &model.Fault{Kind: model.SignedOut, Message: "nobody is signed in at " + w.Service, Advice: "dossier login signs in"}
	})
}

// deadline gives one call its time.
func (s *commands) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.options.Timeout)
}

// known refuses a command that there is not, and names what may be meant.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	do := "see dossier --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		do = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return &model.Fault{Kind: model.InvalidInput, Message: fmt.Sprintf("there is no command %q", args[0]), Advice: do}
}
