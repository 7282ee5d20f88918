package document

import (
	"context"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/state"
)

// filter is which fields are shown.
type filter int

// The filters.
const (
	allFields filter = iota
	onlyOutdated
	onlyMatches
)

// arrangement is how the rows are shown: it changes the view only. The zero value shows all fields in the order of the
// document.
type arrangement struct {
	requests *request.Runner
	order    model.Order
	filter   filter
	folding  model.Folding // before the filter
	pending  model.Folding // of the arrangement under way
	shown    int           // fields that the filter shows
	total    int           // fields of the document, with the ghosts
}

// plain reports whether all fields are shown in the order of the document.
func (a *arrangement) plain() bool { return a.order == model.DocumentOrder && a.filter == allFields }

// orderNames are the names of the orders on the screen.
var orderNames = map[model.Order]string{model.NameOrder: "by name", model.TypeOrder: "by type",
	model.ChangedFirst: "changed first"}

// nextOrder shows the fields in the next order.
func (p *Pane) nextOrder() tea.Cmd {
	p.arrangement.order = (p.arrangement.order + 1) % (model.ChangedFirst + 1)
	return p.rearrange(p.tree.Folding())
}

// toggleFilter shows only the matches of the search, or without one only the outdated fields, or all again.
func (p *Pane) toggleFilter() tea.Cmd {
	switch {
	case p.arrangement.filter != allFields:
		return p.setFilter(allFields)
	case len(p.search.matches) > 0:
		return p.setFilter(onlyMatches)
	case p.search.active() && !p.search.requests.Busy():
		return nav.Send(nav.Notify{Text: state.Public("no match for " + p.search.query.Text)})
	case len(p.marks.byPath) > 0:
		return p.setFilter(onlyOutdated)
	}
	return nav.Send(nav.Notify{Text: state.Public("no field is outdated, and there is no search")})
}

// setFilter changes which fields are shown. The folding before the first filter returns when all are shown again.
func (p *Pane) setFilter(f filter) tea.Cmd {
	if p.arrangement.filter == f {
		return nil
	}
	if p.arrangement.filter == allFields {
		p.arrangement.folding = p.tree.Folding()
	}
	p.arrangement.filter = f
	return p.rearrange(p.arrangement.folding)
}

// arranged is a tree whose rows are arranged.
type arranged struct {
	tree         *model.Tree
	shown, total int
}

// rearrange arranges the rows, for a large document outside the event loop. Without a filter the rows of the folding
// are expanded.
func (p *Pane) rearrange(folding model.Folding) tea.Cmd {
	doc, added, order := p.document, ghosts(p.state, p.document), p.arrangement.order
	filtered, only, changed := p.arrangement.filter != allFields, p.filteredPaths(), p.changedPaths()
	arrange := func(context.Context) (arranged, error) {
		t := model.NewTree(nil)
		t.SetDocument(doc, added)
		a := arranged{tree: t, shown: len(only)}
		if filtered {
			a.total = t.CountFields()
			t.SetFilter(only)
		}
		t.SetOrder(order, model.NewPathSet(changed))
		if !filtered {
			t.Restore(folding)
		}
		return a, nil
	}
	p.fit()
	if len(doc) > maxSyncBytes {
		p.arrangement.pending = folding
		return request.Start(p.arrangement.requests, arrange)
	}
	p.arrangement.requests.Cancel()
	a, _ := arrange(nil)
	p.setTree(a)
	return nil
}

// filteredPaths returns the paths that the filter shows.
func (p *Pane) filteredPaths() []model.Path {
	switch p.arrangement.filter {
	case onlyOutdated:
		return p.outdatedPaths()
	case onlyMatches:
		return p.search.matches[:len(p.search.matches):len(p.search.matches)]
	}
	return nil
}

func (p *Pane) outdatedPaths() []model.Path {
	paths := make([]model.Path, len(p.outdated))
	for i, c := range p.outdated {
		paths[i] = c.PathInOld()
	}
	return paths
}

// changedPaths returns the outdated fields and those of the draft.
func (p *Pane) changedPaths() []model.Path {
	return append(p.outdatedPaths(), p.draft.paths()...)
}

// handleArranged takes a tree that was arranged outside the event loop.
func (p *Pane) handleArranged(m request.Response[arranged]) {
	if request.Accept(p.arrangement.requests, m) && m.Err == nil {
		p.setTree(m.Value)
	}
}

// setTree shows the rows of another tree. The cursor stays on its field, or goes to an ancestor that is shown.
func (p *Pane) setTree(a arranged) {
	cursor := p.cursor()
	p.tree, p.arrangement.shown, p.arrangement.total = a.tree, a.shown, a.total
	p.placeCursor(cursor)
}

// arrangementText describes which rows are shown in which order, and how to change it; empty: all, as in the document.
func (p *Pane) arrangementText() string {
	a, key := &p.arrangement, func(action keys.Action) string { return p.keys.KeyOf(keys.Document, action) }
	of := func(noun string) string {
		if a.requests.Busy() {
			return "only " + noun + p.styles.Glyphs.Ellipsis
		}
		return "only " + noun + ": " + strconv.Itoa(a.shown) + " of " + strconv.Itoa(a.total) + " fields"
	}
	text, separator := "", " "+p.styles.Glyphs.Separator+" "
	switch a.filter {
	case onlyOutdated:
		text = of("outdated") + separator + key(keys.Filter) + " shows all"
	case onlyMatches:
		text = of("matches") + separator + key(keys.Filter) + " shows all"
	}
	if name := orderNames[a.order]; name != "" {
		if text != "" {
			text += separator
		}
		text += name + separator + key(keys.Order) + " changes the order"
	}
	return text
}

// show shows a document with the ghosts of the state. For the same account, expanded rows and the cursor stay.
func (p *Pane) show(doc bson.Raw, accountChanged bool) tea.Cmd {
	underWay := p.arrangement.requests.Busy()
	p.arrangement.requests.Cancel()
	if accountChanged {
		p.document, p.follow, p.used, p.counts = doc, nil, false, map[*byte]int{}
		p.arrangement = arrangement{requests: p.arrangement.requests}
		p.tree, p.scroll, p.chosen = model.NewTree(nil), pane.Scroll{}, selection{}
		p.tree.SetDocument(doc, ghosts(p.state, doc))
		p.fit()
		return nil
	}
	same := sameDocument(doc, p.document)
	p.document = doc
	p.counts = map[*byte]int{} // its keys would keep the values of earlier drafts in memory
	switch {
	case underWay:
		return p.rearrange(p.arrangement.pending)
	case !p.arrangement.plain():
		return p.rearrange(p.tree.Folding())
	}
	cursor := p.cursor()
	if same {
		p.tree.SetGhosts(ghosts(p.state, doc))
	} else {
		p.tree.SetDocument(doc, ghosts(p.state, doc))
	}
	p.placeCursor(cursor)
	return nil
}
