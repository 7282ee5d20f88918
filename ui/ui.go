package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/ui/activity"
	"dossier/ui/currentuser"
	"dossier/ui/document"
	"dossier/ui/edit"
	"dossier/ui/functions"
	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
	"dossier/ui/profile"
	"dossier/ui/request"
	"dossier/ui/session"
	"dossier/ui/state"
	"dossier/ui/story"
	"dossier/ui/style"
)

// Model is the root, the one Bubble Tea model. Create it with New.
type Model struct {
	cfg    Config
	styles *style.Styles
	now    time.Time // of the last tick
	clock  clock

	size   image.Point // of the terminal, in cells
	layout layout.Layout
	focus  layout.Region
	panes  [layout.RegionCount]pane.Pane
	frames [layout.RegionCount]paneFrame

	document *document.Pane
	activity *activity.Pane

	draft      *edit.CurrentDraft // of the current user; nil: there is no user
	overlays   stack
	quitDialog *overlay.Confirm // the last question whether to quit
	idle       idleOpener
	story      *story.Narrator // nil: there is none
	letters    pane.Letters    // typed to select names of a list
	toasts     overlay.Toasts
	announcer  announcer
	tips       tips
	recent     []string // chosen in the palette, the last one first
	composer   overlay.Composer
	clipboard  clipboard
	calls      functions.Memory // of functions, in this run

	openFailure error // the service could not be opened, and will not be by another attempt; nil: neither
	user        *currentuser.Machine
	state       *state.State // the last state of user that the panes were sent

	frame         string
	drawnHeader   headerLine
	drawnFooter   footerLine
	cursor        *tea.Cursor
	reportsStatus bool // the terminal shows the status of programs (OSC 7501)
	background    background
}

var _ tea.Model = (*Model)(nil)

// New returns the screen. It makes no request before Init.
func New(c Config) *Model {
	c = c.withDefaults()
	now := c.Clock()
	s := c.Appearance.firstStyles()
	m := &Model{cfg: c, styles: s, now: now, idle: idleOpener{after: c.After},
		background: background{asking: c.Appearance.asksTerminal(), held: c.Appearance.asksTerminal()},
		tips:       tips{shown: c.Tips},
		clipboard:  clipboard{c.Clipboard, c.SendToClipboard, request.New(c.Ctx, c.Timeout), c.Keys}}
	m.user = currentuser.New(currentuser.Config{
		Ctx: c.Ctx, Timeout: c.Timeout, Accounts: c.Accounts, Drafts: c.Drafts, Saves: c.Saves, Now: now,
		Opening: c.Open != nil,
		Wake:    func() { c.Send(wake{}) },
	})
	m.state = m.user.State()
	m.document, m.activity = document.New(c.Ctx, c.Keys, s, now), activity.New(s)
	if c.App != nil {
		m.story = story.New(c.Keys, c.OnStory)
	}
	m.panes = [layout.RegionCount]pane.Pane{
		layout.Document: m.document, layout.Session: session.New(c.Keys, s, now), layout.Activity: m.activity,
		layout.Account: profile.New(s),
	}
	return m
}

// Init starts the clock and opens the current account.
func (m *Model) Init() tea.Cmd {
	m.panes[m.focus].Update(pane.Focused{On: true})
	status := tea.Raw(ansi.RequestProgramStatusSupport)
	if m.cfg.ScreenReader {
		status = nil
	}
	return tea.Batch(m.awaitBackground(), status, m.apply(m.user.Open()), m.openService(), m.schedule(m.now))
}

// Update takes the time, handles a message and draws the next frame.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	now := m.cfg.Clock()
	cmd := tea.Batch(m.advance(now), m.update(msg, now), m.settleInput(), m.apply(m.user.Select(m.document.Selected())),
		m.narrate(now), m.showTip(), m.fitNotices(), m.schedule(now))
	switch {
	case m.cfg.ScreenReader:
		m.announce(msg)
	case !m.background.held:
		m.draw()
	}
	return m, cmd
}

func (m *Model) update(msg tea.Msg, now time.Time) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case tea.WindowSizeMsg:
		return m.resize(image.Pt(msg.Width, msg.Height))
	case tea.BackgroundColorMsg:
		return m.setBackground(msg.IsDark())
	case backgroundLate:
		m.background.held = false
		return nil
	case backgroundUnknown:
		if m.background.asking {
			return m.setBackground(true)
		}
		return nil
	case tea.ProgramStatusSupportMsg:
		m.reportsStatus = true
		return nil
	case wake:
		return nil
	case style.Changed:
		return m.setStyles(msg.Styles)
	case request.Response[copied]:
		return m.withNotice(m.clipboard.finish(msg))
	case request.AnyResponse:
		return m.response(msg)
	case currentuser.Message:
		return m.apply(m.user.Update(msg))
	case written:
		return m.written(msg, now)
	case opened:
		return m.opened(msg)
	case idle:
		return m.idle.finish(msg)
	case overlay.PaletteChosen:
		return m.choose(msg.Item)
	case flushed:
		return m.flushed(msg)
	case discard:
		return m.quit()
	default:
		return m.navigate(msg)
	}
}

// response hands a response to all panes, overlays and the current user's requests; the runner that waits for it
// accepts it.
func (m *Model) response(r request.AnyResponse) tea.Cmd {
	if !r.Pending() {
		return m.apply(m.user.Dropped())
	}
	return tea.Batch(m.broadcast(r), m.apply(m.user.Response(r)), m.fitOverlays())
}

// setStyles shows everything in other styles.
func (m *Model) setStyles(s *style.Styles) tea.Cmd {
	m.styles = s
	return m.broadcast(style.Changed{Styles: s})
}
