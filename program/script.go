package program

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui"
	"dossier/ui/cli"
	"dossier/ui/keys"
	"dossier/ui/story"
	"dossier/ui/terminal"
)

const (
	readingTime = 4 * time.Second // between a line of the story and the key that it names
	typingTime  = 250 * time.Millisecond
)

// script shows one round of the demo's story without a terminal: it runs the screen on one that is not shown, presses
// the keys that the narration names, and prints a line for everything that happens, with the time since the start.
func (r *runner) script(ctx context.Context, o cli.Options, out io.Writer) error {
	o.Demo = true
	connection, open, err := r.openLater(ctx, o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &scripted{out: out, now: r.Now, started: r.Now()}
	var hidden *terminal.Program
	s.Model = ui.New(ui.Config{
		Ctx: ctx, Timeout: o.Timeout, Accounts: connection.Accounts, Drafts: connection.Drafts,
		Files: files{r.getenv("HOME")}, Arguments: connection.Arguments, Service: connection.Service, App: connection.App,
		OnStory: s.happened, Open: open, Clock: r.Now, Send: func(msg tea.Msg) { hidden.Send(msg) },
		NoMouse: true,
	})
	hidden = terminal.New(ctx, s, terminal.Options{Out: io.Discard, Now: r.Now, Size: image.Pt(80, 30)})
	err = hidden.Run()
	if errors.Is(err, tea.ErrProgramKilled) {
		err = ctx.Err()
	}
	return errors.Join(err, s.failed, connection.Close())
}

// scripted is the screen with a user who presses what the story names.
type scripted struct {
	*ui.Model
	out     io.Writer
	now     func() time.Time
	started time.Time
	events  []story.Event // not printed yet
	typing  bool          // keys are on their way
	prompt  keys.Scope    // of the dialog that was answered last
	failed  error         // of the output
}

// typeKeys presses the first of some keys, and then the others, while the same dialog is open.
type typeKeys struct {
	what    string     // as the script says it, once the first key is pressed
	prompt  keys.Scope // of the dialog; "": none is open
	presses []tea.KeyPressMsg
}

func (s *scripted) happened(e story.Event) { s.events = append(s.events, e) }

// Update hands a message to the screen, and prints what happened in the story.
func (s *scripted) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var next tea.Cmd
	if pressed, ok := msg.(typeKeys); ok {
		msg, next = s.typed(pressed)
	}
	_, cmd := s.Model.Update(msg)
	cmds := []tea.Cmd{cmd, next}
	events := s.events
	s.events = nil
	for _, e := range events {
		if e.Actor == story.End || s.failed != nil {
			return s, tea.Quit
		}
		cmds = append(cmds, s.print(e))
	}
	return s, tea.Batch(append(cmds, s.answer())...)
}

// typed returns the message of the first key, and the command of the others.
func (s *scripted) typed(pressed typeKeys) (tea.Msg, tea.Cmd) {
	s.typing = false
	if scope, _ := s.Prompt(); scope != pressed.prompt {
		return nil, nil
	}
	if pressed.what != "" {
		s.line("user", pressed.what)
		pressed.what = ""
	}
	first := pressed.presses[0]
	if pressed.presses = pressed.presses[1:]; len(pressed.presses) == 0 {
		return first, nil
	}
	s.typing = true
	return first, typeLater(typingTime, pressed)
}

// print prints an event and returns the command of the user's answer to it.
func (s *scripted) print(e story.Event) tea.Cmd {
	s.line(e.Actor, e.Text.String())
	if row := s.row(e.Field); row != "" && e.Actor == story.Screen {
		s.line("", row)
	}
	if e.Press == "" {
		return nil
	}
	return s.press("presses "+e.Press, []string{e.Press})
}

// answer answers a dialog once it is open.
func (s *scripted) answer() tea.Cmd {
	scope, pressed := s.Prompt()
	if s.typing || scope == s.prompt {
		return nil
	}
	if s.prompt = scope; len(pressed) == 0 {
		return nil
	}
	return s.press("in the dialog "+string(scope)+": "+strings.Join(pressed, ", "), pressed)
}

// press returns the command that presses keys when the user has read the screen.
func (s *scripted) press(what string, names []string) tea.Cmd {
	scope, _ := s.Prompt()
	pressed := typeKeys{what: what, prompt: scope}
	for _, k := range names {
		pressed.presses = append(pressed.presses, keyPresses(k)...)
	}
	s.typing = true
	return typeLater(readingTime, pressed)
}

// line prints one line.
func (s *scripted) line(actor, text string) {
	at := s.now().Sub(s.started).Round(time.Second)
	minutes, seconds := at/time.Minute, at%time.Minute/time.Second
	if _, err := fmt.Fprintf(s.out, "%2d:%02d  %-7s %s\n", minutes, seconds, actor, text); err != nil {
		s.failed = err
	}
}

// row returns the row of a field as it is on the screen; "" if it is not.
func (s *scripted) row(field model.Path) string {
	if len(field) == 0 {
		return ""
	}
	for line := range strings.SplitSeq(ansi.Strip(s.View().Content), "\n") {
		row := strings.Trim(line, "│ ")
		if row != line && strings.Contains(row+" ", field.String()+"  ") {
			return row
		}
	}
	return ""
}

// typeLater presses keys after a time.
func typeLater(wait time.Duration, pressed typeKeys) tea.Cmd {
	return tea.Tick(wait, func(time.Time) tea.Msg { return pressed })
}

// keyPresses returns the presses of a key of the story, such as "c", "esc", "ctrl+s", or of a text as "text studio".
func keyPresses(k string) (presses []tea.KeyPressMsg) {
	text, is := strings.CutPrefix(k, "text ")
	if !is {
		return []tea.KeyPressMsg{keys.Press(k)}
	}
	for _, r := range text {
		presses = append(presses, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return presses
}
