package text

import (
	"image"
	"strings"

	"dossier/model"
)

// Dump shows binary data in rows of offset, bytes in hexadecimal, and the bytes that are printable ASCII. It formats
// only the visible rows. The zero value shows nothing.
type Dump struct {
	data          []byte
	width, height int
	top           int // the first visible row
}

// NewDump returns a dump at the start of the data. Resize sets its size.
func NewDump(data []byte) *Dump { return &Dump{data: data} }

// digits returns the number of digits of the offsets.
func (d *Dump) digits() int {
	if len(d.data) <= 1<<16 {
		return 4
	}
	return 8
}

// bytesPerRow returns the number of bytes that fit into a row: 16, 8 or 4.
func (d *Dump) bytesPerRow() int {
	for n := 16; n > 4; n /= 2 {
		if d.digits()+2+3*n+n/8+1+n <= d.width {
			return n
		}
	}
	return 4
}

// rows returns the number of rows.
func (d *Dump) rows() int { return (len(d.data) + d.bytesPerRow() - 1) / d.bytesPerRow() }

// Resize sets the width of the rows and the number of visible rows. The first visible bytes stay.
func (d *Dump) Resize(width, height int) {
	first := 0
	if d.width > 0 {
		first = d.top * d.bytesPerRow()
	}
	d.width, d.height = max(1, width), max(1, height)
	d.top = first / d.bytesPerRow()
	d.ScrollBy(0)
}

// Size returns the size that Resize set; zero before.
func (d *Dump) Size() image.Point { return image.Pt(d.width, d.height) }

// ScrollBy moves the visible rows, negative upwards, as far as there is data.
func (d *Dump) ScrollBy(rows int) { d.top = max(0, min(d.top+rows, d.rows()-d.height)) }

// Page moves by pages, negative upwards; one row stays visible.
func (d *Dump) Page(pages int) { d.ScrollBy(pages * max(1, d.height-1)) }

// Top moves to the start of the data.
func (d *Dump) Top() { d.top = 0 }

// Bottom moves to the end of the data.
func (d *Dump) Bottom() { d.ScrollBy(d.rows()) }

// Lines returns the number of the last visible row and the number of all rows.
func (d *Dump) Lines() (last, all int, counted bool) {
	return min(d.rows(), d.top+d.height), d.rows(), true
}

// Percent returns how much of the data stands up to the last visible row.
func (d *Dump) Percent() int {
	last, all, _ := d.Lines()
	return 100 * last / max(1, all)
}

// Visible returns the visible rows.
func (d *Dump) Visible() []model.Visible {
	last, _, _ := d.Lines()
	rows := make([]model.Visible, 0, max(0, last-d.top))
	for row := d.top; row < last; row++ {
		rows = append(rows, model.Show(d.row(row)))
	}
	return rows
}

// row formats a row.
func (d *Dump) row(row int) string {
	const hex = "0123456789abcdef"
	n := d.bytesPerRow()
	var b strings.Builder
	for i := d.digits() - 1; i >= 0; i-- {
		b.WriteByte(hex[row*n>>(4*i)&0xf])
	}
	b.WriteByte(' ')
	data := d.data[row*n : min(len(d.data), (row+1)*n)]
	for i := range n {
		if i%8 == 0 {
			b.WriteByte(' ')
		}
		if i < len(data) {
			b.Write([]byte{hex[data[i]>>4], hex[data[i]&0xf], ' '})
		} else {
			b.WriteString("   ")
		}
	}
	b.WriteByte(' ')
	for _, c := range data {
		if c < ' ' || c > '~' {
			c = '.'
		}
		b.WriteByte(c)
	}
	return b.String()
}
