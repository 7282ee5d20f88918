package ui

import (
	"fmt"
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
	"dossier/ui/session"
)

// View is the frame that the last message led to.
func (m *Model) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.BackgroundColor, v.ForegroundColor = m.styles.Background, m.styles.Foreground
	v.WindowTitle = "dossier"
	if m.state.HasUser {
		v.WindowTitle += " - " + m.state.Text(m.state.DisplayName()).String()
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
	badge, _ := session.Badge(m.state, m.styles, m.now)
	s := &tea.ProgramStatus{App: "dossier", State: tea.ProgramStateIdle, Message: badge}
	switch {
	case !m.state.Session.SignedIn:
		s.State, s.Kind = tea.ProgramStateBlocked, tea.ProgramStatusKindAuth
	case m.state.Loading:
		s.State = tea.ProgramStateWorking
	case !m.state.Reachable:
		s.State = tea.ProgramStateError
	}
	return s
}

// draw makes the frame: the panes in sight, and over them what floats.
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
	lines := make([]string, 0, m.size.Y)
	lines = append(lines, m.header(m.size.X))
	lines = m.body(lines)
	lines = append(lines, m.foot(m.size.X))
	m.float(lines)
	m.frame = strings.Join(lines, "\n")
	if m.cfg.Appearance.ASCII {
		m.frame = ascii.Replace(m.frame)
	}
}

// ascii stands in for the signs that texts carry and that no glyph table reaches: the marks of a cut, a mask, a tab and
// a line break.
var ascii = strings.NewReplacer("…", "~", "•", "*", "→", ">", "⏎", "$")

// tooSmall says what is missing.
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

// body draws the panes side by side.
func (m *Model) body(lines []string) []string {
	for r, rect := range m.layout.Panes {
		if !rect.Empty() && m.frames[r].dirty {
			m.frames[r] = paneFrame{lines: m.framed(layout.Region(r), rect.Size())}
		}
	}
	d := m.frames
	if m.layout.Tabs {
		return append(lines, d[m.focus].lines...)
	}
	left := append(append([]string(nil), d[layout.Account].lines...), d[layout.Identities].lines...)
	right := append(append([]string(nil), d[layout.Session].lines...), d[layout.Activity].lines...)
	for i, middle := range d[layout.Document].lines {
		lines = append(lines, left[i]+middle+right[i])
	}
	return lines
}

// framed draws one pane in its frame.
func (m *Model) framed(r layout.Region, size image.Point) []string {
	p := m.panes[r]
	f := framing(p)
	f.Focused = r == m.focus && m.overlays.empty()
	if m.layout.Tabs {
		f = m.tabs(f)
	}
	return strings.Split(f.Draw(m.styles, p.View(pane.Inner(size)), size), "\n")
}

// framing is the words that a pane has for its frame.
func framing(p pane.Pane) pane.Frame {
	f := pane.Frame{Title: p.Title()}
	if n, ok := p.(pane.WithNote); ok {
		f.Note = n.Note()
	}
	if n, ok := p.(pane.WithPosition); ok {
		f.Position = n.Position()
	}
	return f
}

// tabs puts the titles of all panes into a frame.
func (m *Model) tabs(f pane.Frame) pane.Frame {
	for _, p := range m.panes {
		f.Tabs = append(f.Tabs, p.Title())
	}
	f.Active = int(m.focus)
	return f
}

// float lays overlays and toasts over the lines, and finds the text cursor.
func (m *Model) float(lines []string) {
	if m.overlays.empty() {
		if c := m.panes[m.focus].Cursor(); c != nil {
			m.put(c, m.layout.Panes[m.focus].Inset(1))
		}
	}
	for i, o := range m.overlays.entries {
		rect := m.overlays.place(o)
		frame := framing(o.Overlay)
		frame.Focused = i == len(m.overlays.entries)-1
		overlay.Compose(lines, frame.Draw(m.styles, o.View(pane.Inner(rect.Size())), rect.Size()), rect.Min)
		if c := o.Cursor(); c != nil && frame.Focused {
			m.put(c, rect.Inset(1))
		}
	}
	if !m.toasts.Empty() {
		box, size := m.toasts.View(m.styles, image.Pt(m.size.X, m.size.Y-3))
		if size.X > 0 {
			overlay.Compose(lines, box, image.Pt(m.size.X-size.X-2, m.size.Y-2-size.Y))
		}
	}
}

// put moves a cursor from a region to the screen, if it is inside.
func (m *Model) put(c *tea.Cursor, region image.Rectangle) {
	at := image.Pt(c.X, c.Y).Add(region.Min)
	if !at.In(region) {
		return
	}
	moved := *c
	moved.X, moved.Y = at.X, at.Y
	m.cursor = &moved
}

// header says whose account it is, at which service, and how old the copy is.
func (m *Model) header(width int) string {
	s, r := m.styles, m.state
	word, look := session.Badge(r, s, m.now)
	state := look.Render(" " + word + " ")
	if timer := session.Timer(r, m.now); timer != "" {
		state += s.Strong.Render(" " + timer)
	}
	if r.Masked {
		state = s.Badge.Render(" masked ") + " " + state
	}
	if r.Loading {
		state = s.Faint.Render(s.Glyphs.Ellipsis+" ") + state
	}
	state += " "
	room := max(0, width-ansi.StringWidth(state)-1)
	who := model.Show("not signed in")
	if m.state.HasUser {
		who = r.Text(r.DisplayName())
	}
	left := s.Badge.Render(" " + who.Clip(max(1, min(room-2, 40))).String() + " ")
	if rest := room - ansi.StringWidth(left) - 1; rest > 6 {
		service := m.cfg.Service
		if r.Account.AppID != "" {
			service += " " + s.Glyphs.Separator + " " + r.Account.AppID
		}
		left += " " + s.Muted.Render(model.Show(service).Clip(rest).String())
	}
	return pane.Fit(ansi.Truncate(left, room, ""), max(0, width-ansi.StringWidth(state))) + state
}

// hint is a key in the foot line.
type hint struct {
	text  string
	width int
	own   bool // of the pane or the dialog, not of everywhere
}

// yield leaves the pane's last key out where all others then fit: what leads to the accounts is worth more on a common
// terminal.
func yield(hints []hint, room int) []hint {
	over, last := -2-room, -1
	for i, h := range hints {
		over += h.width + 2
		if h.own {
			last = i
		}
	}
	if over <= 0 || last < 0 || over > hints[last].width+2 {
		return hints
	}
	return slices.Delete(slices.Clone(hints), last, last+1)
}

// foot lists the keys that work here, as many as fit; help and quit come first in line.
func (m *Model) foot(width int) string {
	var hints, last []hint
	seen := map[keys.Action]bool{}
	scopes := m.scopes()
	if !m.overlays.empty() {
		scopes = scopes[:1] // what every dialog understands goes without saying
	}
	for _, scope := range scopes {
		for _, e := range m.cfg.Keys {
			if e.Scope != scope || !e.Footer || seen[e.Action] || m.unavailable(e.Action) != "" && m.overlays.empty() {
				continue
			}
			seen[e.Action] = true
			h := e.Binding.Help()
			one := hint{m.styles.Key.Render(h.Key) + m.styles.KeyHint.Render(" "+h.Desc),
				model.Show(h.Key + " " + h.Desc).Width(), scope != keys.Everywhere}
			if scope == keys.Everywhere && (e.Action == keys.ShowHelp || e.Action == keys.Quit) || e.Action == keys.Cancel {
				last = append(last, one)
			} else {
				hints = append(hints, one)
			}
		}
	}
	room := width - 1
	for _, h := range last {
		room -= h.width + 2
	}
	var b strings.Builder
	b.WriteString(" ")
	for _, h := range yield(hints, room) {
		if h.width > room {
			break
		}
		b.WriteString(h.text + "  ")
		room -= h.width + 2
	}
	for _, h := range last {
		b.WriteString(h.text + "  ")
	}
	return pane.Fit(b.String(), width)
}
