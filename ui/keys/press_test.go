package keys_test

import (
	"testing"

	"dossier/ui/keys"
)

// The press of every bound key has the key's name.
func TestThePressOfAKeyHasItsName(t *testing.T) {
	names := []string{"f1", "f12", "alt+e", "ctrl+alt+shift+up", "super+k", "+", "ctrl++", "Ä", "shift+up"}
	for _, e := range keys.Default() {
		names = append(names, e.Binding.Keys()...)
	}
	for _, name := range names {
		if got := keys.Press(name).String(); got != name {
			t.Errorf("the press of %q is %q", name, got)
		}
	}
}
