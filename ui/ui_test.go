package ui_test

import (
	"testing"

	"dossier/ui/uitest"
)

func start(t testing.TB, w *uitest.World, o uitest.Options) *uitest.Driver {
	t.Helper()
	d := uitest.Start(t, w, o)
	t.Cleanup(d.Close)
	return d
}
