package ui

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/pane"
	"dossier/ui/session"
	"dossier/ui/state"
	"dossier/ui/style"
)

// View returns the frame that the last Update drew.
func (m *Model) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	if !m.cfg.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.setsColors {
		v.BackgroundColor, v.ForegroundColor = m.styles.Background, m.styles.Foreground
	}
	v.WindowTitle = "dossier"
	if m.state.HasUser {
		v.WindowTitle += " - " + m.state.UserName().String()
	}
	v.Cursor = m.cursor
	v.ProgramStatus = m.programStatus()
	return v
}

// programStatus is the status for terminals that show one beside each tab or program (OSC 7501). It contains no
// personal data.
func (m *Model) programStatus() *tea.ProgramStatus {
	if !m.reportsStatus {
		return nil
	}
	s := &tea.ProgramStatus{App: "dossier", State: tea.ProgramStateIdle, Message: session.StateName(m.state, m.now)}
	switch {
	case !m.state.Session.SignedIn:
		s.State, s.Kind = tea.ProgramStateBlocked, tea.ProgramStatusKindAuth
	case m.state.Loading, m.state.Opening:
		s.State = tea.ProgramStateWorking
	case !m.state.Reachable:
		s.State = tea.ProgramStateError
	}
	return s
}

// draw draws the header, the visible panes, the footer, and over them overlays and toasts.
func (m *Model) draw() {
	m.cursor = nil
	if m.size.X <= 0 || m.size.Y <= 0 {
		m.frame = ""
		return
	}
	if m.layout.TooSmall {
		m.frame = m.tooSmall()
		return
	}
	m.drawPanes()
	if m.overlays.empty() {
		if c := m.panes[m.focus].Cursor(); c != nil {
			m.placeCursor(c, m.layout.Panes[m.focus].Inset(1))
		}
	}
	header, footer := m.drawnHeader(), m.drawnFooter()
	if m.overlays.empty() && m.toasts.Empty() {
		m.frame = m.join(header, footer)
	} else {
		lines := strings.Split(m.join(header, footer), "\n")
		m.drawOverlays(lines)
		m.frame = strings.Join(lines, "\n")
	}
	if m.cfg.Appearance.ASCII {
		m.frame = ascii.Replace(m.frame)
	}
}

// ascii replaces characters that are not in the glyph table: the marks of cut text, masked text, a tab, a line break.
var ascii = strings.NewReplacer("…", "~", "•", "*", "→", ">", "⏎", "$")

// tooSmall draws the message of a terminal that is too small.
func (m *Model) tooSmall() string {
	text := fmt.Sprintf("dossier needs %d×%d; this terminal is %d×%d", layout.MinWidth, layout.MinHeight, m.size.X,
		m.size.Y)
	if m.cfg.Appearance.ASCII {
		text = strings.ReplaceAll(text, "×", "x")
	}
	var lines []string
	for _, line := range model.Show(text).Wrap(m.size.X) {
		lines = append(lines, line.String())
	}
	return pane.Lines(lines, m.size.Y)
}

// drawPanes draws the visible panes that have changed.
func (m *Model) drawPanes() {
	for r, rect := range m.layout.Panes {
		if !rect.Empty() && m.frames[r].dirty {
			m.frames[r] = paneFrame{lines: m.drawPane(layout.Region(r), rect.Size())}
		}
	}
}

// join returns the frame without overlays: the panes between header and footer.
func (m *Model) join(header, footer string) string {
	var b strings.Builder
	b.Grow(len(m.frame) + 256) // about as long as the last one
	b.WriteString(header)
	for y := m.layout.Header.Max.Y; y < m.layout.Footer.Min.Y; y++ {
		b.WriteByte('\n')
		m.writeLine(&b, y)
	}
	b.WriteByte('\n')
	b.WriteString(footer)
	return b.String()
}

// writeLine writes a line of the panes, from left to right.
func (m *Model) writeLine(b *strings.Builder, y int) {
	for x := 0; x < m.size.X; {
		r, ok := m.layout.At(image.Pt(x, y))
		if !ok {
			return
		}
		rect := m.layout.Panes[r]
		b.WriteString(m.frames[r].lines[y-rect.Min.Y])
		x = rect.Max.X
	}
}

// drawPane draws a pane in its frame, a pane of one line without one.
func (m *Model) drawPane(r layout.Region, size image.Point) []string {
	p := m.panes[r]
	if size.Y == 1 {
		return []string{pane.Fit(p.View(size), size.X)}
	}
	f := frameOf(p)
	f.Focused = r == m.focus && m.overlays.empty()
	if m.layout.Tabs {
		f = m.tabs(f)
	}
	return strings.Split(f.Draw(m.styles, p.View(pane.Inner(size)), size), "\n")
}

// frameOf returns the frame of a pane: title, note, position.
func frameOf(p pane.Pane) pane.Frame {
	f := pane.Frame{Title: p.Title()}
	if n, ok := p.(pane.WithNote); ok {
		f.Note = n.Note()
	}
	if n, ok := p.(pane.WithPosition); ok {
		f.Position = n.Position()
	}
	return f
}

// tabs adds the titles of all panes to a frame.
func (m *Model) tabs(f pane.Frame) pane.Frame {
	for _, p := range m.panes {
		f.Tabs = append(f.Tabs, p.Title())
	}
	f.Active = int(m.focus)
	return f
}

// drawOverlays draws overlays and toasts over the lines, and places the text cursor of the top overlay.
func (m *Model) drawOverlays(lines []string) {
	m.composer.Begin()
	for i, o := range m.overlays.entries {
		rect := m.overlays.place(o)
		frame := frameOf(o.Overlay)
		frame.Focused = i == len(m.overlays.entries)-1
		m.composer.Compose(lines, frame.Draw(m.styles, o.View(pane.Inner(rect.Size())), rect.Size()), rect.Min)
		if c := o.Cursor(); c != nil && frame.Focused {
			m.placeCursor(c, rect.Inset(1))
		}
	}
	if !m.toasts.Empty() {
		box, size := m.toasts.View(m.styles, image.Pt(m.size.X, m.size.Y-3))
		if size.X > 0 {
			m.composer.Compose(lines, box, image.Pt(m.size.X-size.X-2, m.size.Y-2-size.Y))
		}
	}
}

// placeCursor sets the text cursor to a position in a region, if it is inside.
func (m *Model) placeCursor(c *tea.Cursor, region image.Rectangle) {
	at := image.Pt(c.X, c.Y).Add(region.Min)
	if !at.In(region) {
		return
	}
	moved := *c
	moved.X, moved.Y = at.X, at.Y
	m.cursor = &moved
}

// headerBasis is what the header shows.
type headerBasis struct {
	state  *state.State
	styles *style.Styles
	now    time.Time
	width  int
}

// drawnHeader returns the header. It is drawn when something that it shows has changed.
func (m *Model) drawnHeader() string {
	if b := (headerBasis{m.state, m.styles, m.now, m.size.X}); b != m.headerOf || m.headerLine == "" {
		m.headerOf, m.headerLine = b, m.header(b.width)
	}
	return m.headerLine
}

// header draws the current user, the service and the state of the snapshot.
func (m *Model) header(width int) string {
	s, st := m.styles, m.state
	right := session.StateStyle(st, s, m.now).Render(m.headline(width / 2))
	if st.Masked {
		right = s.Badge.Render(" masked ") + " " + right
	}
	if st.Loading {
		right = s.Faint.Render(s.Glyphs.Ellipsis+" ") + right
	}
	right += " "
	space := max(0, width-ansi.StringWidthWc(right)-1)
	name := model.Show("not signed in")
	if st.HasUser {
		name = st.UserName()
	}
	left := s.Badge.Render(" " + name.Clip(max(1, min(space-2, 40))).String() + " ")
	if rest := space - ansi.StringWidthWc(left) - 1; rest > 6 {
		service := m.cfg.Service
		if st.Account.AppID != "" {
			service += " " + s.Glyphs.Separator + " " + st.Account.AppID
		}
		left += " " + s.Muted.Render(model.Show(service).Clip(rest).String())
	}
	return pane.Fit(ansi.TruncateWc(left, space, ""), max(0, width-ansi.StringWidthWc(right))) + right
}

// headline returns the longest form of the sentence about the snapshot that fits, else the shortest.
func (m *Model) headline(width int) string {
	forms := session.Headlines(m.state, m.now)
	for _, form := range forms {
		if model.Show(form).Width() <= width {
			return form
		}
	}
	return forms[len(forms)-1]
}

// hint is a key binding in the footer.
type hint struct {
	text  string // styled
	width int
	local bool // of the pane or the dialog, not of keys.Everywhere
}

// dropLastLocal removes the last hint of the pane if the others then fit: the global ones after it, such as the
// accounts, are more useful.
func dropLastLocal(hints []hint, space int) []hint {
	over, last := -2-space, -1
	for i, h := range hints {
		over += h.width + 2
		if h.local {
			last = i
		}
	}
	if over <= 0 || last < 0 || over > hints[last].width+2 {
		return hints
	}
	return slices.Delete(slices.Clone(hints), last, last+1)
}

// footerBasis is what the footer shows.
type footerBasis struct {
	scopes    string
	available preconditions
	dialog    bool
	styles    *style.Styles
	width     int
}

// drawnFooter returns the footer. It is drawn when something that it shows has changed.
func (m *Model) drawnFooter() string {
	b := footerBasis{"", m.preconditions(), !m.overlays.empty(), m.styles, m.size.X}
	for _, s := range m.scopes() {
		b.scopes += string(s) + " "
	}
	if b != m.footerOf || m.footerLine == "" {
		m.footerOf, m.footerLine = b, m.footer(b.width)
	}
	return m.footerLine
}

// footer draws as many of the current key bindings as fit. The space of help, quit and cancel is reserved.
func (m *Model) footer(width int) string {
	hints, reserved := m.hints()
	space := width - 1
	for _, h := range reserved {
		space -= h.width + 2
	}
	var b strings.Builder
	b.WriteString(" ")
	for _, h := range dropLastLocal(hints, space) {
		if h.width > space {
			break
		}
		b.WriteString(h.text + "  ")
		space -= h.width + 2
	}
	for _, h := range reserved {
		b.WriteString(h.text + "  ")
	}
	return pane.Fit(b.String(), width)
}

// hints returns the key bindings for the footer; those of help, quit and cancel apart.
func (m *Model) hints() (hints, reserved []hint) {
	seen := map[keys.Action]bool{}
	scopes, available := m.scopes(), m.preconditions()
	if !m.overlays.empty() {
		scopes = scopes[:1] // without the bindings of all dialogs
	}
	for _, scope := range scopes {
		for _, e := range m.cfg.Keys {
			if e.Scope != scope || !e.Footer || !e.Binding.Enabled() || seen[e.Action] || m.overlays.empty() && available.unavailable(e.Action) != "" {
				continue
			}
			seen[e.Action] = true
			help := e.Binding.Help()
			h := hint{
				text:  m.styles.Key.Render(help.Key) + m.styles.KeyHint.Render(" "+help.Desc),
				width: model.Show(help.Key + " " + help.Desc).Width(), local: scope != keys.Everywhere,
			}
			if !h.local && (e.Action == keys.ShowHelp || e.Action == keys.Quit) || e.Action == keys.Cancel {
				reserved = append(reserved, h)
			} else {
				hints = append(hints, h)
			}
		}
	}
	return hints, reserved
}
