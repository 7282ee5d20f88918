package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/activity"
	"dossier/ui/document"
	"dossier/ui/identities"
	"dossier/ui/layout"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/pane"
	"dossier/ui/profile"
	"dossier/ui/request"
	"dossier/ui/session"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Model is the root: the one Bubble Tea model. Make it with New.
type Model struct {
	cfg    Config
	styles *style.Styles
	now    time.Time

	size   image.Point
	layout layout.Layout
	focus  layout.Region
	panes  [layout.RegionCount]pane.Pane
	drawn  [layout.RegionCount]drawn

	document *document.Pane
	activity *activity.Pane

	stack   []*floating // overlays, the topmost last
	waiting *unasked    // a dialog that wants to open by itself
	presses int         // keys pressed so far
	toasts  overlay.Toasts

	who   *subject // the current person; nil: nobody is signed in
	state *state.State
	undo  *model.Draft // the last change saved, which U undoes
	undid bool         // that change took the one before it back

	frame  string
	cursor *tea.Cursor
}

var _ tea.Model = (*Model)(nil)

// New makes the screen. Nothing is asked before Init.
func New(c Config) *Model {
	c = c.filled()
	dark := c.Appearance.Background != Light
	s := style.New(c.Appearance.theme(c.Appearance.Theme), dark, c.Appearance.Options)
	m := &Model{cfg: c, styles: s, now: c.Now}
	m.state = m.blank()
	m.document, m.activity = document.New(c.Ctx, c.Keys, s), activity.New(s)
	m.panes = [layout.RegionCount]pane.Pane{
		layout.Document: m.document, layout.Session: session.New(s, c.Now), layout.Activity: m.activity,
		layout.Account: profile.New(s), layout.Identities: identities.New(s),
	}
	return m
}

// Init starts the clock and opens the current person.
func (m *Model) Init() tea.Cmd {
	var background tea.Cmd
	if m.cfg.Appearance.Background == Auto && !m.cfg.Appearance.NoColor {
		background = tea.RequestBackgroundColor
	}
	m.panes[m.focus].Update(pane.Focused{On: true})
	return tea.Batch(background, m.tick(), m.switched())
}

// tick brings the next second.
func (m *Model) tick() tea.Cmd {
	return m.cfg.After(time.Second, func(now time.Time) tea.Msg { return state.Tick{Now: now} })
}

// Update takes a message and draws the frame that follows from it.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	m.draw()
	return m, cmd
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case tea.WindowSizeMsg:
		return m.resize(msg)
	case tea.BackgroundColorMsg:
		return m.background(msg.IsDark())
	case state.Tick:
		return m.ticked(msg)
	case style.Changed:
		return m.restyle(msg.Styles)
	case request.AnyResponse:
		return m.answer(msg)
	case watched:
		return m.watched(msg)
	case watchEnded:
		return m.watchEnded(msg)
	case draftKept:
		m.remind(msg)
	case quiet:
		return m.quiet(msg)
	case overlay.CommandChosen:
		return m.chosen(msg.Entry)
	case discard:
		return tea.Quit
	default:
		return m.request(msg)
	}
	return nil
}

// request carries out what a pane or an overlay asks for.
func (m *Model) request(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case nav.Open:
		return m.open(msg.Overlay)
	case nav.Close:
		return m.close(msg.Overlay)
	case nav.Notify:
		m.tell(msg)
	case nav.ShowFault:
		return m.report(msg.Fault)
	case nav.Copy:
		return m.copy(msg)
	case nav.Refresh:
		return m.refresh(asked)
	case nav.Check:
		return m.look()
	case nav.Saved:
		return m.saved(msg)
	case nav.Switched, nav.SignedIn:
		return m.switched()
	case nav.Linked:
		return m.linked(msg)
	case nav.ViewValue:
		return m.open(overlay.NewViewer(m.styles, m.state, msg.Path, msg.Value))
	default:
		return m.dialog(msg)
	}
	return nil
}

// broadcast hands a message to every pane and overlay.
func (m *Model) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for r, p := range m.panes {
		cmds = append(cmds, p.Update(msg))
		m.drawn[r].old = true
	}
	for _, f := range m.stack {
		cmds = append(cmds, f.overlay.Update(msg))
	}
	return tea.Batch(cmds...)
}

// ticked is what a second brings. Of the panes only the session draws the time.
func (m *Model) ticked(t state.Tick) tea.Cmd {
	m.now = t.Now
	m.toasts.Expire(m.now)
	var cmds []tea.Cmd
	for _, p := range m.panes {
		cmds = append(cmds, p.Update(t))
	}
	m.drawn[layout.Session].old = true
	for _, f := range m.stack {
		cmds = append(cmds, f.overlay.Update(t))
	}
	cmds = append(cmds, m.retry(), m.collect(), m.newDay())
	return tea.Batch(append(cmds, m.tick())...)
}

// newDay tells the record when the date changes: times of another day are written with it.
func (m *Model) newDay() tea.Cmd {
	if sameDay(m.state.Today, m.now) {
		return nil
	}
	return m.know(func(*state.State) {})
}

func sameDay(a, b time.Time) bool {
	b = b.In(a.Location())
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

// background takes the terminal's answer about its background.
func (m *Model) background(dark bool) tea.Cmd {
	if m.cfg.Appearance.Background != Auto || dark == m.styles.Dark {
		return nil
	}
	return m.restyle(style.New(m.cfg.Appearance.theme(m.styles.Name), dark, m.cfg.Appearance.Options))
}

// restyle shows everything in other styles.
func (m *Model) restyle(s *style.Styles) tea.Cmd {
	m.styles = s
	return m.broadcast(style.Changed{Styles: s})
}

// resize cuts the screen anew.
func (m *Model) resize(msg tea.WindowSizeMsg) tea.Cmd {
	m.size = image.Pt(msg.Width, msg.Height)
	var cmds []tea.Cmd
	room := m.room().Size()
	for _, f := range m.stack {
		cmds = append(cmds, f.overlay.Update(tea.WindowSizeMsg{Width: room.X, Height: room.Y}))
	}
	return tea.Batch(append(cmds, m.fit(), m.arrange())...)
}

// arrange tells the panes in sight their sizes.
func (m *Model) arrange() tea.Cmd {
	m.layout = layout.Screen(m.size, m.focus)
	var cmds []tea.Cmd
	for r, rect := range m.layout.Panes {
		if rect.Empty() {
			continue
		}
		m.drawn[r].old = true
		cmds = append(cmds, m.panes[r].Update(pane.Resized{Size: pane.Inner(rect.Size())}))
	}
	return tea.Batch(cmds...)
}
