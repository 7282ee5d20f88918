package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/themes"
	"dossier/ui/keys"
	"dossier/ui/port"
	"dossier/ui/story"
	"dossier/ui/style"
)

// Config is the input of New. Ctx, Accounts, Drafts, Files and Clock must be set.
type Config struct {
	Ctx      context.Context // ends every request
	Timeout  time.Duration   // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts
	Drafts   port.Drafts
	Files    port.Files // for exports
	// Arguments are those of the last function calls; nil: they are not stored.
	Arguments port.CallArguments
	// Open opens the service, off the event loop, after the first frame; nil: it is open. Until it returns, requests wait
	// for it, and the screen says as of when its data is.
	Open    func(context.Context) error
	Service string // the service's name in the header: "embedded workspace", "demo", a host
	Hint    string // shown in the sign-in dialog: a demo user's e-mail and password; may be empty

	// App is the simulated app of the demo, whose story stands above the footer; nil: there is no story.
	App port.SimulatedApp
	// OnStory is called in the event loop with what happens in the story; nil: it is not reported.
	OnStory func(story.Event)

	// Clock returns the current time, with the zone in which times are shown. It is read once for each message.
	Clock func() time.Time
	// Send sends the screen a message from another goroutine, as tea.Program.Send does; nil: change events wait for the
	// next tick.
	Send func(tea.Msg)

	Appearance Appearance
	SaveTheme  func(name string) error // stores the chosen theme, off the event loop; nil: not stored
	// SaveTip stores the name of a tip of the first run that was shown, off the event loop; nil: no tips are shown.
	SaveTip func(name string) error
	Tips    []string // the names of the tips that were shown in earlier runs
	NoMouse bool     // leaves the mouse to the terminal
	Keys    keys.Map // nil: keys.Default()
	// ScreenReader has View return what the last Update changed, as lines of text in place of frames, each once.
	ScreenReader bool

	// Clipboard puts text on the system's clipboard, off the event loop; nil: the session has none.
	Clipboard func(ctx context.Context, text string) error
	// SendToClipboard asks the terminal to put text on its clipboard, where no other takes it; nil: by OSC 52, which also
	// works over SSH. Terminals do not answer.
	SendToClipboard func(text string) tea.Cmd
	// Saves keeps the saves, so that a later run can undo them; nil: they end with this one.
	Saves port.Saves
	// TextEditor is the user's editor for texts; nil: there is none.
	TextEditor port.TextEditor
	// Release runs a command that uses the terminal, with the screen away from it; nil: the command does not use it.
	Release func(tea.Cmd) tea.Cmd
	// After sends a message when a duration has passed; nil: tea.Tick.
	After func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
}

// Background is the brightness of the terminal's background.
type Background int

// The backgrounds.
const (
	Auto Background = iota // the terminal is queried; dark if it does not answer
	Dark
	Light
)

// Appearance is the look of the screen.
type Appearance struct {
	Themes     []themes.Theme // the available themes; empty: themes.Default only
	Theme      string         // the name of the chosen theme; unknown or empty: the first
	Background Background
	style.Options
}

// withDefaults returns the configuration with its defaults filled in.
func (c Config) withDefaults() Config {
	if c.Keys == nil {
		c.Keys = keys.Default()
	}
	if c.ScreenReader {
		c.Appearance.Options = style.Options{NoColor: true, ASCII: true, Linear: true}
	}
	if c.Appearance.ASCII {
		c.Keys = c.Keys.WithKeyNames()
	}
	if c.SendToClipboard == nil {
		c.SendToClipboard = func(text string) tea.Cmd { return tea.Raw(ansi.SetSystemClipboard(text)) }
	}
	if c.Release == nil {
		c.Release = func(cmd tea.Cmd) tea.Cmd { return cmd }
	}
	if c.Send == nil {
		c.Send = func(tea.Msg) {}
	}
	if c.After == nil {
		c.After = tea.Tick
	}
	if c.Arguments == nil {
		c.Arguments = noArguments{}
	}
	if c.SaveTheme == nil {
		c.SaveTheme = func(string) error { return nil }
	}
	if len(c.Appearance.Themes) == 0 {
		c.Appearance.Themes = []themes.Theme{themes.Default()}
	}
	return c
}

// noArguments stores no arguments.
type noArguments struct{}

func (noArguments) Load(string) (map[string]string, error) { return nil, nil }
func (noArguments) Save(string, string, string) error      { return nil }

// asksTerminal reports whether the terminal's answer decides between a dark and a light theme.
func (a Appearance) asksTerminal() bool { return a.Background == Auto && !a.NoColor }

// theme returns the theme with this name, else the first.
func (a Appearance) theme(name string) themes.Theme {
	for _, t := range a.Themes {
		if t.Name == name {
			return t
		}
	}
	return a.Themes[0]
}
