package main

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// brush paints into one cell. Lines, boxes, blocks and Braille dots are drawn, not taken from the font,
// so that neighbouring cells join.
type brush struct {
	img    *image.RGBA
	area   image.Rectangle
	fg, bg color.RGBA
}

func (b brush) fill(x0, y0, x1, y1 int) {
	draw.Draw(b.img, image.Rect(x0, y0, x1, y1).Intersect(b.area), image.NewUniform(b.fg), image.Point{}, draw.Src)
}

// drawMask paints a glyph's coverage.
func (b brush) drawMask(mask *image.Alpha) {
	for y := range b.area.Dy() {
		for x := range b.area.Dx() {
			if a := mask.AlphaAt(x, y).A; a > 0 {
				b.img.SetRGBA(b.area.Min.X+x, b.area.Min.Y+y, blend(b.bg, b.fg, a))
			}
		}
	}
}

// missingGlyph paints a hollow box for a rune that cannot be drawn.
func (b brush) missingGlyph() {
	r := b.area.Inset(2)
	b.fill(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+1)
	b.fill(r.Min.X, r.Max.Y-1, r.Max.X, r.Max.Y)
	b.fill(r.Min.X, r.Min.Y, r.Min.X+1, r.Max.Y)
	b.fill(r.Max.X-1, r.Min.Y, r.Max.X, r.Max.Y)
}

// lineWeights is the weight of the lines from a cell's middle to its sides: 0 none, 1 light, 2 heavy.
type lineWeights struct{ left, right, up, down int }

// straightLines are the box drawing runes of straight light and heavy lines.
var straightLines = map[rune]lineWeights{
	'─': {1, 1, 0, 0}, '│': {0, 0, 1, 1}, '┌': {0, 1, 0, 1}, '┐': {1, 0, 0, 1}, '└': {0, 1, 1, 0}, '┘': {1, 0, 1, 0},
	'├': {0, 1, 1, 1}, '┤': {1, 0, 1, 1}, '┬': {1, 1, 0, 1}, '┴': {1, 1, 1, 0}, '┼': {1, 1, 1, 1},
	'━': {2, 2, 0, 0}, '┃': {0, 0, 2, 2}, '┏': {0, 2, 0, 2}, '┓': {2, 0, 0, 2}, '┗': {0, 2, 2, 0}, '┛': {2, 0, 2, 0},
	'┣': {0, 2, 2, 2}, '┫': {2, 0, 2, 2}, '┳': {2, 2, 0, 2}, '┻': {2, 2, 2, 0}, '╋': {2, 2, 2, 2},
	'╴': {1, 0, 0, 0}, '╵': {0, 0, 1, 0}, '╶': {0, 1, 0, 0}, '╷': {0, 0, 0, 1},
}

// The directions (right and down positive) in which rounded and double corners open.
var (
	roundedCorners = map[rune]image.Point{'╭': {1, 1}, '╮': {-1, 1}, '╰': {1, -1}, '╯': {-1, -1}}
	doubleCorners  = map[rune]image.Point{'╔': {1, 1}, '╗': {-1, 1}, '╚': {1, -1}, '╝': {-1, -1}}
)

// thickness returns the thickness of a light line, in pixels.
func (b brush) thickness() int { return max(1, b.area.Dy()/16) }

func (b brush) middle() image.Point {
	t := b.thickness()
	return image.Pt((b.area.Min.X+b.area.Max.X-t)/2, (b.area.Min.Y+b.area.Max.Y-t)/2)
}

// drawBoxRune draws the rune if it is a line, box, block or Braille rune, or the pencil, which the font does not have;
// it returns false otherwise.
func (b brush) drawBoxRune(r rune) bool {
	if a, is := straightLines[r]; is {
		b.straight(a)
		return true
	}
	if open, is := roundedCorners[r]; is {
		b.arc(open)
		return true
	}
	if open, is := doubleCorners[r]; is {
		b.doubleCorner(open)
		return true
	}
	switch {
	case r == '✎':
		b.pencil()
	case r == '═' || r == '║':
		b.doubleLine(r)
	case r >= '▀' && r <= '▐':
		b.block(r)
	case r >= '░' && r <= '▓':
		b.shade(r)
	case r >= 0x2800 && r <= 0x28FF:
		b.braille(r)
	default:
		return false
	}
	return true
}

func (b brush) straight(a lineWeights) {
	t, m, r := b.thickness(), b.middle(), b.area
	strip := func(weight int, from, to image.Point) {
		if grow := weight - 1; grow >= 0 {
			b.fill(from.X-grow, from.Y-grow, to.X+grow, to.Y+grow)
		}
	}
	strip(a.left, image.Pt(r.Min.X, m.Y), m.Add(image.Pt(t, t)))
	strip(a.right, m, image.Pt(r.Max.X, m.Y+t))
	strip(a.up, image.Pt(m.X, r.Min.Y), m.Add(image.Pt(t, t)))
	strip(a.down, m, image.Pt(m.X+t, r.Max.Y))
}

// arc draws a quarter circle and the straight rest of its vertical line.
func (b brush) arc(open image.Point) {
	t, m := float64(b.thickness()), b.middle()
	mx, my := float64(m.X)+t/2, float64(m.Y)+t/2
	radius := float64(b.area.Dx()) / 2
	ox, oy := mx+float64(open.X)*radius, my+float64(open.Y)*radius
	for y := b.area.Min.Y; y < b.area.Max.Y; y++ {
		for x := b.area.Min.X; x < b.area.Max.X; x++ {
			dx, dy := float64(x)+.5-ox, float64(y)+.5-oy
			var off float64 // distance from the middle of the line
			switch {
			case dy*float64(open.Y) >= 0:
				off = math.Abs(float64(x) + .5 - mx)
			case dx*float64(open.X) >= 0:
				off = math.Abs(float64(y) + .5 - my)
			default:
				off = math.Abs(math.Hypot(dx, dy) - radius)
			}
			if cover := min(1, t/2-off+.5); cover > 0 {
				b.img.SetRGBA(x, y, blend(b.bg, b.fg, uint8(255*cover)))
			}
		}
	}
}

// pencil draws a pencil that points down to the left: a thick shaft and a thin tip.
func (b brush) pencil() {
	w := float64(b.area.Dx())
	tip := image.Pt(b.area.Min.X, b.area.Min.Y+b.area.Dy()*3/4)
	for y := b.area.Min.Y; y < b.area.Max.Y; y++ {
		for x := b.area.Min.X; x < b.area.Max.X; x++ {
			dx, dy := float64(x-tip.X)+.5, float64(tip.Y-y)-.5
			along, off := (dx+dy)/2, math.Abs(dx-dy)/math.Sqrt2
			if along < 0 || along > w*.9 {
				continue
			}
			if cover := min(1, min(w/6, along/2)-off+.5); cover > 0 {
				b.img.SetRGBA(x, y, blend(b.bg, b.fg, uint8(255*cover)))
			}
		}
	}
}

func (b brush) doubleLine(r rune) {
	t, m, a := b.thickness(), b.middle(), b.area
	if r == '═' {
		b.fill(a.Min.X, m.Y-t, a.Max.X, m.Y)
		b.fill(a.Min.X, m.Y+t, a.Max.X, m.Y+2*t)
		return
	}
	b.fill(m.X-t, a.Min.Y, m.X, a.Max.Y)
	b.fill(m.X+t, a.Min.Y, m.X+2*t, a.Max.Y)
}

// doubleCorner draws the outer corner of a double frame, then the inner one.
func (b brush) doubleCorner(open image.Point) {
	t, m, a := b.thickness(), b.middle(), b.area
	for _, side := range []int{-1, 1} {
		x, y := m.X+side*open.X*t, m.Y+side*open.Y*t
		if open.X > 0 {
			b.fill(x, y, a.Max.X, y+t)
		} else {
			b.fill(a.Min.X, y, x+t, y+t)
		}
		if open.Y > 0 {
			b.fill(x, y, x+t, a.Max.Y)
		} else {
			b.fill(x, a.Min.Y, x+t, y+t)
		}
	}
}

// block draws parts of a cell: upper half, lower eighths, full, left eighths, right half.
func (b brush) block(r rune) {
	a := b.area
	switch {
	case r == '▀':
		b.fill(a.Min.X, a.Min.Y, a.Max.X, a.Min.Y+a.Dy()/2)
	case r == '▐':
		b.fill(a.Min.X+a.Dx()/2, a.Min.Y, a.Max.X, a.Max.Y)
	case r <= '█':
		b.fill(a.Min.X, a.Max.Y-a.Dy()*int(r-'▀')/8, a.Max.X, a.Max.Y)
	default:
		b.fill(a.Min.X, a.Min.Y, a.Min.X+a.Dx()*int('▐'-r)/8, a.Max.Y)
	}
}

// shade fills the cell evenly: a quarter, a half or three quarters of the foreground.
func (b brush) shade(r rune) {
	even := blend(b.bg, b.fg, uint8(64*int(r-'░'+1)))
	draw.Draw(b.img, b.area, image.NewUniform(even), image.Point{}, draw.Src)
}

// braille draws the dots that are set in the rune's low bits.
func (b brush) braille(r rune) {
	dots := [8]image.Point{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}
	d := 2 * b.thickness()
	for i, p := range dots {
		if r>>i&1 == 1 {
			x, y := b.area.Min.X+(2*p.X+1)*b.area.Dx()/4, b.area.Min.Y+(2*p.Y+1)*b.area.Dy()/8
			b.fill(x-d/2, y-d/2, x-d/2+d, y-d/2+d)
		}
	}
}
