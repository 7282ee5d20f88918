package text

import (
	"image"
	"strings"
	"unicode/utf8"

	"dossier/model"
)

// blockBytes is the length of the parts of a text that Pager wraps at a time.
const blockBytes = 64 << 10

// Pager shows text of any length in rows. It sanitizes and wraps only the parts near the visible rows: text is divided
// into blocks, at a line feed or a space where there is one. The zero value shows nothing. It is not safe for
// concurrent use.
type Pager struct {
	text          string
	starts        []int                   // of the blocks, and the end of the text
	wrapped       map[int][]model.Visible // rows of the blocks near the visible ones
	width, height int
	top           place
	visible       []model.Visible
	percent       int // of the text up to the last visible row
}

// place is a row of a text.
type place struct{ block, row int }

// NewPager returns a pager at the start of the text. Resize sets its size.
func NewPager(text string) Pager {
	p := Pager{text: text, starts: []int{0}}
	for at := 0; at < len(text); {
		at += blockLength(text[at:])
		p.starts = append(p.starts, at)
	}
	if text == "" {
		p.starts = append(p.starts, 0)
	}
	return p
}

// blockLength returns the length of the first block of a text: after its last line feed or else its last space, so
// that a row ends there.
func blockLength(text string) int {
	if len(text) <= blockBytes {
		return len(text)
	}
	if n := strings.LastIndexByte(text[:blockBytes], '\n'); n > 0 {
		return n + 1
	}
	for n := blockBytes; n > blockBytes/2; n-- {
		if text[n-1] == ' ' && text[n] < utf8.RuneSelf { // no mark that joins the space
			return n
		}
	}
	for n := blockBytes; n > blockBytes-utf8.UTFMax; n-- {
		if utf8.RuneStart(text[n]) {
			return n
		}
	}
	return blockBytes // no character starts there: the text is not UTF-8
}

// Resize sets the width of the rows and the number of visible rows, both at least 1. The first visible text stays.
func (p *Pager) Resize(width, height int) {
	width, height = max(1, width), max(1, height)
	if width != p.width {
		share := 0.0
		if p.width > 0 && p.top.row > 0 {
			share = float64(p.top.row) / float64(len(p.rows(p.top.block)))
		}
		p.width, p.wrapped = width, nil
		p.top.row = int(share * float64(len(p.rows(p.top.block))))
	}
	p.height = height
	p.ScrollBy(0)
}

// Size returns the size that Resize set; zero before.
func (p *Pager) Size() image.Point { return image.Pt(p.width, p.height) }

// blocks returns the number of blocks.
func (p *Pager) blocks() int { return len(p.starts) - 1 }

// rows returns the rows of a block.
func (p *Pager) rows(block int) []model.Visible {
	if rows, ok := p.wrapped[block]; ok {
		return rows
	}
	const kept = 4 // more than the blocks that a screen shows at a time
	if p.wrapped == nil || len(p.wrapped) >= kept {
		p.wrapped = map[int][]model.Visible{}
	}
	text := p.text[p.starts[block]:p.starts[block+1]]
	if block+1 < p.blocks() {
		text = strings.TrimSuffix(text, "\n")
	}
	var rows []model.Visible
	for _, line := range model.ShowLines(text) {
		rows = append(rows, line.Wrap(p.width)...)
	}
	p.wrapped[block] = rows
	return rows
}

// ScrollBy moves the visible rows, negative upwards, as far as there is text.
func (p *Pager) ScrollBy(rows int) {
	if p.width == 0 {
		return
	}
	p.top = p.move(p.top, rows)
	if below := p.count(p.top); below < p.height {
		p.top = p.move(p.top, below-p.height)
	}
	p.show()
}

// move returns the place some rows further, negative: back, but not beyond the text.
func (p *Pager) move(at place, rows int) place {
	for at.row += rows; at.row < 0; {
		if at.block == 0 {
			return place{}
		}
		at.block--
		at.row += len(p.rows(at.block))
	}
	for n := len(p.rows(at.block)); at.row >= n; n = len(p.rows(at.block)) {
		if at.block+1 == p.blocks() {
			return place{at.block, n - 1}
		}
		at = place{at.block + 1, at.row - n}
	}
	return at
}

// count returns the number of rows from a place on, counted as far as the height.
func (p *Pager) count(at place) int {
	n := len(p.rows(at.block)) - at.row
	for b := at.block + 1; n < p.height && b < p.blocks(); b++ {
		n += len(p.rows(b))
	}
	return n
}

// Page moves by pages, negative upwards; one row stays visible.
func (p *Pager) Page(pages int) { p.ScrollBy(pages * max(1, p.height-1)) }

// Top moves to the start of the text.
func (p *Pager) Top() {
	p.top = place{}
	p.ScrollBy(0)
}

// Bottom moves to the end of the text.
func (p *Pager) Bottom() {
	if p.width > 0 {
		last := p.blocks() - 1
		p.top = p.move(place{last, len(p.rows(last)) - 1}, 1-p.height)
		p.show()
	}
}

// show sets the visible rows and how much of the text stands up to their end.
func (p *Pager) show() {
	p.visible = p.visible[:0]
	for b, from := p.top.block, p.top.row; b < p.blocks() && len(p.visible) < p.height; b, from = b+1, 0 {
		rows := p.rows(b)[from:]
		p.visible = append(p.visible, rows[:min(len(rows), p.height-len(p.visible))]...)
	}
	end := p.move(p.top, p.height-1)
	n := len(p.rows(end.block))
	if p.percent = 100; end.block+1 < p.blocks() || end.row+1 < n {
		from, to := p.starts[end.block], p.starts[end.block+1]
		p.percent = min(99, 100*(from+(to-from)*(end.row+1)/n)/max(1, len(p.text)))
	}
}

// Visible returns the visible rows, until the next call of another method.
func (p *Pager) Visible() []model.Visible { return p.visible }

// Lines returns the number of the last visible row and the number of all rows; false if they are not counted, because
// the text has several blocks.
func (p *Pager) Lines() (last, all int, counted bool) {
	if p.width == 0 || p.blocks() > 1 {
		return 0, 0, false
	}
	all = len(p.rows(0))
	return min(all, p.top.row+p.height), all, true
}

// Percent returns how much of the text stands up to the last visible row: 100 at its end only.
func (p *Pager) Percent() int { return p.percent }
