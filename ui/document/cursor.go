package document

import (
	"slices"

	"dossier/model"
	"dossier/ui/state"
)

// cursor is the selected row, before the rows change.
type cursor struct {
	paths []model.Path // of the selected row, then of those that replace it: next field, field before it, parent
	line  int          // on which it is shown
}

// cursor returns the selected row.
func (p *Pane) cursor() cursor {
	c := cursor{line: p.scroll.Selected - p.scroll.Top}
	selected := p.scroll.Selected
	if selected >= p.tree.Len() {
		return c
	}
	for _, row := range []int{selected, p.tree.Sibling(selected, +1), p.tree.Sibling(selected, -1),
		p.tree.Parent(selected)} {
		if row >= 0 {
			c.paths = append(c.paths, p.tree.Row(row).Path)
		}
	}
	return c
}

// placeCursor selects the row again after the rows changed, on the same line if possible, or the field that follows.
func (p *Pane) placeCursor(c cursor) {
	p.fit()
	if p.follow != nil {
		if row := p.tree.ExpandTo(p.follow); row >= 0 {
			p.follow = nil
			p.fit()
			p.scroll.Reveal(row)
			p.measure()
			return
		}
	}
	for _, path := range c.paths {
		if row := p.tree.ExpandTo(path); row >= 0 {
			p.scroll.Top = max(0, row-c.line)
			p.scroll.Selected = row
			p.fit()
			return
		}
	}
	if len(c.paths) > 0 {
		p.scroll.Select(p.tree.RowOf(c.paths[0]))
		p.scrolled()
	}
}

// Saved tells the pane which draft was saved: the cursor stays on a field that it added.
func (p *Pane) Saved(d *model.Draft) {
	at := p.Selected()
	if slices.ContainsFunc(addedFields(state.DraftOf(d)), at.Within) {
		p.follow = at
	}
}
