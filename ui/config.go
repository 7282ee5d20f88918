package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/port"
	"dossier/ui/style"
)

// Config is what the screen needs from outside. Ctx, Accounts, Drafts and Now must be set.
type Config struct {
	Ctx      context.Context // ends every request
	Timeout  time.Duration   // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts
	Drafts   port.Drafts
	Service  string    // the service as the header names it: "embedded workspace", "demo", a host
	Hint     string    // for the sign-in dialog: who can sign in without an account of their own; may be empty
	Now      time.Time // the first time on the clock; its zone is the one times are shown in

	Appearance Appearance
	SaveTheme  func(name string) error // keeps the chosen theme for the next time; run off the event loop; nil: it is not kept
	Keys       keys.Map                // nil: keys.Default()

	// Copy puts text on the clipboard; nil: through the terminal (OSC 52), which also works over SSH.
	Copy func(text string) tea.Cmd
	// After brings a message when a time has passed; nil: tea.Tick.
	After func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

// Background is whether the terminal is dark or light.
type Background int

// The backgrounds.
const (
	Auto Background = iota // the terminal is asked; dark until it answers
	Dark
	Light
)

// Appearance is how the screen looks.
type Appearance struct {
	Themes     []themes.Theme // to choose from; empty: themes.Default alone
	Theme      string         // the chosen one's name; unknown or empty: the first
	Background Background
	style.Options
}

// filled is the configuration with its defaults.
func (c Config) filled() Config {
	if c.Keys == nil {
		c.Keys = keys.Default()
	}
	if c.Appearance.ASCII {
		c.Keys = c.Keys.WithKeyNames()
	}
	if c.Copy == nil {
		c.Copy = tea.SetClipboard
	}
	if c.After == nil {
		c.After = tea.Tick
	}
	if c.SaveTheme == nil {
		c.SaveTheme = func(string) error { return nil }
	}
	if len(c.Appearance.Themes) == 0 {
		c.Appearance.Themes = []themes.Theme{themes.Default()}
	}
	return c
}

// theme is the chosen theme.
func (a Appearance) theme(name string) themes.Theme {
	for _, t := range a.Themes {
		if t.Name == name {
			return t
		}
	}
	return a.Themes[0]
}
