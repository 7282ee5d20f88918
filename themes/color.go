package themes

import (
	"encoding/hex"
	"math"
)

// Color is a colour as "#rrggbb".
type Color string

func (c Color) rgb() (r, g, b uint8, ok bool) {
	if len(c) != 7 || c[0] != '#' {
		return 0, 0, 0, false
	}
	parts, err := hex.DecodeString(string(c[1:]))
	if err != nil {
		return 0, 0, 0, false
	}
	return parts[0], parts[1], parts[2], true
}

// Contrast returns the contrast ratio of two colours by WCAG 2, 1 to 21; 0 if one is not a colour.
func Contrast(a, b Color) float64 {
	l, aOK := a.luminance()
	m, bOK := b.luminance()
	if !aOK || !bOK {
		return 0
	}
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

// luminance returns the relative luminance of WCAG 2, 0 for black and 1 for white.
func (c Color) luminance() (float64, bool) {
	r, g, b, ok := c.rgb()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b), ok
}

// linear decodes the gamma of an sRGB channel.
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
