package main

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"golang.org/x/text/unicode/norm"
)

const padding = 24 // pixels around the frame

// frame is the content of a terminal: text with escape sequences, and its default colours.
type frame struct {
	content string
	cursor  *image.Point // the cell of the text cursor; nil: hidden
	bg, fg  color.RGBA
}

// painter turns frames into pictures.
type painter struct {
	regular, bold *typeface
	cell          image.Point
	baseline      int
}

func newPainter() (*painter, error) {
	regular, err := newTypeface(regularTTF)
	if err != nil {
		return nil, err
	}
	bold, err := newTypeface(boldTTF)
	if err != nil {
		return nil, err
	}
	p := &painter{regular: regular, bold: bold}
	p.cell, p.baseline = regular.cell()
	return p, nil
}

// canvas is a frame as cells.
type canvas struct {
	frame
	cells *lipgloss.Canvas
	size  image.Point
}

func newCanvas(f frame) *canvas {
	text := strings.TrimRight(f.content, "\n")
	c := &canvas{frame: f, size: image.Pt(lipgloss.Width(text), lipgloss.Height(text))}
	c.cells = lipgloss.NewCanvas(c.size.X, c.size.Y)
	c.cells.Compose(uv.NewStyledString(text))
	return c
}

func (c *canvas) hasCursor(at image.Point) bool { return c.cursor != nil && *c.cursor == at }

// paint draws the frame and returns the runes that cannot be drawn, sorted, each once.
func (p *painter) paint(f frame) (*image.RGBA, []rune) {
	c := newCanvas(f)
	img := p.background(c)
	return img, p.draw(img, c, nil)
}

// background returns an empty picture for a frame.
func (p *painter) background(c *canvas) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, c.size.X*p.cell.X+2*padding, c.size.Y*p.cell.Y+2*padding))
	draw.Draw(img, img.Bounds(), image.NewUniform(c.bg), image.Point{}, draw.Src)
	return img
}

// draw draws the cells that differ from those of the frame before; nil: all. It returns the runes that cannot be drawn.
func (p *painter) draw(img *image.RGBA, c, before *canvas) (missing []rune) {
	for y := range c.size.Y {
		for x := range c.size.X {
			cell, at := c.cells.CellAt(x, y), image.Pt(x, y)
			if cell == nil || cell.Width == 0 || before != nil && cell.Equal(before.cells.CellAt(x, y)) &&
				c.hasCursor(at) == before.hasCursor(at) {
				continue
			}
			missing = append(missing, p.paintCell(img, at, cell, c.frame, c.hasCursor(at))...)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

func (p *painter) paintCell(img *image.RGBA, at image.Point, c *uv.Cell, f frame, cursor bool) (missing []rune) {
	fg, bg := colors(c.Style, f)
	if cursor {
		fg, bg = bg, fg
	}
	corner := image.Pt(padding+at.X*p.cell.X, padding+at.Y*p.cell.Y)
	area := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(c.Width*p.cell.X, p.cell.Y))}
	draw.Draw(img, area, image.NewUniform(bg), image.Point{}, draw.Src)
	cell := brush{img: img, area: area, fg: fg, bg: bg}
	for _, r := range norm.NFC.String(c.Content) {
		if r == ' ' || cell.drawBoxRune(r) {
			continue
		}
		if mask := p.glyph(r, c.Style); mask != nil {
			cell.drawMask(mask)
			continue
		}
		cell.missingGlyph()
		missing = append(missing, r)
	}
	if c.Style.Underline != 0 {
		cell.fill(area.Min.X, area.Min.Y+p.baseline+2, area.Max.X, area.Min.Y+p.baseline+4)
	}
	if c.Style.Attrs&uv.AttrStrikethrough != 0 {
		cell.fill(area.Min.X, area.Min.Y+p.cell.Y/2, area.Max.X, area.Min.Y+p.cell.Y/2+2)
	}
	return missing
}

func (p *painter) glyph(r rune, s uv.Style) *image.Alpha {
	if s.Attrs&uv.AttrBold != 0 {
		if mask := p.bold.glyph(r); mask != nil {
			return mask
		}
	}
	return p.regular.glyph(r)
}

// colors returns the colours of a cell: reverse swaps them, faint moves the foreground half way to the background.
func colors(s uv.Style, f frame) (fg, bg color.RGBA) {
	fg, bg = f.fg, f.bg
	if s.Fg != nil {
		fg = rgba(s.Fg)
	}
	if s.Bg != nil {
		bg = rgba(s.Bg)
	}
	if s.Attrs&uv.AttrReverse != 0 {
		fg, bg = bg, fg
	}
	if s.Attrs&uv.AttrFaint != 0 {
		fg = blend(bg, fg, 140)
	}
	return fg, bg
}

func rgba(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 255}
}
