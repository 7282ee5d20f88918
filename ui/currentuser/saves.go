package currentuser

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
)

// addSave takes a save, or the undo or redo of one, and stores it.
func (m *Machine) addSave(s nav.Saved) {
	saved := model.SavedChange{At: m.now.Truncate(time.Millisecond), Draft: s.Draft.Compact()}
	if len(m.saves) > 0 && !saved.At.After(m.saves[0].At) {
		saved.At = m.saves[0].At.Add(time.Millisecond)
	}
	for _, known := range m.saves {
		if !s.Of.IsZero() && known.At.Equal(s.Of) {
			saved = known
			if s.IsUndo {
				saved.Undone = s.Draft.Compact()
			} else {
				saved.Draft, saved.Undone = s.Draft.Compact(), nil
			}
		}
	}
	m.saves = model.NewestSaves(model.WithSave(m.saves, saved))
	if m.cfg.Saves == nil || m.user == nil {
		return
	}
	store, account := m.cfg.Saves, m.user.Account().ID
	write := m.saveWrites.Add(func() error { return store.AddSave(account, saved) })
	m.run(func() tea.Msg {
		if err := write(); err != nil {
			return saveNotStored{model.AsFault("store the save for a later undo", err)}
		}
		return nil
	})
}

// saveNotStored reports that a save cannot be undone by a later run.
type saveNotStored struct{ fault *model.Fault }

func (s saveNotStored) apply(m *Machine) { m.notify(FaultNotice(s.fault)) }

// savesFound reports the saves of earlier runs.
type savesFound struct {
	account string
	saves   []model.SavedChange
}

// findSaves reads the saves of earlier runs. Without them only those of this run can be undone.
func (m *Machine) findSaves() {
	if m.cfg.Saves == nil {
		return
	}
	store, account := m.cfg.Saves, m.user.Account().ID
	m.run(func() tea.Msg {
		saves, err := store.Saves(account)
		if err != nil || len(saves) == 0 {
			return nil
		}
		return savesFound{account, saves}
	})
}

func (s savesFound) apply(m *Machine) {
	if m.user == nil || m.user.Account().ID != s.account {
		return
	}
	all := s.saves
	for _, own := range m.saves {
		all = model.WithSave(all, own)
	}
	m.saves = model.NewestSaves(all)
}
