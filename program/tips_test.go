package program

import (
	"testing"

	"dossier/ui/cli"
)

// A command before the first screen creates the state directory; the tips are shown all the same, each once.
func TestTipsAfterACommand(t *testing.T) {
	r := &runner{}
	r.StateDir = t.TempDir()
	shown, save := r.tips(cli.Options{})
	if save == nil || len(shown) > 0 {
		t.Fatalf("no tips: %v", shown)
	}
	if err := save("edit"); err != nil {
		t.Fatal(err)
	}
	if shown, _ := r.tips(cli.Options{}); len(shown) != 1 {
		t.Errorf("shown: %v", shown)
	}
}
