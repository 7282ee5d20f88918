package ui_test

import (
	"image"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

var screen = uitest.Options{Size: image.Pt(120, 40)}

// BenchmarkViewUnchanged measures a frame without a change.
func BenchmarkViewUnchanged(b *testing.B) {
	backend, _ := uitest.Demo()
	d := start(b, backend, screen)
	for b.Loop() {
		_ = d.Model.View()
	}
}

// BenchmarkTick measures a tick: the session pane and the header are drawn.
func BenchmarkTick(b *testing.B) {
	backend, _ := uitest.Demo()
	d := start(b, backend, screen)
	for b.Loop() {
		backend.Advance(time.Second)
		d.Model.Update(nil)
	}
}

// BenchmarkKeyToFrame measures two key presses, each up to its frame.
func BenchmarkKeyToFrame(b *testing.B) {
	backend, _ := uitest.Demo()
	d := start(b, backend, screen)
	down, up := uitest.Key("down"), uitest.Key("up")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// BenchmarkKeyToFrameDialog measures the same with a dialog over the panes.
func BenchmarkKeyToFrameDialog(b *testing.B) {
	backend, _ := uitest.Demo()
	d := start(b, backend, screen)
	d.Press("?")
	down, up := uitest.Key("down"), uitest.Key("up")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// A key draws what it changed, and an idle frame nothing.
func TestAllocationsOfAKey(t *testing.T) {
	down, up := uitest.Key("down"), uitest.Key("up")
	for name, c := range map[string]struct {
		open   []string // keys pressed before
		budget float64  // of two keys
	}{
		"document": {nil, 450}, "dialog": {[]string{"?"}, 500}, "editor": {[]string{"E"}, 2600},
	} {
		backend, _ := uitest.Demo()
		d := start(t, backend, screen)
		d.Press(c.open...)
		press := func() {
			d.Model.Update(down)
			d.Model.Update(up)
		}
		if n := testing.AllocsPerRun(100, press); n > c.budget {
			t.Errorf("%s: two keys allocate %v times, the budget is %v", name, n, c.budget)
		}
		if n := testing.AllocsPerRun(100, func() { d.Model.View() }); n > 8 {
			t.Errorf("%s: a view allocates %v times", name, n)
		}
	}
}

// BenchmarkHundredThousandFields measures paging through an unfolded document of 100,000 fields.
func BenchmarkHundredThousandFields(b *testing.B) {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.LargeDocument(100_000))
	d := start(b, backend, screen)
	d.Press("+", "end")
	down, up := uitest.Key("pgup"), uitest.Key("pgdown")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// BenchmarkFirstFrame measures opening the screen with a small document.
func BenchmarkFirstFrame(b *testing.B) {
	backend, _ := uitest.Demo()
	for b.Loop() {
		start(b, backend, screen)
	}
}

// BenchmarkFirstFrameSixteenMegabytes measures opening the screen with the largest document possible.
func BenchmarkFirstFrameSixteenMegabytes(b *testing.B) {
	backend, user := uitest.Demo()
	big := make([]byte, 15<<10)
	for i := range big {
		big[i] = 'x'
	}
	var doc bson.D
	for range 1000 {
		doc = append(doc, bson.E{Key: "k" + bson.NewObjectID().Hex(), Value: string(big)})
	}
	user.SetDocument(uitest.Document(doc))
	for b.Loop() {
		start(b, backend, screen)
	}
}
