package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"dossier/backend/workspace"
	"dossier/model"
	"dossier/themes"
	"dossier/ui"
	"dossier/ui/cli"
	"dossier/ui/style"
)

// screen opens the browser and runs it until the person quits.
func (m *machine) screen(ctx context.Context, o cli.Options) error {
	look, err := m.appearance(o)
	if err != nil {
		return err
	}
	world, err := m.open(ctx, o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	_, err = tea.NewProgram(ui.New(ui.Config{
		Ctx: ctx, Accounts: world.Accounts, Drafts: world.Drafts, Service: world.Service, Hint: hint(o), Now: m.now(),
		Appearance: look, SaveTheme: m.saveTheme,
	}), tea.WithContext(ctx)).Run()
	cancel()
	if errors.Is(err, tea.ErrProgramKilled) || errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	return errors.Join(err, world.Close())
}

// hint names the embedded workspace's demo user, whose password everybody may know.
func hint(o cli.Options) string {
	if o.URI != "" || o.App != "" || o.Server != "" {
		return ""
	}
	return "here for trying out: " + workspace.DemoEmail + ", " + workspace.DemoPassword
}

// appearance is how the screen looks by the options, the kept choice and people's own themes.
func (m *machine) appearance(o cli.Options) (ui.Appearance, error) {
	all, err := m.themes()
	if err != nil {
		return ui.Appearance{}, err
	}
	name := o.Theme
	if name == "" {
		name = m.savedTheme()
	} else if _, known := themes.Find(all, name); !known {
		return ui.Appearance{}, model.Inputf("--theme", "there is none called %q; %s", name, names(all))
	}
	backgrounds := map[string]ui.Background{"dark": ui.Dark, "light": ui.Light}
	return ui.Appearance{
		Themes: all, Theme: name, Background: backgrounds[o.Background],
		Options: style.Options{NoColor: m.getenv("NO_COLOR") != "", ASCII: o.ASCII},
	}, nil
}

func names(all []themes.Theme) string {
	text := "there are"
	for _, t := range all {
		text += " " + t.Name
	}
	return text
}

// themes is every theme: dossier's own, and people's from the configuration directory.
func (m *machine) themes() ([]themes.Theme, error) {
	dir := filepath.Join(m.config, "themes")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return themes.Builtin(), nil
	}
	own, err := themes.Load(os.DirFS(dir))
	if err != nil {
		return nil, model.Inputf(dir, "%v", err)
	}
	return themes.Join(themes.Builtin(), own), nil
}

// themeFile keeps the theme chosen on the screen; the configuration file is the person's own and is never written.
func (m *machine) themeFile() string { return filepath.Join(m.state, "theme") }

func (m *machine) savedTheme() string {
	name, err := os.ReadFile(m.themeFile())
	if err != nil {
		return themes.DefaultName
	}
	return string(name)
}

func (m *machine) saveTheme(name string) error {
	if err := os.MkdirAll(m.state, 0o700); err != nil {
		return err
	}
	return os.WriteFile(m.themeFile(), []byte(name), 0o600)
}

// themeNames is every built-in theme's name, for completion.
func themeNames() (list []string) {
	for _, t := range themes.Builtin() {
		list = append(list, t.Name)
	}
	return list
}
