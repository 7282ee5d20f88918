package ui_test

import (
	"image"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/state"
	"dossier/ui/uitest"
)

var screen = uitest.Options{Size: image.Pt(120, 40)}

// BenchmarkViewUnchanged is what a frame costs when nothing has changed.
func BenchmarkViewUnchanged(b *testing.B) {
	w, _ := uitest.Demo()
	d := start(b, w, screen)
	for b.Loop() {
		_ = d.Model.View()
	}
}

// BenchmarkTick is a second passing: the session and the header are drawn anew.
func BenchmarkTick(b *testing.B) {
	w, _ := uitest.Demo()
	d := start(b, w, screen)
	for b.Loop() {
		d.Model.Update(state.Tick{Now: w.Now()})
	}
}

// BenchmarkKeyToFrame is a key press up to the finished frame.
func BenchmarkKeyToFrame(b *testing.B) {
	w, _ := uitest.Demo()
	d := start(b, w, screen)
	down, up := uitest.Key("down"), uitest.Key("up")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// BenchmarkKeyToFrameDialog is the same with a dialog over the panes.
func BenchmarkKeyToFrameDialog(b *testing.B) {
	w, _ := uitest.Demo()
	d := start(b, w, screen)
	d.Press("?")
	down, up := uitest.Key("down"), uitest.Key("up")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// BenchmarkHundredThousandFields moves through an opened document of 100,000 fields.
func BenchmarkHundredThousandFields(b *testing.B) {
	w, p := uitest.Demo()
	p.SetDocument(uitest.LargeDocument(100_000))
	d := start(b, w, screen)
	d.Press("+", "end")
	down, up := uitest.Key("pgup"), uitest.Key("pgdown")
	for b.Loop() {
		d.Model.Update(down)
		d.Model.Update(up)
	}
}

// BenchmarkFirstFrame opens the screen on a small document.
func BenchmarkFirstFrame(b *testing.B) {
	w, _ := uitest.Demo()
	for b.Loop() {
		start(b, w, screen)
	}
}

// BenchmarkFirstFrameSixteenMegabytes opens the screen on the largest document there can be.
func BenchmarkFirstFrameSixteenMegabytes(b *testing.B) {
	w, p := uitest.Demo()
	big := make([]byte, 15<<10)
	for i := range big {
		big[i] = 'x'
	}
	var doc bson.D
	for range 1000 {
		doc = append(doc, bson.E{Key: "k" + bson.NewObjectID().Hex(), Value: string(big)})
	}
	p.SetDocument(uitest.Document(doc))
	for b.Loop() {
		start(b, w, screen)
	}
}
