package program

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"dossier/backend/accounts"
	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/model"
	"dossier/ui/cli"
)

// Dependencies is what the program needs from its process. Run does not change it.
type Dependencies struct {
	Now     func() time.Time
	Environ []string // as "NAME=value"; of two entries with one name the later counts

	DataDir   string // for the embedded workspace
	StateDir  string // for signed-in accounts, drafts and the chosen theme
	ConfigDir string // for config.toml and the user's themes

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Terminal       bool                   // standard input and output are a terminal
	ReadPassword   func() (string, error) // reads a password without echo; nil without a terminal

	Keyring  accounts.Keyring // for refresh tokens; nil: they are kept in files
	HashCost auth.HashCost    // of passwords; zero: the cost for production
	Signals  []os.Signal      // end the program; the first one ends it gracefully
	Version  cli.Version
}

// runner runs one command. It does not change.
type runner struct {
	Dependencies
	log     *slog.Logger  // of the service in this process, except under serve
	editing *atomic.Int32 // the number of editors that have the terminal, or had it just now
}

// Run runs the command that the arguments name and returns the exit code. Canceling ctx ends it like a signal.
func Run(ctx context.Context, d Dependencies, args []string) int {
	log, closeLog := commandLog(d.Environ, d.Stderr)
	defer closeLog()
	r := &runner{Dependencies: d, log: log, editing: new(atomic.Int32)}
	out := &output{w: d.Stdout}
	root := cli.New(cli.Config{
		Open: r.open, Screen: r.screen, Script: r.script, Serve: r.serve,
		Init: app.WriteStarter, Examine: r.examine, Keys: r.withServerKeys,
		In: d.Stdin, Out: out.writer(), Err: d.Stderr, Terminal: d.Terminal, Password: r.passwordReader(),
		Now: d.Now, Getenv: r.getenv, Environ: func() []string { return d.Environ },
		Settings: filepath.Join(d.ConfigDir, "config.toml"), Themes: themeNames, Version: d.Version,
	})
	root.SetArgs(args)
	ctx, stop := cancelOnSignal(ctx, d.Signals, func() bool { return r.editing.Load() > 0 })
	defer stop()
	root.Version, root.SilenceUsage, root.SilenceErrors = d.Version.String(), true, true
	root.SetHelpFunc(printHelp)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.fault()
	}
	if err != nil {
		cli.PrintError(d.Stderr, root, args, err)
	}
	return cli.ExitCode(err)
}

// cancelOnSignal returns a context that the first signal cancels. After it signals have their default effect, so that a
// second one ends the process at once. It is the only handler of these signals in the program. An interrupt while
// another program has the terminal is meant for that program.
func cancelOnSignal(ctx context.Context, signals []os.Signal, released func() bool) (context.Context,
	context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if len(signals) == 0 {
		return ctx, cancel
	}
	received := make(chan os.Signal, 1)
	signal.Notify(received, signals...)
	go func() {
		defer signal.Stop(received)
		for {
			select {
			case s := <-received:
				if s == os.Interrupt && released() {
					continue
				}
				cancel()
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}

// getenv returns the value of an environment variable; "" when it is not set.
func (r *runner) getenv(name string) string { return lookup(r.Environ, name) }

// lookup returns the value of a variable in an environment; "" when it is not set.
func lookup(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if value, found := strings.CutPrefix(environ[i], name+"="); found {
			return value
		}
	}
	return ""
}

// commandLog returns the log of the service in this process: the file that DOSSIER_LOG names, or none, because the
// terminal belongs to the screen. The returned function closes the file.
func commandLog(environ []string, stderr io.Writer) (*slog.Logger, func()) {
	path := lookup(environ, "DOSSIER_LOG")
	if path == "" {
		return slog.New(slog.DiscardHandler), func() {}
	}
	f, err := openLogFile(path)
	if err != nil {
		fmt.Fprintln(stderr, "dossier: DOSSIER_LOG: "+err.Error())
		return slog.New(slog.DiscardHandler), func() {}
	}
	return slog.New(slog.NewJSONHandler(f, nil)), func() { f.Close() }
}

// openLogFile opens a file for appending that only its owner can read.
func openLogFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// printHelp writes fang's help page of a command. fang offers it only through Execute, which also writes the errors,
// and before each of them it queries the terminal for its background colour; some terminals answer after seconds or
// never.
func printHelp(cmd *cobra.Command, args []string) {
	styled := &cobra.Command{Run: func(*cobra.Command, []string) {}}
	styled.SetArgs([]string{})
	styled.SetOut(cmd.OutOrStdout())
	if err := fang.Execute(cmd.Context(), styled, fang.WithoutManpage(), fang.WithoutVersion()); err == nil {
		styled.HelpFunc()(cmd, args)
	}
}

// passwordReader returns ReadPassword with its errors as faults; nil without a terminal.
func (r *runner) passwordReader() func() (string, error) {
	if r.ReadPassword == nil {
		return nil
	}
	return func() (string, error) {
		password, err := r.ReadPassword()
		if err != nil {
			return "", model.InvalidInputf("password", "cannot read it: %v", err)
		}
		return password, nil
	}
}
