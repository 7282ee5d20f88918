package themes_test

import (
	"fmt"
	"math"
	"testing"

	"dossier/themes"
)

// seen returns a colour in Oklab as a kind of colour vision perceives it.
func perceived(t *testing.T, c themes.Color, vision [3][3]float64) [3]float64 {
	t.Helper()
	var r, g, b uint8
	if _, err := fmt.Sscanf(string(c), "#%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	return oklab(times(vision, [3]float64{linear(r), linear(g), linear(b)}))
}

func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func times(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

// oklab converts to Björn Ottosson's colour space, in which equal distances look about equally large.
func oklab(rgb [3]float64) [3]float64 {
	cones := times([3][3]float64{
		{0.4122214708, 0.5363325363, 0.0514459929}, {0.2119034982, 0.6806995451, 0.1073969566}, {0.0883024619, 0.2817188376,
			0.6299787005},
	}, rgb)
	for i := range cones {
		cones[i] = math.Cbrt(cones[i])
	}
	return times([3][3]float64{
		{0.2104542553, 0.7936177850, -0.0040720468}, {1.9779984951, -2.4285922050, 0.4505937099}, {0.0259040371, 0.7827717662,
			-0.8086757660},
	}, cones)
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt(math.Pow(a[0]-b[0], 2) + math.Pow(a[1]-b[1], 2) + math.Pow(a[2]-b[2], 2))
}
