package document

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/text"
)

// maxSyncBytes is the maximal size of a document that is searched or arranged inside the event loop, in bytes.
const maxSyncBytes = 256 << 10

// searchStepBytes is how much of a larger document is searched before matches and progress are shown.
const searchStepBytes = 1 << 20

// maxMatches is the maximal number of matches of a search.
const maxMatches = 10_000

// searchIn is where a search looks.
type searchIn int

const (
	namesAndValues searchIn = iota
	namesOnly
	valuesOnly
)

// search is a search in the tree: what is looked for, and the matches.
type search struct {
	requests *request.Runner
	typing   bool
	line     text.Line
	regexp   bool
	in       searchIn

	query        model.Query    // the last one; no text: none
	pattern      *regexp.Regexp // finds the query in a text on the screen; nil: it does not
	fault        string         // why the query is not a regular expression; empty: it is
	matches      []model.Path
	isMatch      map[string]bool // by pathKey
	current      int             // the index of the selected match, -1: none
	selected     model.Path      // the match that was selected before the search started again; nil: none
	progress     float64         // how much of the document is searched, 0 to 1
	more         bool            // there may be more matches than maxMatches
	stopped      bool            // the user stopped the search
	moveToResult bool            // the first match moves the cursor

	origin model.Path   // the cursor before the search
	opened []model.Path // rows that were opened to show matches
}

// active reports whether there is a query.
func (s *search) active() bool { return s.query.Text != "" }

// scan is a search of a document under way, whose steps run one after the other outside the event loop.
type scan struct {
	*model.Search
	ctx context.Context // of the step under way; nil: it runs in the event loop
}

// scanned is the result of a step.
type scanned struct {
	scan  *scan
	found []model.Path
	more  bool
}

// openSearch opens the search line.
func (p *Pane) openSearch() tea.Cmd {
	cmd := p.clearSearch()
	p.search.typing, p.search.line, p.search.origin = true, text.NewLine(""), p.Selected()
	p.fit()
	return cmd
}

// pressInSearch edits the search line: Enter keeps the matches, Esc returns to the row where the search began.
func (p *Pane) pressInSearch(m tea.KeyPressMsg) tea.Cmd {
	switch a, _ := p.keys.Resolve(m, keys.FindInDocument); a {
	case keys.Accept:
		p.search.typing = false
		p.fit()
		p.scroll.Reveal(p.scroll.Selected)
		return nil
	case keys.Cancel:
		origin := p.search.origin
		p.foldOpened(nil)
		cmd := p.clearSearch()
		return tea.Batch(cmd, p.goTo(origin))
	case keys.FindNext:
		return p.stepMatch(+1)
	case keys.FindPrevious:
		return p.stepMatch(-1)
	case keys.SearchRegexp:
		p.search.regexp = !p.search.regexp
		return p.startSearch()
	case keys.SearchIn:
		p.search.in = (p.search.in + 1) % (valuesOnly + 1)
		return p.startSearch()
	}
	if p.search.line.HandleKey(m) {
		return p.startSearch()
	}
	return nil
}

// cancel ends what Esc ends first: the selection of rows, a search under way, the search, the filter.
func (p *Pane) cancel() tea.Cmd {
	switch {
	case len(p.chosen.paths) > 0:
		p.ClearChosen()
		return nil
	case p.search.requests.Busy():
		p.search.requests.Cancel()
		p.search.stopped = true
		return nil
	case p.search.active():
		p.foldOpened(p.Selected())
		return p.clearSearch()
	default:
		return p.setFilter(allFields)
	}
}

// clearSearch removes the search; its options stay.
func (p *Pane) clearSearch() tea.Cmd {
	p.search.requests.Cancel()
	p.search = search{requests: p.search.requests, regexp: p.search.regexp, in: p.search.in}
	p.fit()
	if p.arrangement.filter == onlyMatches {
		return p.setFilter(allFields)
	}
	return nil
}

// foldOpened folds the rows that were opened to show matches, except those that contain a path.
func (p *Pane) foldOpened(except model.Path) {
	for _, path := range slices.Backward(p.search.opened) {
		if len(except) > len(path) && except.Within(path) {
			continue
		}
		if row := p.tree.RowOf(path); row >= 0 {
			if r := p.tree.Row(row); r.Expanded && r.Path.Equal(path) {
				p.tree.Toggle(row)
			}
		}
	}
	p.search.opened = nil
}

// startSearch searches for what is typed, or for the same as before if the line is closed.
func (p *Pane) startSearch() tea.Cmd {
	p.search.requests.Cancel()
	q := p.search.query
	if p.search.typing {
		q.Text, q.Regexp = p.search.line.Value(), p.search.regexp
		q.Names, q.Values = p.search.in != valuesOnly, p.search.in != namesOnly
	}
	if p.state.Masked { // matches in masked values would reveal them
		q.Names, q.Values = true, false
	}
	p.search.query, p.search.pattern, p.search.fault = q, nil, ""
	p.search.selected = nil
	if p.search.current >= 0 && p.search.current < len(p.search.matches) && !p.search.typing {
		p.search.selected = p.search.matches[p.search.current]
	}
	p.search.matches, p.search.isMatch, p.search.current = nil, map[string]bool{}, -1
	p.search.progress, p.search.more, p.search.stopped = 0, false, false
	if q.Text == "" {
		return nil
	}
	sc := &scan{}
	var err error
	sc.Search, err = model.NewSearch(p.document, p.otherValues(), q,
		func() bool { return sc.ctx != nil && sc.ctx.Err() != nil })
	if err != nil {
		p.search.fault = model.AsFault("", err).Message
		return nil
	}
	p.search.pattern, _ = q.Pattern()
	p.search.moveToResult = p.search.typing
	if path, err := model.ParsePath(q.Text); err == nil && q.Names && !q.Regexp {
		if _, ok := p.tree.Lookup(path); ok { // the field with this path comes first
			p.addMatches([]model.Path{path})
		}
	}
	return p.searchOn(sc)
}

// otherValues returns the values of the database and of the draft, which are searched too.
func (p *Pane) otherValues() []model.Ghost {
	list := ghosts(p.state, p.document)
	for _, c := range p.outdated {
		if p.document != nil && c.Kind != model.Added && c.Kind != model.Removed {
			list = append(list, model.Ghost{Path: c.PathInOld(), Value: c.New, Origin: model.InDatabase})
		}
	}
	return list
}

// searchOn runs the next step of a search, the whole of a small document in the event loop. The first step ends with
// the first match.
func (p *Pane) searchOn(sc *scan) tea.Cmd {
	limit, size := maxMatches-len(p.search.matches), searchStepBytes
	if len(p.document) <= maxSyncBytes {
		found, more := sc.Next(maxSyncBytes, limit)
		return p.takeMatches(scanned{sc, found, more})
	}
	if len(p.search.matches) == 0 {
		limit = 1
	}
	return request.Start(p.search.requests, func(ctx context.Context) (scanned, error) {
		sc.ctx = ctx
		found, more := sc.Next(size, limit)
		return scanned{sc, found, more}, nil
	})
}

// handleScanned takes the result of a step outside the event loop.
func (p *Pane) handleScanned(m request.Response[scanned]) tea.Cmd {
	if !request.Accept(p.search.requests, m) || m.Err != nil {
		return nil
	}
	return p.takeMatches(m.Value)
}

// takeMatches stores further matches, and searches on.
func (p *Pane) takeMatches(s scanned) tea.Cmd {
	p.addMatches(s.found)
	p.search.progress = s.scan.Progress()
	p.search.more = s.more && len(p.search.matches) >= maxMatches
	if s.more && !p.search.more {
		return p.searchOn(s.scan)
	}
	if p.arrangement.filter == onlyMatches {
		return p.rearrange(p.tree.Folding())
	}
	return nil
}

// addMatches stores further matches, and selects the first one if the user is still searching.
func (p *Pane) addMatches(paths []model.Path) {
	for _, path := range paths {
		if key := pathKey(path); !p.search.isMatch[key] {
			p.search.isMatch[key] = true
			if p.search.selected != nil && path.Equal(p.search.selected) {
				p.search.current = len(p.search.matches)
			}
			p.search.matches = append(p.search.matches, path)
		}
	}
	if p.search.moveToResult && len(p.search.matches) > 0 {
		p.search.moveToResult, p.search.current = false, 0
		p.openFor(p.search.matches[0])
		p.moveTo(p.search.matches[0])
	}
}

// openFor remembers which row will be opened to show a path.
func (p *Pane) openFor(path model.Path) {
	if row := p.tree.RowOf(path); row >= 0 {
		if at := p.tree.Row(row).Path; !at.Equal(path) {
			p.search.opened = append(p.search.opened, at)
		}
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
	p.search.moveToResult = false
	p.search.current = ((p.search.current+by)%n + n) % n
	p.openFor(p.search.matches[p.search.current])
	return p.goTo(p.search.matches[p.search.current])
}

// goTo moves the cursor to a field. If the filter hides it, all fields are shown again.
func (p *Pane) goTo(path model.Path) tea.Cmd {
	if p.moveTo(path) || p.arrangement.filter == allFields {
		return nil
	}
	if _, ok := p.tree.Lookup(path); !ok {
		return nil
	}
	p.follow = path
	return tea.Batch(p.setFilter(allFields), nav.Send(nav.Notify{
		Text: state.Public("all fields are shown again: the filter hid this one")}))
}

// moveTo moves the cursor to a field and opens its ancestors. It returns false if no row shows the field.
func (p *Pane) moveTo(path model.Path) bool {
	row := p.tree.ExpandTo(path)
	if row < 0 {
		return false
	}
	p.fit()
	p.scroll.Reveal(row)
	p.measure()
	return true
}

// matchCount returns a text such as "3 of 12", with the progress while the search is under way.
func (p *Pane) matchCount() string {
	s := &p.search
	n := fmt.Sprint(len(s.matches))
	if s.more {
		n = fmt.Sprintf("the first %s", n)
	}
	count := n + " found"
	if s.current >= 0 {
		count = fmt.Sprintf("%d of %s", s.current+1, n)
	}
	percent := fmt.Sprintf("%d %%", int(100*s.progress))
	switch {
	case s.fault != "":
		return s.fault
	case !s.active():
		return ""
	case s.requests.Busy():
		return "searching" + p.styles.Glyphs.Ellipsis + " " + percent + ", " + count
	case s.stopped:
		return "stopped at " + percent + ", " + count
	case len(s.matches) == 0:
		return "no matches"
	default:
		return count
	}
}
