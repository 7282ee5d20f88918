package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/story"
)

// written reports the end of a write of the simulated app.
type written struct{ err error }

// narrate hands the screen to the story and carries out what it does.
func (m *Model) narrate(now time.Time) tea.Cmd {
	if m.story == nil {
		return nil
	}
	scene := story.Scene{Now: now, State: m.state, Busy: m.busy()}
	if o, ok := m.overlays.top(); ok {
		scene.Dialog = o.Scope()
	}
	e := m.story.Advance(scene)
	var cmds []tea.Cmd
	if e.Call {
		cmds = append(cmds, m.apply(m.user.Call()))
	}
	if e.Write != nil {
		ctx, app, userID := m.cfg.Ctx, m.cfg.App, m.state.Account.UserID
		cmds = append(cmds, func() tea.Msg {
			ctx, cancel := context.WithTimeout(ctx, request.DefaultTimeout)
			defer cancel()
			return written{app.WriteAsApp(ctx, userID, e.Write)}
		})
	}
	if e.Select != nil {
		cmds = append(cmds, m.focusOn(layout.Document))
		m.document.Select(e.Select)
		m.frames[layout.Document].dirty = true
	}
	return tea.Batch(cmds...)
}

// busy reports whether a dialog is open or a text is typed.
func (m *Model) busy() bool { return !m.overlays.empty() || m.panes[m.focus].CapturesKeys() }

// written takes the end of a write of the simulated app.
func (m *Model) written(w written, now time.Time) tea.Cmd {
	m.story.Written(w.err, now)
	return m.apply(m.user.Fault(model.AsFault("write as the simulated app", w.err)))
}

// Prompt returns the scope of the dialog or the input that waits for the user, and the keys that a script of the story
// presses in it; "": none does.
func (m *Model) Prompt() (keys.Scope, []string) {
	if m.story == nil || !m.busy() {
		return "", nil
	}
	scope := m.scopes()[0]
	return scope, m.story.Answer(scope)
}

// noteForStory hands the story the action that the user chose in a pane; "" is a click or a key without one.
func (m *Model) noteForStory(a keys.Action) {
	if m.story != nil {
		m.story.Pressed(a, m.now)
	}
}

// nextNarration returns the time of the next step of the story; zero: the next step waits for the user.
func (m *Model) nextNarration() time.Time {
	if m.story == nil {
		return time.Time{}
	}
	return m.story.Next()
}

// narrationRows returns the number of lines that the narration needs above the footer.
func (m *Model) narrationRows() int {
	if m.story == nil || m.size.Y <= layout.MinHeight {
		return 0
	}
	return 1
}

// narration draws the line of the story, after a line break; "" without one. The key to press stays visible when the
// rest does not fit.
func (m *Model) narration() string {
	if m.narrationRows() == 0 {
		return ""
	}
	s := m.styles
	before, key, after := m.story.Line(m.state)
	space := m.size.X - margin - 1
	start := before.Clip(max(0, space-key.Width()))
	end := after.Clip(max(0, space-start.Width()-key.Width()))
	line := spaces(margin) + s.Info.Render(start.String()) + s.Key.Render(key.String()) + s.Info.Render(end.String())
	return "\n" + pane.Fit(line, m.size.X)
}
