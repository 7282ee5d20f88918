package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// encode writes a PNG, with a table of colours where they are few enough.
func encode(img *image.RGBA) ([]byte, error) {
	var picture image.Image = img
	if few := paletted(img); few != nil {
		picture = few
	}
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&buf, picture); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return buf.Bytes(), nil
}

// paletted is the picture with a table of its colours in the order they first appear; nil when there are more than 256.
func paletted(img *image.RGBA) *image.Paletted {
	index := map[color.RGBA]uint8{}
	few := image.NewPaletted(img.Bounds(), nil)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := img.RGBAAt(x, y)
			i, known := index[c]
			if !known {
				if len(few.Palette) == 256 {
					return nil
				}
				i = uint8(len(few.Palette))
				index[c] = i
				few.Palette = append(few.Palette, c)
			}
			few.SetColorIndex(x, y, i)
		}
	}
	return few
}
