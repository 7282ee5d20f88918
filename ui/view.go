package ui

import (
	"fmt"
	"image"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/layout"
	"dossier/ui/pane"
	"dossier/ui/session"
	"dossier/ui/state"
	"dossier/ui/style"
)

// View returns the frame that the last Update drew.
func (m *Model) View() tea.View {
	if m.cfg.ScreenReader {
		return m.linearView()
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	if !m.cfg.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.BackgroundColor, v.ForegroundColor = m.styles.Background, m.styles.Foreground
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
	screen := m.join()
	if !m.overlays.empty() {
		screen = m.drawOverlays(screen)
	}
	var b strings.Builder
	b.Grow(len(m.frame) + 256) // about as long as the last one
	b.WriteString(screen)
	for _, line := range m.toasts.Lines(m.styles, m.size.X, m.size.Y-m.narrationRows()) {
		b.WriteString("\n" + line)
	}
	b.WriteString(m.narration() + "\n" + m.currentFooter())
	m.frame = b.String()
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

// join returns the header and the panes.
func (m *Model) join() string {
	var b strings.Builder
	b.Grow(len(m.frame) + 256)
	b.WriteString(m.currentHeader())
	for y := m.layout.Header.Max.Y; y < m.bodyEnd(); y++ {
		b.WriteByte('\n')
		m.writeLine(&b, y)
	}
	return b.String()
}

// bodyEnd returns the first line below the panes.
func (m *Model) bodyEnd() int {
	if !m.layout.Notices.Empty() {
		return m.layout.Notices.Min.Y
	}
	return m.layout.Footer.Min.Y
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
		inner := image.Pt(max(0, size.X-1), 1) // as if there were a frame
		return []string{" " + pane.Fit(p.View(inner), inner.X)}
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
	if n, ok := p.(pane.WithNoteWithin); ok {
		f.NoteWithin = n.NoteWithin
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

// drawOverlays returns the screen with the overlays over it, dimmed below the top one, and places the text cursor of
// that.
func (m *Model) drawOverlays(screen string) string {
	lines := m.composer.Begin(screen, m.styles.Dimmed)
	for i, o := range m.overlays.entries {
		rect := m.overlays.place(o)
		frame := frameOf(o.Overlay)
		frame.Focused = i == len(m.overlays.entries)-1
		box := frame.Draw(m.styles, o.View(pane.Inner(rect.Size())), rect.Size())
		if !frame.Focused {
			m.composer.Below(lines, box, rect.Min)
			continue
		}
		m.composer.Top(lines, box, rect.Min)
		if c := o.Cursor(); c != nil {
			m.placeCursor(c, rect.Inset(1))
		}
	}
	return strings.Join(lines, "\n")
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

// headerLine is the header as it was drawn.
type headerLine struct {
	basis headerBasis
	text  string
}

// headerBasis is what the header shows.
type headerBasis struct {
	state  *state.State
	styles *style.Styles
	now    time.Time
	width  int
}

// currentHeader returns the header. It is drawn when something that it shows has changed.
func (m *Model) currentHeader() string {
	if b := (headerBasis{m.state, m.styles, m.now, m.size.X}); b != m.drawnHeader.basis || m.drawnHeader.text == "" {
		m.drawnHeader.basis, m.drawnHeader.text = b, m.header(b.width)
	}
	return m.drawnHeader.text
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
	right += "  " // as far from the edge as texts in frames
	space := max(0, width-ansi.StringWidthWc(right)-1)
	name := model.Show("not signed in")
	if st.HasUser {
		name = st.UserName()
	}
	left := " " + s.Badge.Render(" "+name.Clip(max(1, min(space-3, 40))).String()+" ")
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
