package document

import (
	tea "charm.land/bubbletea/v2"

	"dossier/ui/nav"
	"dossier/ui/state"
)

// stepOutdated moves the cursor to the next outdated field in the order of the rows, or with by -1 to the one before,
// and opens its parents. After the last one it continues with the first.
func (p *Pane) stepOutdated(by int) tea.Cmd {
	path, ok := p.tree.Next(p.outdatedSet, p.scroll.Selected, by)
	if ok {
		return p.goTo(path)
	}
	from, end := -1, "the last outdated field: continued with the first"
	if by < 0 {
		from, end = p.tree.Len(), "the first outdated field: continued with the last"
	}
	if path, ok = p.tree.Next(p.outdatedSet, from, by); !ok {
		return nav.Send(nav.Notify{Text: state.Public("no field here is outdated")})
	}
	return tea.Batch(p.goTo(path), nav.Send(nav.Notify{Text: state.Public("that was " + end)}))
}
