// Command dossier is a terminal browser for user data: who a signed-in person is, the custom data an application keeps about them, how old the
// application's copy is, and a safe way to change it.
//
// May import: model, themes, ui, ui/cli, ui/port, ui/style, backend/accounts, backend/api, backend/app, backend/auth, backend/client, backend/functions, backend/mail, backend/metrics, backend/server, backend/workspace.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"charm.land/fang/v2"
	"github.com/adrg/xdg"
	"github.com/charmbracelet/x/term"

	"dossier/backend/app"
	"dossier/backend/functions"
	"dossier/model"
	"dossier/ui/cli"
)

func main() {
	m := &machine{
		now: time.Now, getenv: os.Getenv,
		data:   filepath.Join(xdg.DataHome, "dossier"),
		state:  filepath.Join(xdg.StateHome, "dossier"),
		config: filepath.Join(xdg.ConfigHome, "dossier"),
		load:   functions.Loader(context.Background(), time.Now),
		log:    logTo(os.Getenv("DOSSIER_LOG")),
		tell:   countFindings,
	}
	root := cli.New(cli.Config{
		Open: m.open, Screen: m.screen, Serve: m.serve, Init: app.WriteStarter, Examine: m.examine, Keys: m.keys,
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Terminal: term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd()),
		Password: askPassword(), Themes: themeNames, Now: m.now, Getenv: m.getenv, Environ: os.Environ,
		Settings: filepath.Join(m.config, "config.toml"), Version: version(),
	})
	err := fang.Execute(context.Background(), root, fang.WithVersion(version()), fang.WithErrorHandler(explain),
		fang.WithNotifySignal(signals...))
	os.Exit(cli.ExitCode(err))
}

// logTo is where the service in this process tells what it does: a file, or nowhere, because the terminal is the screen's.
func logTo(path string) *slog.Logger {
	if path == "" {
		return slog.New(slog.DiscardHandler)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dossier: DOSSIER_LOG: "+err.Error())
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewJSONHandler(f, nil))
}

// explain prints an error in one line, made safe: its text may come from a service or from data.
func explain(w io.Writer, _ fang.Styles, err error) {
	fmt.Fprintln(w, "dossier: "+model.Show(err.Error()).String())
}

// askPassword asks at the terminal without echo; nil without a terminal.
func askPassword() func() (string, error) {
	if !term.IsTerminal(os.Stdin.Fd()) {
		return nil
	}
	return func() (string, error) {
		fmt.Fprint(os.Stderr, "Password: ")
		text, err := term.ReadPassword(os.Stdin.Fd())
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", model.Inputf("password", "cannot be read: %v", err)
		}
		return string(text), nil
	}
}

// version is the module's version and revision, as far as the build knows them.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return info.Main.Version + " " + s.Value[:12]
		}
	}
	return info.Main.Version
}
