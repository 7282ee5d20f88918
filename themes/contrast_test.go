package themes_test

import (
	"math"
	"reflect"
	"testing"

	"dossier/themes"
)

func palettes(t *testing.T, check func(name string, p themes.Palette)) {
	t.Helper()
	for _, th := range themes.Builtin() {
		check(th.Name+" dark", th.Dark)
		check(th.Name+" light", th.Light)
	}
}

func TestContrastFollowsWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b themes.Color
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#ffffff", "#000000", 21}, {"#777777", "#777777", 1},
		{"#767676", "#ffffff", 4.54}, {"#0000ff", "#ffffff", 8.59}, {"red", "#ffffff", 0},
	} {
		if got := themes.Contrast(c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestEveryPaletteIsLegible(t *testing.T) {
	palettes(t, func(name string, p themes.Palette) {
		for _, fault := range themes.LowContrast(p) {
			t.Errorf("%s: %s", name, fault)
		}
		if len(themes.LowContrast(withMuted(p, p.Background))) == 0 {
			t.Errorf("%s: text in the colour of the background is not reported", name)
		}
	})
}

func withMuted(p themes.Palette, c themes.Color) themes.Palette {
	p.Muted = c
	return p
}

func TestEveryPaletteFillsEveryRole(t *testing.T) {
	palettes(t, func(name string, p themes.Palette) {
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s: role %s is missing", name, v.Type().Field(i).Tag.Get("toml"))
			}
		}
	})
}

func TestDarkIsDarkAndLightIsLight(t *testing.T) {
	for _, th := range themes.Builtin() {
		if themes.Contrast(th.Dark.Background, "#000000") > themes.Contrast(th.Dark.Background, "#ffffff") {
			t.Errorf("%s dark: the background %s is light", th.Name, th.Dark.Background)
		}
		if themes.Contrast(th.Light.Background, "#000000") < themes.Contrast(th.Light.Background, "#ffffff") {
			t.Errorf("%s light: the background %s is dark", th.Name, th.Light.Background)
		}
	}
}

func TestBeaconHasHighContrast(t *testing.T) {
	th, found := themes.Find(themes.Builtin(), "beacon")
	if !found {
		t.Fatal("theme beacon is missing")
	}
	for _, p := range []themes.Palette{th.Dark, th.Light} {
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			switch role := v.Type().Field(i).Name; role {
			case "Background", "Selection", "SelectionDim", "Badge", "Border", "SelectionText", "BadgeText":
			default:
				if c := themes.Contrast(themes.Color(v.Field(i).String()), p.Background); c < 7 {
					t.Errorf("%s on %s: contrast %.2f, minimum 7", role, p.Background, c)
				}
			}
		}
		if c := themes.Contrast(p.Border, p.Background); c < 4.5 {
			t.Errorf("border: contrast %.2f, minimum 4.5", c)
		}
	}
}

// colorVision holds the kinds of colour vision: complete, or without one kind of cone
// (Machado, Oliveira, Fernandes 2009, severity 1), on linear RGB.
var colorVision = map[string][3][3]float64{
	"full sight":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// TestHarbourIsDistinctForColourBlindUsers requires a distance in Oklab at which two patches of text differ at a
// glance.
func TestHarbourIsDistinctForColourBlindUsers(t *testing.T) {
	const minimum = 0.1
	th, found := themes.Find(themes.Builtin(), "harbour")
	if !found {
		t.Fatal("theme harbour is missing")
	}
	for variant, p := range map[string]themes.Palette{"dark": th.Dark, "light": th.Light} {
		pairs := map[string][2]themes.Color{
			"good and bad": {p.Good, p.Bad}, "good and warn": {p.Good, p.Warn}, "warn and bad": {p.Warn, p.Bad},
			"added and removed": {p.Added, p.Removed}, "added and changed": {p.Added, p.Changed},
			"removed and changed": {p.Removed, p.Changed},
			"info and bad":        {p.Info, p.Bad}, "info and good": {p.Info, p.Good},
		}
		for kind, matrix := range colorVision {
			for which, pair := range pairs {
				if d := distance(perceived(t, pair[0], matrix), perceived(t, pair[1], matrix)); d < minimum {
					t.Errorf("%s, %s: distance of %s %.3f, minimum %.2f", variant, kind, which, d, minimum)
				}
			}
		}
	}
}

// The database's value of an outdated field stands in the colour of changes beside values in their types' colours:
// numbers, whose colour is similar, must still look different.
func TestChangesDoNotLookLikeNumbers(t *testing.T) {
	const minimum = 0.06
	palettes(t, func(name string, p themes.Palette) {
		sight := colorVision["full sight"]
		if d := distance(perceived(t, p.Changed, sight), perceived(t, p.Number, sight)); d < minimum {
			t.Errorf("%s: distance of changed and number %.3f, minimum %.2f", name, d, minimum)
		}
	})
}
