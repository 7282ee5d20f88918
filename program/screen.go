package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/backend/workspace"
	"dossier/model"
	"dossier/themes"
	"dossier/ui"
	"dossier/ui/cli"
	"dossier/ui/style"
	"dossier/ui/terminal"
)

// screen opens the browser and runs it until the user quits.
func (r *runner) screen(ctx context.Context, o cli.Options) error {
	appearance, err := r.appearance(o)
	if err != nil {
		return err
	}
	shownTips, saveTip := r.tips(o)
	connection, open, err := r.openLater(ctx, o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	suspend := newSuspender()
	var screen *terminal.Program
	root := ui.New(ui.Config{
		Ctx: ctx, Timeout: o.Timeout, Accounts: connection.Accounts, Drafts: connection.Drafts,
		Files: files{r.getenv("HOME")}, Arguments: connection.Arguments, Service: connection.Service, App: connection.App,
		Open: open,
		Hint: hint(o), Clock: r.Now, Send: func(msg tea.Msg) { screen.Send(msg) }, Appearance: appearance,
		SaveTheme: r.saveTheme, Tips: shownTips, SaveTip: saveTip, NoMouse: o.NoMouse, ScreenReader: o.ScreenReader,
		Keys: o.Keys, Clipboard: r.clipboard(),
		Saves: saves(connection.Drafts), TextEditor: r.textEditor(connection.Drafts), Release: terminal.Release,
	})
	screen = terminal.New(ctx, root, terminal.Options{
		Linear: o.ScreenReader, In: r.Stdin, Out: r.Stdout, Environ: r.Environ, Now: r.Now, Filter: suspend.filter,
		Stop:    stopProcess(),
		Queries: root.Queries(),
	})
	go suspend.run(ctx, screen.Send)
	err = screen.Run()
	cancel()
	if panicked, ok := errors.AsType[*terminal.PanicError](err); ok {
		fmt.Fprintf(r.Stderr, "%s", panicked.Stack)
	} else if errors.Is(err, tea.ErrProgramKilled) || errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	if err == nil {
		err = root.Err()
	}
	if text := root.Farewell(); text != "" && err == nil && !o.Demo { // the demo keeps nothing
		fmt.Fprintln(r.Stderr, text)
	}
	return errors.Join(err, connection.Close())
}

// hint returns the embedded workspace's demo user and password, which are public; "" for other services.
func hint(o cli.Options) string {
	if o.URI != "" || o.App != "" || o.Server != "" {
		return ""
	}
	return "sample account: " + workspace.DemoEmail + ", " + workspace.DemoPassword
}

// appearance returns the theme and style that the options, the saved choice and the user's own themes add up to.
func (r *runner) appearance(o cli.Options) (ui.Appearance, error) {
	all, err := r.themes()
	if err != nil {
		return ui.Appearance{}, err
	}
	name := o.Theme
	if name == "" {
		name = r.savedTheme()
	} else if _, found := themes.Find(all, name); !found {
		return ui.Appearance{}, model.InvalidInputf("--theme", "unknown theme %q (available: %s)", name, joinNames(all))
	}
	backgrounds := map[string]ui.Background{"dark": ui.Dark, "light": ui.Light}
	return ui.Appearance{
		Themes: all, Theme: name, Background: backgrounds[o.Background],
		Options: style.Options{NoColor: r.getenv("NO_COLOR") != "", ASCII: o.ASCII},
	}, nil
}

// themes returns the built-in themes and the user's own from the configuration directory.
func (r *runner) themes() ([]themes.Theme, error) {
	dir := filepath.Join(r.ConfigDir, "themes")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return themes.Builtin(), nil
	}
	own, err := themes.Load(os.DirFS(dir))
	if err != nil {
		return nil, model.InvalidInputf(dir, "%v", err)
	}
	return themes.Merge(themes.Builtin(), own), nil
}

// themeFile returns the path of the file that keeps the theme chosen on the screen. The configuration file belongs to
// the user and is never written.
func (r *runner) themeFile() string { return filepath.Join(r.StateDir, "theme") }

func (r *runner) savedTheme() string {
	name, err := os.ReadFile(r.themeFile())
	if err != nil {
		return themes.DefaultName
	}
	return string(name)
}

func (r *runner) saveTheme(name string) error {
	if err := os.MkdirAll(r.StateDir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(r.themeFile(), []byte(name), 0o600)
}

// themeNames returns the built-in themes' names, for completion.
func themeNames() (names []string) {
	for _, t := range themes.Builtin() {
		names = append(names, t.Name)
	}
	return names
}

func joinNames(all []themes.Theme) string {
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}
