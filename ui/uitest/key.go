package uitest

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/keys"
)

// Key returns the key press with this name, as Bubble Tea writes it: "e", "E", "enter", "ctrl+k", "shift+tab".
func Key(name string) tea.KeyPressMsg { return keys.Press(name) }
