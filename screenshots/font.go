package main

import (
	_ "embed" // the font files
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const (
	fontSize   = 20 // pixels per em; a cell is 12 pixels wide
	blendSteps = 11 // steps from background to foreground: few enough for small files
)

var (
	//go:embed font/JetBrainsMono-Regular.ttf
	regularTTF []byte
	//go:embed font/JetBrainsMono-Bold.ttf
	boldTTF []byte
)

// typeface draws glyphs of one weight into cells.
type typeface struct {
	outlines *sfnt.Font
	face     font.Face
	glyphs   map[rune]*image.Alpha // coverage of a cell wide enough for the glyph; nil if the font has none
}

func newTypeface(ttf []byte) (*typeface, error) {
	outlines, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("parse the font: %w", err)
	}
	face, err := opentype.NewFace(outlines, &opentype.FaceOptions{Size: fontSize, DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("scale the font: %w", err)
	}
	return &typeface{outlines: outlines, face: face, glyphs: map[rune]*image.Alpha{}}, nil
}

// cell returns the size of one cell and the distance from its top to the baseline.
func (t *typeface) cell() (size image.Point, baseline int) {
	advance, _ := t.face.GlyphAdvance('M')
	m := t.face.Metrics()
	return image.Pt(advance.Round(), m.Ascent.Ceil()+m.Descent.Ceil()), m.Ascent.Ceil()
}

// glyph returns the coverage of a rune over its cell; nil if the font has no glyph.
func (t *typeface) glyph(r rune) *image.Alpha {
	if mask, known := t.glyphs[r]; known {
		return mask
	}
	var buf sfnt.Buffer
	if i, err := t.outlines.GlyphIndex(&buf, r); err != nil || i == 0 {
		t.glyphs[r] = nil
		return nil
	}
	size, baseline := t.cell()
	mask := image.NewAlpha(image.Rect(0, 0, 2*size.X, size.Y))
	at, glyph, from, _, ok := t.face.Glyph(fixed.P(0, baseline), r)
	if ok {
		draw.Draw(mask, at, glyph, from, draw.Src)
	}
	t.glyphs[r] = mask
	return mask
}

// blend returns a colour between background and foreground, in a few even steps.
func blend(bg, fg color.RGBA, coverage uint8) color.RGBA {
	step := (int(coverage)*blendSteps + 127) / 255
	mix := func(a, b uint8) uint8 {
		return uint8((int(a)*(blendSteps-step) + int(b)*step + blendSteps/2) / blendSteps)
	}
	return color.RGBA{R: mix(bg.R, fg.R), G: mix(bg.G, fg.G), B: mix(bg.B, fg.B), A: 255}
}
