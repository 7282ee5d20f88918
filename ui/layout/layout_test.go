package layout_test

import (
	"image"
	"testing"

	"dossier/ui/layout"
)

// rows wants more lines of the account when the account has the focus.
func rows(focus layout.Region) layout.Rows {
	return func(r layout.Region, _ int) int {
		switch {
		case r == layout.Session:
			return 9
		case focus == layout.Account:
			return 10
		default:
			return 1
		}
	}
}

// From MiddleWidth on every pane is visible, every cell is used, and the document gets the most.
func TestEveryPaneIsVisibleAndTheDocumentGetsTheMost(t *testing.T) {
	for _, size := range []image.Point{{90, 12}, {90, 24}, {100, 30}, {129, 60}, {130, 12}, {140, 44}, {200, 60}} {
		l := layout.Screen(size, layout.Want{Rows: rows(layout.Document), Notices: 2})
		area := l.Header.Dx()*l.Header.Dy() + l.Footer.Dx()*l.Footer.Dy() + l.Notices.Dx()*l.Notices.Dy()
		document := l.Panes[layout.Document].Size()
		for r, p := range l.Panes {
			if p.Empty() {
				t.Errorf("%v: pane %d has no rectangle", size, r)
			}
			area += p.Dx() * p.Dy()
			if layout.Region(r) != layout.Document && p.Dx()*p.Dy() >= document.X*document.Y {
				t.Errorf("%v: pane %d has %v, the document %v", size, r, p, document)
			}
		}
		if area != size.X*size.Y {
			t.Errorf("%v: %d of %d cells are used", size, area, size.X*size.Y)
		}
	}
}

// A short session gives its lines to the activity; the account gets its lines when it has the focus.
func TestHeightsFollowContent(t *testing.T) {
	for _, c := range []struct {
		size             image.Point
		focus            layout.Region
		session, account int
	}{
		{image.Pt(140, 44), layout.Document, 11, 3},
		{image.Pt(140, 44), layout.Account, 11, 12},
		{image.Pt(100, 24), layout.Document, 11, 1},
		{image.Pt(100, 24), layout.Account, 6, 11}, // half of the screen at most
		{image.Pt(100, 44), layout.Document, 11, 1},
	} {
		l := layout.Screen(c.size, layout.Want{Focus: c.focus, Rows: rows(c.focus)})
		if s, a := l.Panes[layout.Session].Dy(), l.Panes[layout.Account].Dy(); s != c.session || a != c.account {
			t.Errorf("%v, focus %d: session %d, account %d, want %d, %d", c.size, c.focus, s, a, c.session, c.account)
		}
	}
}

// Session and activity stay beside or below the document, whatever has the focus and whether a notice is shown.
func TestPanesStayWhereTheyAre(t *testing.T) {
	for x := layout.MiddleWidth; x < layout.WideWidth; x++ {
		for y := layout.MinHeight; y < 70; y++ {
			size := image.Pt(x, y)
			plain := layout.Screen(size, layout.Want{Rows: rows(layout.Document)})
			for _, want := range []layout.Want{{Focus: layout.Account, Rows: rows(layout.Account)},
				{Notices: 3, Rows: rows(layout.Document)}} {
				l := layout.Screen(size, want)
				if l.Panes[layout.Session].Min.X != plain.Panes[layout.Session].Min.X {
					t.Fatalf("%v, %+v: the session moves from %v to %v", size, want, plain.Panes[layout.Session],
						l.Panes[layout.Session])
				}
				if d := l.Panes[layout.Document].Dy(); d < 5 || d < 8 && y > 20 {
					t.Fatalf("%v, %+v: the document has %d lines", size, want, d)
				}
			}
		}
	}
}

func TestNarrowScreenShowsTheOpenPane(t *testing.T) {
	l := layout.Screen(image.Pt(80, 24), layout.Want{Focus: layout.Session})
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
		if l := layout.Screen(size, layout.Want{}); !l.TooSmall || !l.Header.Empty() {
			t.Errorf("%v: %+v", size, l)
		}
	}
}

func FuzzScreen(f *testing.F) {
	f.Add(80, 24, 0, 30, 10, 0, 3, 4)
	f.Add(110, 12, 2, 300, 100, 1, 0, 90)
	f.Add(130, 12, 3, 300, 100, 1, 90, 90)
	f.Add(40, 12, 4, -1, -1, 9, 9, 9)
	f.Fuzz(func(t *testing.T, w, h, open, dw, dh, notices, session, account int) {
		w, h, dw, dh = w%1000, h%1000, dw%1000, dh%1000
		size := image.Pt(w, h)
		region := layout.Region(((open % int(layout.RegionCount)) + int(layout.RegionCount)) % int(layout.RegionCount))
		l := layout.Screen(size, layout.Want{Focus: region, Notices: notices % 100, Rows: func(r layout.Region, _ int) int {
			if r == layout.Session {
				return session % 1000
			}
			return account % 1000
		}})
		screen := image.Rectangle{Max: image.Pt(max(0, w), max(0, h))}
		shown := []image.Rectangle{l.Header, l.Footer, l.Notices}
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
