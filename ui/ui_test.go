package ui_test

import (
	"image"
	"testing"
	"time"

	"dossier/ui/uitest"
)

func start(t *testing.T, w *uitest.World, o uitest.Options) *uitest.Driver {
	t.Helper()
	d := uitest.Start(t, w, o)
	t.Cleanup(d.Close)
	return d
}

func TestTry(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, uitest.Options{Size: image.Pt(140, 40)})
	t.Logf("\n%s", d.Frame())
	p.Change("favoriteColor", "purple")
	d.Wait(2 * time.Second)
	d.Resize(80, 24).Press("down", "down", "down")
	t.Logf("\n%s", d.Frame())
	d.Resize(120, 30).Press("c")
	t.Logf("\n%s", d.Frame())
	d.Press("esc", "r")
	t.Logf("\n%s", d.Frame())
	d.Resize(60, 18)
	t.Logf("\n%s", d.Frame())
	d.Resize(40, 12)
	t.Logf("\n%s", d.Frame())
}
