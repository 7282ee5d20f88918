package document

import "slices"

// maxSticky is the maximal number of ancestors that stay visible.
const maxSticky = 3

// sticky returns the rows that the first lines of the viewport show in place of their own: the ancestors of the first
// row below them, the innermost ones of many.
func (p *Pane) sticky() []int {
	n, most := 0, min(maxSticky, p.scroll.Height/5)
	depth := func() int { return p.tree.Row(p.scroll.Top + n).Depth }
	for n < most && p.scroll.Top+n+1 < p.tree.Len() && depth() > n {
		n++
	}
	if n == 0 {
		return nil
	}
	below := p.scroll.Top + n
	if depth() < n { // it is outside of the ancestors of the row before it
		below--
	}
	rows := make([]int, 0, n)
	for i := p.tree.Parent(below); len(rows) < n && i >= 0; i = p.tree.Parent(i) {
		rows = append(rows, i)
	}
	slices.Reverse(rows)
	return rows
}

// rowAt returns the row that a line of the viewport shows.
func (p *Pane) rowAt(line int) int {
	if rows := p.sticky(); line < len(rows) {
		return rows[line]
	}
	return p.scroll.Top + line
}

// covered reports whether an ancestor is shown in place of the selected row.
func (p *Pane) covered() bool {
	line := p.scroll.Selected - p.scroll.Top
	return line < maxSticky && line >= 0 && p.rowAt(line) != p.scroll.Selected
}

// uncover scrolls until the selected row is not covered.
func (p *Pane) uncover() {
	for p.scroll.Top > 0 && p.covered() {
		p.scroll.Top--
	}
}

// uncoverBelow selects the first row that is not covered, after the viewport has moved.
func (p *Pane) uncoverBelow() {
	for p.covered() {
		p.scroll.Select(p.scroll.Selected + 1)
	}
}
