package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
)

// tips are short sentences of the first run: each is shown once ever, when it is useful.
type tips struct {
	shown   []string    // the names of those that were shown, in this run or an earlier one
	current keys.Action // its use ends the tip that is shown now; empty: none is
	pressed int         // keys
}

// tipMoment is a tip and when it is useful. Keys in its text are written as keys.Map.Expand reads them.
type tipMoment struct {
	name, text string
	action     keys.Action // ends the tip
	now        func(*Model) bool
	stale      bool // the text follows the mark of outdated fields
}

// pressesBeforePalette is the number of keys after which the palette is useful.
const pressesBeforePalette = 12

// tipMoments returns the tips, the first one that is useful is shown first.
func tipMoments() []tipMoment {
	return []tipMoment{
		{name: "edit", text: "arrows move, {document.edit} edits the selected field", action: keys.EditField,
			now: func(m *Model) bool { return m.document.Selected() != nil }},
		{name: "compare", text: "marks outdated fields: {everywhere.compare} compares them with the database",
			action: keys.CompareTokens, stale: true, now: func(m *Model) bool { return len(m.state.Outdated) > 0 }},
		{name: "save", text: "{document.review-draft} shows what the draft changes, and saves it",
			action: keys.ReviewDraft,
			now:    func(m *Model) bool { return m.state.Draft != nil && m.toasts.Next().IsZero() }},
		{name: "palette", text: "{everywhere.command-palette} finds every action, theme, account and field",
			action: keys.OpenPalette,
			now: func(m *Model) bool {
				return m.tips.pressed >= pressesBeforePalette || m.tips.current == "" && len(m.tips.shown) > 0
			}},
	}
}

// showTip shows the next tip whose moment has come, in place of the one before, and stores that it was shown. While a
// dialog is open, and in the demo, which has its story, none is shown.
func (m *Model) showTip() tea.Cmd {
	save := m.cfg.SaveTip
	if save == nil || m.story != nil || len(m.tips.shown) >= len(tipMoments()) || !m.overlays.empty() || m.size.X == 0 {
		return nil
	}
	for _, h := range tipMoments() {
		if slices.Contains(m.tips.shown, h.name) || !h.now(m) {
			continue
		}
		m.tips.shown = append(slices.Clone(m.tips.shown), h.name)
		m.tips.current = h.action
		text := model.Show(m.cfg.Keys.Expand(h.text))
		if h.stale {
			text = model.Concat(model.Show(m.styles.Glyphs.Stale+" "), text)
		}
		if m.cfg.ScreenReader {
			m.announcer.transcript.Add("tip: " + text.String())
		} else {
			m.toasts.SetTip(text)
		}
		return func() tea.Msg {
			if err := save(h.name); err != nil {
				return nav.ShowFault{Fault: model.AsFault("store that a tip was shown", err)}
			}
			return nil
		}
	}
	return nil
}

// endTip removes the tip about an action that the user has found; Esc removes any.
func (m *Model) endTip(used keys.Action) {
	if m.tips.current != "" && (used == m.tips.current || used == keys.Cancel) {
		m.tips.current = ""
		m.toasts.SetTip(model.Visible{})
	}
}
