package text

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"dossier/ui/style"
)

// visualRow is one row on the screen: a part of a line.
type visualRow struct {
	line     int
	from, to int
	row      int // index among the line's rows; only the first has a line number
}

// gutterWidth returns the width of the line numbers, in cells.
func (a *Area) gutterWidth(width int) int {
	if width < 24 {
		return 0
	}
	return len(strconv.Itoa(len(a.lines))) + 2 // a space on both sides
}

// Span is the part of a line up to the byte To, in a style.
type Span struct {
	To    int
	Style style.Style
}

// View draws exactly size.Y rows of at most size.X cells. errorLine (from 0; -1: none) is marked;
// highlight, if not nil, returns a line's spans.
func (a *Area) View(size image.Point, errorLine int, s *style.Styles, highlight func(line string) []Span) []string {
	rows, _ := a.visibleRows(size)
	gutter := a.gutterWidth(size.X)
	out := make([]string, size.Y)
	for y, d := range rows {
		out[y] = a.lineNumber(d, gutter, errorLine, s) + a.styledRow(d, size.X-gutter, s, highlight)
	}
	return out
}

func (a *Area) lineNumber(d visualRow, gutter, errorLine int, s *style.Styles) string {
	switch {
	case gutter == 0:
		return ""
	case d.row > 0:
		return fmt.Sprintf("%*s", gutter, "")
	}
	n := fmt.Sprintf("%*d ", gutter-1, d.line+1)
	if d.line == errorLine {
		return s.InputError.Render(n)
	}
	return s.Index.Render(n)
}

// styledRow returns a row in its styles.
func (a *Area) styledRow(d visualRow, width int, s *style.Styles, highlight func(line string) []Span) string {
	plain := a.rowText(d, width)
	if highlight == nil || a.Mask != "" || d.to-d.from > maxWrapBytes {
		return s.Input.Render(plain)
	}
	line, from := a.lines[d.line], d.from
	var b strings.Builder
	joined := ""
	for _, span := range highlight(line) {
		if to := min(span.To, d.to); to > from {
			shown := display(line[from:to], "").String()
			joined += shown
			b.WriteString(span.Style.Render(shown))
			from = to
		}
	}
	if joined != plain { // a cluster covers two spans, or the row was cut
		return s.Input.Render(plain)
	}
	return b.String()
}

// rowText returns a row's text. Of a line too long to wrap it is the part around the cursor, or the start.
func (a *Area) rowText(d visualRow, width int) string {
	line := a.lines[d.line]
	if d.to-d.from <= maxWrapBytes {
		return display(line[d.from:d.to], a.Mask).Clip(max(0, width)).String()
	}
	offset := 0
	if d.line == a.row {
		offset = a.offset
	}
	shown, _ := visiblePart(line, offset, width, a.Mask)
	return shown
}

// Cursor returns the cursor's cell in View(size).
func (a *Area) Cursor(size image.Point) image.Point {
	rows, y := a.visibleRows(size)
	if y >= len(rows) {
		return image.Point{}
	}
	gutter := a.gutterWidth(size.X)
	line := a.lines[a.row]
	d := rows[y]
	x := 0
	if d.to-d.from > maxWrapBytes {
		_, x = visiblePart(line, a.offset, size.X-gutter, a.Mask)
	} else {
		x = display(line[d.from:min(d.to, a.offset)], a.Mask).Width()
	}
	return image.Pt(gutter+min(x, max(0, size.X-gutter-1)), y)
}

// Click moves the cursor to a cell of View(size).
func (a *Area) Click(cell image.Point, size image.Point) {
	rows, _ := a.visibleRows(size)
	if cell.Y < 0 || cell.Y >= len(rows) {
		return
	}
	d := rows[cell.Y]
	if d.to-d.from > maxWrapBytes {
		a.MoveTo(d.line, 0)
		return
	}
	line := a.lines[d.line]
	a.MoveTo(d.line, offsetAtCell(line[:d.to], []int{d.from}, 0, cell.X-a.gutterWidth(size.X), a.Mask))
}

// visibleRows returns the rows to draw, with the cursor's row as near to the middle as possible, and its index.
func (a *Area) visibleRows(size image.Point) (visible []visualRow, cursor int) {
	if size.Y <= 0 {
		return nil, 0
	}
	width := size.X - a.gutterWidth(size.X)
	current := a.wrapLine(a.row, width)
	r := 0
	for i, d := range current {
		if d.from <= a.offset {
			r = i
		}
	}
	var above []visualRow // from bottom to top
	for i := r - 1; i >= 0 && len(above) < size.Y; i-- {
		above = append(above, current[i])
	}
	for line := a.row - 1; line >= 0 && len(above) < size.Y; line-- {
		b := a.wrapLine(line, width)
		for i := len(b) - 1; i >= 0 && len(above) < size.Y; i-- {
			above = append(above, b[i])
		}
	}
	slices.Reverse(above)
	all := append(above, current[r:]...)
	cursor = len(above)
	for line := a.row + 1; line < len(a.lines) && len(all) < cursor+size.Y; line++ {
		all = append(all, a.wrapLine(line, width)...)
	}
	top := max(0, min(cursor-size.Y/2, len(all)-size.Y))
	return all[top:min(top+size.Y, len(all))], cursor - top
}

// wrapLine returns a line as rows.
func (a *Area) wrapLine(line, width int) []visualRow {
	s := a.lines[line]
	starts := wrap(s, width, a.Mask)
	rows := make([]visualRow, len(starts))
	for i, from := range starts {
		to := len(s)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		rows[i] = visualRow{line: line, from: from, to: to, row: i}
	}
	return rows
}
