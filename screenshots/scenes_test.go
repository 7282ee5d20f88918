package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"testing"
	"time"
)

func TestScenesMatchTheCommittedPictures(t *testing.T) {
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			f, err := s.frame()
			if err != nil {
				t.Fatal(err)
			}
			now, missing := p.paint(f)
			if len(missing) > 0 {
				t.Errorf("no glyph for %q", string(missing))
			}
			if was := committed(t, s.file(".")); !was.Rect.Eq(now.Rect) || !bytes.Equal(was.Pix, now.Pix) {
				t.Error("the committed picture differs: check the change, then run go run ./screenshots")
			}
		})
	}
}

func TestTheAnimationMatchesTheCommittedOne(t *testing.T) {
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	all, err := shots()
	if err != nil {
		t.Fatal(err)
	}
	now, err := p.animate(all)
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(animationFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(was) > 1_000_000 {
		t.Errorf("%s has %d bytes: too large for a README", animationFile, len(was))
	}
	if !bytes.Equal(was, now) {
		t.Error("the committed animation differs: check the change, then run go run ./screenshots")
	}
}

// TestAnAnimationIsWhatItsFramesAre plays the file: each picture laid over the ones before is the painted frame.
func TestAnAnimationIsWhatItsFramesAre(t *testing.T) {
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	all := []shot{{frame{content: "one two\n\x1b[31mred\x1b[m  ", bg: night, fg: chalk}, time.Second},
		{frame{content: "one   o\nred 漢", cursor: &image.Point{X: 1}, bg: night, fg: chalk}, 200 * time.Millisecond},
		{frame{content: "one   o\nred 漢", bg: night, fg: chalk}, time.Second}}
	content, err := p.animate(all)
	if err != nil {
		t.Fatal(err)
	}
	played, err := gif.DecodeAll(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	shown := image.NewRGBA(image.Rect(0, 0, played.Config.Width, played.Config.Height))
	for i, s := range all {
		draw.Draw(shown, played.Image[i].Rect, played.Image[i], played.Image[i].Rect.Min, draw.Over)
		if want, _ := p.paint(s.frame); !bytes.Equal(shown.Pix, want.Pix) {
			t.Errorf("frame %d differs from what is painted", i)
		}
		if played.Delay[i] != int(s.shown.Milliseconds()/10) {
			t.Errorf("frame %d is shown for %d hundredths of a second", i, played.Delay[i])
		}
	}
}

func committed(t *testing.T, file string) *image.RGBA {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 200_000 {
		t.Errorf("%s has %d bytes: too large for a README", file, len(data))
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(decoded.Bounds())
	draw.Draw(img, img.Rect, decoded, image.Point{}, draw.Src)
	return img
}
