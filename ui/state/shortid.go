package state

import "dossier/model"

// The parts of an id that are left when it is shortened, in bytes.
const (
	idHead = 6
	idTail = 5
)

// ShortID returns an id shortened in its middle, such as "5f1f21…9da95", or its alias while personal data is masked. An
// id that is short or not plain ASCII stays whole.
func (s *State) ShortID(id string) model.Visible {
	shown := s.ID(id)
	if s.Masked || len(id) <= idHead+idTail+1 || shown.Width() != len(id) {
		return shown
	}
	for i := range len(id) {
		if id[i] < ' ' || id[i] > '~' {
			return shown
		}
	}
	return model.Show(id[:idHead] + "…" + id[len(id)-idTail:])
}
