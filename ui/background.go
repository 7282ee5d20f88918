package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/ui/style"
)

// The first frame waits backgroundWait for the terminal's answer about its background, so that light terminals do not
// flash dark. After that the screen has no colours of its own until the answer comes, and after maxBackgroundWait it is
// dark.
const (
	backgroundWait    = 6 * time.Millisecond
	maxBackgroundWait = 250 * time.Millisecond
)

// The ends of the two waits.
type (
	backgroundLate    struct{}
	backgroundUnknown struct{}
)

// background is what is known of the terminal's background.
type background struct {
	asking bool // the terminal has not answered what it is: without colours
	held   bool // the first frame waits for that answer
}

// firstStyles returns the styles of the first frame: without colours while the terminal's background is not known.
func (a Appearance) firstStyles() *style.Styles {
	options := a.Options
	options.NoColor = options.NoColor || a.asksTerminal()
	return style.New(a.theme(a.Theme), a.Background != Light, options)
}

// Queries returns what to write to the terminal first, before the program starts: the sooner it answers, the sooner the
// first frame is drawn.
func (m *Model) Queries() string {
	if !m.background.asking {
		return ""
	}
	return ansi.RequestBackgroundColor
}

// awaitBackground ends the waits for the terminal's background.
func (m *Model) awaitBackground() tea.Cmd {
	if !m.background.asking {
		return nil
	}
	return tea.Batch(m.cfg.After(backgroundWait, func(time.Time) tea.Msg { return backgroundLate{} }),
		m.cfg.After(maxBackgroundWait, func(time.Time) tea.Msg { return backgroundUnknown{} }))
}

// setBackground takes the terminal's answer about its background.
func (m *Model) setBackground(dark bool) tea.Cmd {
	if m.cfg.Appearance.Background != Auto || !m.background.asking && dark == m.styles.Dark {
		return nil
	}
	m.background.asking, m.background.held = false, false
	return m.setStyles(style.New(m.cfg.Appearance.theme(m.styles.Name), dark, m.cfg.Appearance.Options))
}
