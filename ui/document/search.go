package document

import (
	"context"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/request"
	"dossier/ui/text"
)

// maxSyncBytes is the maximal size of a document that is searched inside the event loop, in bytes.
const maxSyncBytes = 1 << 20

// maxMatches is the maximal number of matches of a search.
const maxMatches = 10_000

// search is a search in the tree: the query and its matches.
type search struct {
	requests     *request.Runner
	typing       bool
	moveOnResult bool // Enter was pressed before the result arrived: the result still moves the cursor
	line         text.Line
	query        string // the last query
	origin       model.Path
	matches      []model.Path
	isMatch      map[string]bool
	current      int // the index of the selected match, -1: none
}

// searchResult holds the matches of a query.
type searchResult struct {
	query string
	paths []model.Path
}

// openSearch opens the search line.
func (p *Pane) openSearch() {
	p.search.typing = true
	p.search.line = text.NewLine("")
	p.search.origin = p.Selected()
	p.fit()
}

// press edits the search line: Enter keeps the matches, Esc returns to the row where the search began.
func (p *Pane) press(m tea.KeyPressMsg) tea.Cmd {
	if !p.search.typing {
		return nil
	}
	switch a, _ := p.keys.Resolve(m, keys.FindInDocument); a {
	case keys.Accept:
		p.search.typing, p.search.moveOnResult = false, p.search.requests.Busy()
		p.fit()
		p.scroll.Reveal(p.scroll.Selected)
		return nil
	case keys.Cancel:
		from := p.search.origin
		p.clearSearch()
		p.moveTo(from)
		return nil
	case keys.FindNext:
		return p.stepMatch(+1)
	case keys.FindPrevious:
		return p.stepMatch(-1)
	}
	if p.search.line.HandleKey(m) {
		return p.startSearch()
	}
	return nil
}

// clearSearch removes the search.
func (p *Pane) clearSearch() {
	p.search.requests.Cancel()
	p.search = search{requests: p.search.requests}
	p.fit()
}

// startSearch runs the search, for a large document outside the event loop.
func (p *Pane) startSearch() tea.Cmd {
	typed := p.search.query
	if p.search.typing {
		typed = p.search.line.Value()
	}
	if typed == "" {
		p.search.requests.Cancel()
		p.search.query, p.search.matches, p.search.isMatch = "", nil, nil
		return nil
	}
	doc, namesOnly := p.document, p.state.Masked
	if len(doc) <= maxSyncBytes {
		p.search.requests.Cancel()
		p.setMatches(searchResult{typed, searchDocument(doc, typed, namesOnly)})
		return nil
	}
	return request.Start(p.search.requests, func(context.Context) (searchResult, error) {
		return searchResult{typed, searchDocument(doc, typed, namesOnly)}, nil
	})
}

// searchDocument returns the matches of a query, with namesOnly those of the field names: matches in masked values
// would reveal them. If the query is the path of a field, that field comes first.
func searchDocument(doc bson.Raw, typed string, namesOnly bool) []model.Path {
	find := model.NewTree(doc).Search
	if namesOnly {
		find = model.NewTree(doc).SearchNames
	}
	paths := find(typed, maxMatches)
	path, err := model.ParsePath(typed)
	if err != nil {
		return paths
	}
	if _, ok := path.Lookup(doc); !ok {
		return paths
	}
	paths = slices.DeleteFunc(paths, path.Equal)
	return append([]model.Path{path}, paths...)
}

// handleResult takes the matches of a search outside the event loop.
func (p *Pane) handleResult(m request.Response[searchResult]) {
	if request.Accept(p.search.requests, m) && m.Err == nil {
		p.setMatches(m.Value)
	}
}

// setMatches stores the matches, and selects the first one if the user is still searching.
func (p *Pane) setMatches(f searchResult) {
	p.search.query, p.search.matches, p.search.current = f.query, f.paths, -1
	p.search.isMatch = make(map[string]bool, len(f.paths))
	for _, path := range f.paths {
		p.search.isMatch[pathKey(path)] = true
	}
	moves := p.search.typing || p.search.moveOnResult
	p.search.moveOnResult = false
	if moves && len(p.search.matches) > 0 {
		p.search.current = 0
		p.moveTo(p.search.matches[0])
	}
}

// stepMatch selects the next or the previous match.
func (p *Pane) stepMatch(by int) tea.Cmd {
	n := len(p.search.matches)
	if n == 0 {
		return nil
	}
	if p.search.current < 0 && by < 0 {
		p.search.current = 0
	}
	p.search.current = ((p.search.current+by)%n + n) % n
	p.moveTo(p.search.matches[p.search.current])
	return nil
}

// moveTo moves the cursor to a field and opens its ancestors.
func (p *Pane) moveTo(path model.Path) {
	if row := p.tree.ExpandTo(path); row >= 0 {
		p.fit()
		p.scroll.Reveal(row)
		p.measure()
	}
}

// matchCount returns a text such as "3 of 12".
func (p *Pane) matchCount() string {
	n := len(p.search.matches)
	switch {
	case p.search.requests.Busy():
		return "…"
	case p.search.query == "":
		return ""
	case n == 0:
		return "no matches"
	case p.search.current < 0:
		return strconv.Itoa(n) + " found"
	default:
		suffix := ""
		if n >= maxMatches {
			suffix = "+"
		}
		return strconv.Itoa(p.search.current+1) + " of " + strconv.Itoa(n) + suffix
	}
}
