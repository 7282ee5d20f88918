package currentuser

import (
	"dossier/model"
	"dossier/ui/state"
)

// ToggleMask hides or shows personal data.
func (m *Machine) ToggleMask() Effects {
	m.change(func(s *state.State) { s.Masked, s.Revealed = !s.Masked, nil })
	m.state.ReserveAlias(m.state.Account.UserID) // the current user has the first alias
	text := "personal data is shown"
	if m.state.Masked {
		text = "personal data is masked"
	}
	m.notify(Notice{Text: state.Public(text), Toast: Plain})
	return m.effects()
}

// Reveal shows one field although personal data is masked, until another one is selected, or masks it again. The
// activity keeps the name, not the value.
func (m *Machine) Reveal(field model.Path) Effects {
	if m.state.Revealed.Equal(field) {
		return m.Select(nil)
	}
	m.notify(Notice{Text: state.Public("revealed " + field.String()), Entry: Warn})
	m.change(func(s *state.State) { s.Revealed = field })
	return m.effects()
}

// Select takes the selected field of the document, nil if there is none: a revealed field that is not selected any more
// is masked.
func (m *Machine) Select(field model.Path) Effects {
	if m.state.Revealed != nil && !m.state.Revealed.Equal(field) {
		m.change(func(s *state.State) { s.Revealed = nil })
	}
	return m.effects()
}
