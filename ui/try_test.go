package ui_test

import (
	"image"
	"os"
	"testing"
	"time"

	"dossier/ui/uitest"
)

func dump(t *testing.T, d *uitest.Driver, name string) {
	t.Logf("%s\n%s", name, d.Frame())
	_ = os.MkdirAll("/tmp/frames", 0o755)
	_ = os.WriteFile("/tmp/frames/"+name+".ansi", []byte(d.ANSI()), 0o644)
}

func TestTryEdit(t *testing.T) {
	w, p := uitest.Demo()
	d := start(t, w, uitest.Options{Size: image.Pt(120, 36)})
	d.Press("down", "down", "down", "e")
	dump(t, d, "edit")
	d.Press("ctrl+u").Type("purple")
	dump(t, d, "edit2")
	d.Press("enter")
	dump(t, d, "review")
	d.Press("enter")
	dump(t, d, "saved")
	d.Press("U")
	dump(t, d, "undo")
	d.Press("esc", "s")
	dump(t, d, "accounts")
	d.Press("esc", "?")
	dump(t, d, "help")
	d.Press("/").Type("copy")
	dump(t, d, "help2")
	d.Press("esc", "esc", "ctrl+k")
	dump(t, d, "palette")
	d.Type("masc").Press("backspace").Type("k").Press("enter")
	dump(t, d, "masked")
	d.Press("m", "/").Type("an")
	dump(t, d, "find")
	d.Press("enter", "n", "t", "down")
	dump(t, d, "themes")
	d.Press("esc", "f")
	dump(t, d, "functions")
	d.Press("esc")
	w.Fail(uitest.Dead)
	d.Press("r").Wait(3 * time.Second)
	dump(t, d, "dead")
	w.Fail(uitest.None)
	d.Wait(8 * time.Second)
	dump(t, d, "alive")
	d.Wait(31 * time.Minute)
	dump(t, d, "due")
	p.Change("language", "fr")
	d.Press("c")
	dump(t, d, "duecompare")
	d.Press("esc")
	p.End()
	d.Press("r").Wait(time.Second)
	dump(t, d, "signedout")
	d.Press("esc", "D")
	dump(t, d, "drop")
}
