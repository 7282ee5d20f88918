package document

import (
	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// fold opens and closes parts of the tree.
func (p *Pane) fold(a keys.Action, row model.Row) {
	switch a {
	case keys.Toggle:
		p.tree.Toggle(p.scroll.Selected)
	case keys.Unfold:
		switch {
		case row.Expandable && !row.Expanded:
			p.tree.Toggle(p.scroll.Selected)
		case row.Expandable:
			p.scroll.Select(p.scroll.Selected + 1)
		}
	case keys.Fold:
		if row.Expandable && row.Expanded {
			p.tree.Toggle(p.scroll.Selected)
		} else if up := p.tree.Parent(p.scroll.Selected); up >= 0 {
			p.scroll.Select(up)
		}
	case keys.FoldAll:
		p.tree.CollapseAll()
		p.scroll.Select(max(0, p.tree.RowOf(row.Path)))
	case keys.UnfoldAll:
		p.tree.ExpandAll()
		p.fit()
		p.scroll.Reveal(max(0, p.tree.RowOf(row.Path)))
	}
	p.fit()
}

// openLevels opens the levels of the document down to one, as many as its key says, and folds the others; false: the
// action is another one.
func (p *Pane) openLevels(a keys.Action) bool {
	n, ok := keys.Level(a)
	if !ok {
		return false
	}
	row, selected := p.selected()
	p.tree.ExpandLevels(n)
	p.fit()
	if selected {
		p.scroll.Reveal(max(0, p.tree.RowOf(row.Path)))
		p.measure()
	}
	return true
}

func (p *Pane) wheel(m tea.MouseWheelMsg) {
	p.scroll.HandleWheel(m, 3)
	p.uncoverBelow()
	p.scrolled()
}

// click selects a row. On its fold sign, or on the selected row, it opens or folds it; not an ancestor that stays
// visible.
func (p *Pane) click(m tea.MouseClickMsg) tea.Cmd {
	if m.Button != tea.MouseLeft || m.Y < 0 || m.Y >= p.scroll.Height || p.scroll.Top+m.Y >= p.scroll.Len {
		return nil
	}
	p.used, p.follow = true, nil
	at := p.rowAt(m.Y)
	isAncestor, wasSelected := at != p.scroll.Top+m.Y, at == p.scroll.Selected
	p.scroll.Select(at)
	p.scrolled()
	if isAncestor {
		return nil
	}
	row, ok := p.selected()
	sign := 1 + p.indent(row.Depth)
	if ok && row.Expandable && (wasSelected || m.X >= sign-1 && m.X <= sign+1) {
		p.fold(keys.Toggle, row)
	}
	return nil
}
