package ui

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/overlay"
	"dossier/ui/pane"
)

// scopes is where a key is looked up now, innermost first.
func (m *Model) scopes() []keys.Scope {
	if o, ok := m.top(); ok {
		return []keys.Scope{o.Scope(), keys.Dialog}
	}
	p := m.panes[m.focus]
	if p.CapturesKeys() {
		return []keys.Scope{p.Scope()}
	}
	return []keys.Scope{p.Scope(), keys.Everywhere}
}

// press routes a key: ctrl+c, the overlay on top, a text field, the table of keys.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	m.presses++
	if k.String() == "ctrl+c" {
		return m.interrupt()
	}
	if m.layout.TooSmall {
		if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); a == keys.Quit && len(m.stack) == 0 {
			return m.leave()
		}
		return nil
	}
	if o, ok := m.top(); ok {
		return m.pressed(o, k)
	}
	p := m.panes[m.focus]
	m.drawn[m.focus].old = true
	if p.CapturesKeys() {
		return p.Update(k)
	}
	a, ok := m.cfg.Keys.Resolve(k, p.Scope())
	if ok {
		return m.act(a)
	}
	if a, ok = m.cfg.Keys.Resolve(k, keys.Everywhere); ok {
		return m.act(a)
	}
	return nil
}

// pressed hands a key to the overlay on top.
func (m *Model) pressed(o pane.Overlay, k tea.KeyPressMsg) tea.Cmd {
	if o.CapturesKeys() {
		return tea.Batch(o.Update(k), m.fit())
	}
	if a, ok := m.cfg.Keys.Resolve(k, o.Scope(), keys.Dialog); ok {
		return tea.Batch(o.Handle(a), m.fit())
	}
	if a, _ := m.cfg.Keys.Resolve(k, keys.Everywhere); a == keys.ShowHelp {
		return m.help()
	}
	return nil
}

// interrupt is ctrl+c: it quits; pressed again while the question stands, it quits at once.
func (m *Model) interrupt() tea.Cmd {
	if o, ok := m.top(); ok {
		if c, is := o.(*overlay.Confirm); is && c.Title().String() == "quit" {
			return tea.Quit
		}
	}
	return m.leave()
}

// paste goes where a key would go.
func (m *Model) paste(p tea.PasteMsg) tea.Cmd {
	if o, ok := m.top(); ok {
		return tea.Batch(o.Update(p), m.fit())
	}
	m.drawn[m.focus].old = true
	return m.panes[m.focus].Update(p)
}

// act carries an action out where it belongs, or says why that is not possible now.
func (m *Model) act(a keys.Action) tea.Cmd {
	if why := m.why(a); why != "" {
		m.toasts.Add(model.Show(why), overlay.Plain, m.now)
		return nil
	}
	switch a {
	case keys.Quit:
		return m.leave()
	case keys.ShowHelp:
		return m.help()
	case keys.OpenPalette:
		return m.open(overlay.NewPalette(m.cfg.Keys, m.styles, m.commands()))
	case keys.NextPane:
		return m.focusOn((m.focus + 1) % layout.RegionCount)
	case keys.PreviousPane:
		return m.focusOn((m.focus + layout.RegionCount - 1) % layout.RegionCount)
	case keys.Refresh:
		return m.refresh(asked)
	case keys.CompareTokens:
		return m.compare()
	case keys.Mask:
		return m.mask()
	case keys.OpenAccounts, keys.OpenThemes, keys.CallFunction, keys.Undo, keys.EmptyOrDelete, keys.LinkIdentity:
		return m.dialog(a)
	default:
		m.drawn[m.focus].old = true
		return m.panes[m.focus].Handle(a)
	}
}

// chosen carries out what was chosen in the palette: an action of a pane goes to that pane.
func (m *Model) chosen(e keys.Entry) tea.Cmd {
	for r, p := range m.panes {
		if p.Scope() == e.Scope && layout.Region(r) != m.focus {
			return tea.Batch(m.focusOn(layout.Region(r)), m.act(e.Action))
		}
	}
	return m.act(e.Action)
}

// focusOn moves the focus to a pane, which in tabs is the one shown.
func (m *Model) focusOn(r layout.Region) tea.Cmd {
	if r == m.focus {
		return nil
	}
	before := m.focus
	m.focus = r
	m.drawn[before].old, m.drawn[r].old = true, true
	return tea.Batch(m.panes[before].Update(pane.Focused{On: false}), m.panes[r].Update(pane.Focused{On: true}), m.arrange())
}

func (m *Model) help() tea.Cmd {
	if o, ok := m.top(); ok {
		return m.open(overlay.NewHelp(m.cfg.Keys, m.styles, o.Scope(), keys.Dialog))
	}
	return m.open(overlay.NewHelp(m.cfg.Keys, m.styles, m.panes[m.focus].Scope(), keys.Everywhere))
}

// commands is what the palette offers: every action of the panes and of everywhere, once, with the reason where it is not available.
func (m *Model) commands() []overlay.Command {
	var found []overlay.Command
	seen := map[keys.Action]bool{keys.OpenPalette: true}
	for _, e := range m.cfg.Keys.StartingWith(m.panes[m.focus].Scope(), keys.Everywhere) {
		if seen[e.Action] || !offered(e) {
			continue
		}
		seen[e.Action] = true
		found = append(found, overlay.Command{Entry: e, Unavailable: m.why(e.Action)})
	}
	return found
}

// offered reports whether an entry is a command worth a line in the palette: moving is not.
func offered(e keys.Entry) bool {
	switch e.Action {
	case keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Top, keys.Bottom, keys.Cancel, keys.Accept:
		return false
	}
	switch e.Scope {
	case keys.Everywhere, keys.Document, keys.Session, keys.Activity, keys.Account, keys.Identities:
		return true
	}
	return false
}

// why says why an action is not available now; empty: it is.
func (m *Model) why(a keys.Action) string {
	switch a {
	case keys.Refresh, keys.CompareTokens, keys.CallFunction, keys.EditField, keys.AddField, keys.RemoveField, keys.EditDocument, keys.EmptyOrDelete, keys.Undo, keys.LinkIdentity:
		if m.who == nil {
			return "nobody is signed in: s opens the accounts"
		}
	}
	switch a {
	case keys.CompareTokens, keys.EditField, keys.AddField, keys.RemoveField, keys.EditDocument, keys.EmptyOrDelete:
		if !m.state.App().CustomData.Complete() {
			return "where the custom data lives is not known: give --database, --collection and --user-id-field, or an application directory"
		}
	}
	switch a {
	case keys.EditField, keys.RemoveField, keys.ViewValue, keys.CopyPath:
		if m.document.Selected() == nil {
			return "there is no field to do that with"
		}
	case keys.Undo:
		if m.undo == nil {
			return "nothing was saved here yet"
		}
	case keys.FindNext, keys.FindPrevious:
		if !m.document.HasMatches() {
			return "nothing was searched for: / finds"
		}
	}
	return ""
}
