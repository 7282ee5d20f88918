package layout_test

import (
	"image"
	"testing"

	"dossier/ui/layout"
)

func TestWideScreenShowsEveryPane(t *testing.T) {
	l := layout.Screen(image.Pt(140, 44), layout.Document)
	area := l.Header.Dx()*l.Header.Dy() + l.Footer.Dx()*l.Footer.Dy()
	for r, p := range l.Panes {
		if p.Empty() {
			t.Errorf("pane %d has no rectangle", r)
		}
		area += p.Dx() * p.Dy()
	}
	if area != 140*44 {
		t.Errorf("%d of %d cells are used", area, 140*44)
	}
}

func TestNarrowScreenShowsTheOpenPane(t *testing.T) {
	l := layout.Screen(image.Pt(80, 24), layout.Session)
	for r, p := range l.Panes {
		if shown := !p.Empty(); shown != (layout.Region(r) == layout.Session) {
			t.Errorf("pane %d shown: %v", r, shown)
		}
	}
	if got := l.Panes[layout.Session]; got != image.Rect(0, 1, 80, 23) {
		t.Errorf("the open pane is at %v", got)
	}
}

func TestATooSmallScreenHasNoPanes(t *testing.T) {
	for _, size := range []image.Point{{39, 12}, {40, 11}, {0, 0}, {-3, -1}} {
		if l := layout.Screen(size, layout.Document); !l.TooSmall || !l.Header.Empty() {
			t.Errorf("%v: %+v", size, l)
		}
	}
}

func FuzzScreen(f *testing.F) {
	f.Add(80, 24, 0, 30, 10)
	f.Add(110, 12, 2, 300, 100)
	f.Add(40, 12, 4, -1, -1)
	f.Fuzz(func(t *testing.T, w, h, open, dw, dh int) {
		w, h, dw, dh = w%1000, h%1000, dw%1000, dh%1000
		size := image.Pt(w, h)
		region := layout.Region(((open % int(layout.RegionCount)) + int(layout.RegionCount)) % int(layout.RegionCount))
		l := layout.Screen(size, region)
		screen := image.Rectangle{Max: image.Pt(max(0, w), max(0, h))}
		shown := []image.Rectangle{l.Header, l.Footer}
		for _, p := range l.Panes {
			if !p.Empty() {
				shown = append(shown, p)
			}
		}
		for i, a := range shown {
			if !a.In(screen) {
				t.Fatalf("%v: %v is outside the screen", size, a)
			}
			for _, b := range shown[i+1:] {
				if a.Overlaps(b) {
					t.Fatalf("%v: %v and %v overlap", size, a, b)
				}
			}
		}
		if !l.TooSmall && l.Panes[region].Dx() < 20 {
			t.Fatalf("%v: the open pane is %v", size, l.Panes[region])
		}
		if d := layout.DialogRect(screen.Max, image.Pt(dw, dh)); !d.In(screen) {
			t.Fatalf("%v: the dialog is at %v", size, d)
		}
	})
}
