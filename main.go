// Command dossier is a terminal browser for user data: a user's account, the custom data an application keeps about
// them, how old the application's snapshot of it is, and a safe way to change it.
//
// May import: backend/accounts, program.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/adrg/xdg"
	"github.com/charmbracelet/x/term"

	"dossier/backend/accounts"
	"dossier/program"
)

func main() {
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
		Version:      version(),
	}, os.Args[1:]))
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

// version returns the module's version and revision, as far as the build recorded them.
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
