// Command dossier is a terminal browser for user data: a user's account, the custom data an application keeps about
// them, how old the application's snapshot of it is, and a safe way to change it.
//
// May import: backend/accounts, program, ui/cli.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/adrg/xdg"
	"github.com/charmbracelet/x/term"

	"dossier/backend/accounts"
	"dossier/program"
	"dossier/ui/cli"
)

func main() {
	if err := setHome(); err != nil {
		fmt.Fprintln(os.Stderr, "dossier: "+err.Error())
		os.Exit(1)
	}
	os.Exit(program.Run(context.Background(), program.Dependencies{
		Now: time.Now, Environ: os.Environ(),
		DataDir:   filepath.Join(xdg.DataHome, "dossier"),
		StateDir:  filepath.Join(xdg.StateHome, "dossier"),
		ConfigDir: filepath.Join(xdg.ConfigHome, "dossier"),
		Stdin:     os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal:     term.IsTerminal(os.Stdout.Fd()) && term.IsTerminal(os.Stdin.Fd()),
		ReadPassword: passwordReader(),
		Keyring:      accounts.OSKeyring{},
		Signals:      []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP},
		Version:      buildVersion(),
	}, os.Args[1:]))
}

// setHome sets HOME to the home directory of the process's account when the environment lacks it. Without either, paths
// below it would start at the root of the file system.
func setHome() error {
	if runtime.GOOS == "windows" || os.Getenv("HOME") != "" {
		return nil
	}
	account, err := user.Current()
	if err != nil || account.HomeDir == "" {
		return errors.New("HOME is not set and this account has no home directory; set HOME")
	}
	if err := os.Setenv("HOME", account.HomeDir); err != nil {
		return err
	}
	xdg.Reload()
	return nil
}

// passwordReader returns a function that reads a password from the terminal without echo; nil without a terminal.
func passwordReader() func() (string, error) {
	if !term.IsTerminal(os.Stdin.Fd()) {
		return nil
	}
	return func() (string, error) {
		fmt.Fprint(os.Stderr, "Password: ")
		text, err := term.ReadPassword(os.Stdin.Fd())
		fmt.Fprintln(os.Stderr)
		return string(text), err
	}
}

// Set with -ldflags "-X main.version=…" in a release.
var version, commit, date string

// buildVersion returns the release's version, or else what the Go toolchain recorded.
func buildVersion() cli.Version {
	if version != "" {
		return cli.Version{Version: version, Commit: commit, Date: date}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cli.Version{Version: "unknown"}
	}
	v := cli.Version{Version: info.Main.Version}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Date = s.Value
		}
	}
	return v
}
