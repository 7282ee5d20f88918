package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"testing"
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
