package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// encode returns an image as PNG, with a palette for up to 256 colours.
func encode(img *image.RGBA) ([]byte, error) {
	var picture image.Image = img
	if few := paletted(img); few != nil {
		picture = few
	}
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&buf, picture); err != nil {
		return nil, fmt.Errorf("encode a picture: %w", err)
	}
	return buf.Bytes(), nil
}

// paletted returns the image with a palette in order of appearance; nil for more than 256 colours.
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
