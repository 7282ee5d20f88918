package main

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"
)

var (
	night = color.RGBA{0x10, 0x12, 0x16, 0xff}
	chalk = color.RGBA{0xf0, 0xf0, 0xf0, 0xff}
)

func paintText(t *testing.T, content string) (*painter, *image.RGBA, []rune) {
	t.Helper()
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	img, missing := p.paint(frame{content: content, bg: night, fg: chalk})
	return p, img, missing
}

// inked reports whether any pixel of a rectangle differs from the background.
func inked(img *image.RGBA, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if img.RGBAAt(x, y) != night {
				return true
			}
		}
	}
	return false
}

func TestFramesJoin(t *testing.T) {
	for _, box := range []string{"╭──╮\n│  │\n╰──╯", "┌┬─┐\n├┼─┤\n└┴─┘", "┏━━┓\n┃  ┃\n┗━━┛", "╔══╗\n║  ║\n╚══╝",
		"▄▄▄▄\n█▌▐█\n▀▀▀▀"} {
		p, img, missing := paintText(t, box)
		if len(missing) > 0 {
			t.Errorf("%s\nno glyph for %q", box, missing)
		}
		left := image.Rect(padding, padding+p.cell.Y/2+1, padding+p.cell.X, padding+p.cell.Y/2+2*p.cell.Y)
		for y := left.Min.Y; y < left.Max.Y-p.cell.Y/4; y++ {
			if !inked(img, image.Rect(left.Min.X, y, left.Max.X, y+1)) {
				t.Errorf("%s\nthe left side has a hole %d pixels down", box, y-padding)
				break
			}
		}
		for x := padding + p.cell.X/2 + 1; x < padding+3*p.cell.X+p.cell.X/2; x++ {
			if !inked(img, image.Rect(x, padding, x+1, padding+p.cell.Y)) {
				t.Errorf("%s\nthe top has a hole %d pixels in", box, x-padding)
				break
			}
		}
	}
}

func TestStylesChangeThePicture(t *testing.T) {
	_, base, _ := paintText(t, "word")
	for _, styled := range []string{"\x1b[1mword\x1b[m", "\x1b[2mword\x1b[m", "\x1b[4mword\x1b[m", "\x1b[7mword\x1b[m",
		"\x1b[9mword\x1b[m", "\x1b[38;2;9;99;199mword\x1b[m", "\x1b[48;2;9;99;199mword\x1b[m"} {
		if _, img, _ := paintText(t, styled); bytes.Equal(img.Pix, base.Pix) {
			t.Errorf("%q looks like plain text", styled)
		}
	}
}

func TestRunesWithoutAGlyphAreReported(t *testing.T) {
	_, _, missing := paintText(t, "é e\u0301 ≠ → … 漢漢 ⠋ 🙂")
	if string(missing) != "漢🙂" {
		t.Errorf("named %q", string(missing))
	}
}

func TestTheCursorIsDrawn(t *testing.T) {
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	img, _ := p.paint(frame{content: "ab", cursor: &image.Point{X: 1}, bg: night, fg: chalk})
	if got := img.RGBAAt(padding+p.cell.X, padding); got != chalk {
		t.Errorf("the cursor's cell is %v", got)
	}
}

func TestPaintingIsDeterministic(t *testing.T) {
	var files [2][]byte
	for i := range files {
		_, img, _ := paintText(t, strings.Repeat("\x1b[1mdossier\x1b[m ╭─╮ 0123456789\n", 10))
		var err error
		if files[i], err = encode(img); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two paintings of one frame differ")
	}
}
