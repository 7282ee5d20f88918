package ui

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/linear"
	"dossier/ui/pane"
	"dossier/ui/session"
	"dossier/ui/state"
)

// linearSize is the size of the screen that panes are drawn for in front of a screen reader: wide, so that little is
// cut.
var linearSize = image.Pt(160, 60)

// announcer says what changes, as lines of text, in place of frames.
type announcer struct {
	transcript linear.Transcript
	text       string    // what the last Update says
	last       announced // what was said last
}

// announced is the state of the screen that was announced.
type announced struct {
	part  any // the overlay or pane that receives the keys; nil: nothing was said yet
	title string
	scope keys.Scope
	page  linear.Page
	state string // of the snapshot
	user  string
	story string // the narration
	of    *state.State
}

// announce describes what a message changed.
func (m *Model) announce(msg tea.Msg) {
	if m.announcer.text = ""; m.size == (image.Point{}) {
		return
	}
	before, now := m.announcer.last, m.describe()
	m.announcer.last = now
	v := &m.announcer.transcript
	switch _, isKey := msg.(tea.KeyPressMsg); {
	case before.part != now.part || before.title != now.title:
		m.introduce(before, now)
	case isTimeOnly(msg, before, now):
	default:
		m.announceChanges(before, now, msg, isKey)
		if now.scope != before.scope && !m.overlays.empty() {
			v.Add("keys: " + m.mainKeys())
		}
	}
	if now.user != before.user {
		v.Add("account: " + now.user)
	}
	switch {
	case now.state == before.state:
	case m.state.Loading || m.isEditing(): // the answer, or the save, changes the state again
		m.announcer.last.state = before.state
	default:
		v.Add("state: " + now.state)
	}
	if now.story != before.story {
		v.Add("story: " + now.story)
	}
	m.announcer.text = v.Take()
}

// isEditing reports whether an editor, such as the review, receives the keys.
func (m *Model) isEditing() bool {
	o, ok := m.overlays.top()
	if !ok {
		return false
	}
	_, ok = o.Overlay.(*edit.Editor)
	return ok
}

// isTimeOnly reports whether a message only lets time pass: texts that change with the time are not said.
func isTimeOnly(msg tea.Msg, before, now announced) bool {
	_, wakes := msg.(wake)
	return wakes && before.of == now.of
}

// describe reads the part of the screen that receives the keys.
func (m *Model) describe() announced {
	p := m.panes[m.focus]
	rect, part := m.layout.Panes[m.focus], any(m.panes[m.focus])
	if o, ok := m.overlays.top(); ok {
		p, rect, part = o.Overlay, m.overlays.place(o), o.Overlay
	}
	view := p.View(pane.Inner(rect.Size()))
	page := linear.Read(view, p.Cursor(), m.styles.Glyphs.Cursor)
	if a, ok := p.(pane.Announcer); ok {
		page.Selected = a.Announcement().String()
	} else if at, ok := p.(pane.WithPosition); ok && page.Selected != "" && at.Position().Width() > 0 {
		page.Selected += ", " + at.Position().String()
	}
	s := announced{part: part, title: p.Title().String(), scope: p.Scope(), page: page,
		state: session.StateName(m.state, m.now),
		user:  "not signed in", of: m.state}
	if m.story != nil {
		before, key, after := m.story.Line(m.state)
		s.story = model.Concat(before, key, after).String()
	}
	if m.state.HasUser {
		s.user = m.state.UserName().String()
	}
	return s
}

// introduce says where the keys go now: a dialog with all its lines, or a pane with its note and the selected row.
func (m *Model) introduce(before, now announced) {
	v := &m.announcer.transcript
	if m.overlays.empty() {
		note := ""
		if n, ok := m.panes[m.focus].(pane.WithNote); ok && n.Note().Width() > 0 {
			note = ", " + n.Note().String()
		}
		v.Add("pane: "+now.title+note, now.page.Selected)
		if now.page.Selected == "" {
			v.Add(now.page.Lines...)
		}
		if before.part == nil {
			v.Add(m.cfg.Keys.Expand("{everywhere.help} lists the keys, {everywhere.command-palette} finds every action"))
		}
		return
	}
	v.Add("dialog: " + now.title)
	v.Add(linear.News(linear.Page{}, now.page)...)
	v.Add("keys: " + m.mainKeys())
	v.Add(now.page.Selected, now.page.Input)
}

// mainKeys returns the main keys of the dialog that receives the keys.
func (m *Model) mainKeys() string {
	var shown []string
	scope := m.scopes()[0]
	for _, e := range m.cfg.Keys {
		if e.Scope == scope && e.Footer && e.Binding.Enabled() {
			shown = append(shown, e.Binding.Help().Key+" "+e.Binding.Help().Desc)
		}
	}
	return strings.Join(shown, ", ")
}

// announceChanges says what changed in the part that receives the keys.
func (m *Model) announceChanges(before, now announced, msg tea.Msg, isKey bool) {
	v := &m.announcer.transcript
	key, _ := msg.(tea.KeyPressMsg)
	if !isKey && !m.overlays.empty() && now.page.Selected == before.page.Selected {
		v.Add(linear.News(before.page, now.page)...)
		before.page.Lines = now.page.Lines
	}
	typed := isKey && key.Text != "" && now.page.Input != "" && m.capturesKeys()
	switch {
	case typed && now.page.Before != "":
		v.Echo(now.page.Before)
	case now.page.Input != before.page.Input:
		v.Add(now.page.Input)
	case isKey && now.page.Input != "" && (now.page.At != before.page.At || now.page.Before != before.page.Before):
		v.Add(linear.Moved(now.page))
	}
	if now.page.Selected != before.page.Selected {
		v.Add(now.page.Selected)
		return
	}
	if !m.overlays.empty() || now.page.Selected == "" {
		v.Add(linear.News(before.page, now.page)...)
	}
}

// capturesKeys reports whether a text input has the focus.
func (m *Model) capturesKeys() bool {
	if o, ok := m.overlays.top(); ok {
		return o.CapturesKeys()
	}
	return m.panes[m.focus].CapturesKeys()
}

// announceNotice says a notice in place of a toast.
func (m *Model) announceNotice(text model.Visible) {
	m.announcer.transcript.Add("notice: " + text.String())
}

// linearView returns what the last Update says. It uses no feature of the terminal.
func (m *Model) linearView() tea.View { return tea.NewView(m.announcer.text) }
