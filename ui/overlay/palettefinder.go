package overlay

import (
	"cmp"
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/request"
)

// paletteMatch is an item that matches the query.
type paletteMatch struct {
	PaletteItem
	at    []int // the offsets of the matching characters in Text
	score int   // higher is better
}

// What changes the score of a match: an item that was used recently comes before equal ones, one that cannot be chosen
// after better ones.
const (
	recentBonus        = 20
	unavailablePenalty = 30
)

// rank returns the items that match a query, and the fields that do. Without a query these are all items, the recently
// used ones first; otherwise the section with the best match comes first.
func rank(items []PaletteItem, recent []string, query string, fields []paletteMatch) []paletteMatch {
	if query == "" {
		return withRecent(items, recent)
	}
	matches := slices.Clone(fields)
	for _, m := range fuzzy.FindFromNoSort(query, itemTexts(items)) {
		match := paletteMatch{items[m.Index], m.MatchedIndexes, m.Score}
		if slices.Contains(recent, match.ID) {
			match.score += recentBonus
		}
		if match.Unavailable != "" {
			match.score -= unavailablePenalty
		}
		matches = append(matches, match)
	}
	best := map[string]int{}
	for _, m := range matches {
		if score, ok := best[m.Section]; !ok || m.score > score {
			best[m.Section] = m.score
		}
	}
	slices.SortStableFunc(matches, func(a, b paletteMatch) int {
		return cmp.Or(best[b.Section]-best[a.Section], cmp.Compare(a.Section, b.Section), b.score-a.score)
	})
	return matches
}

// itemTexts is the searched texts of items.
type itemTexts []PaletteItem

func (t itemTexts) String(i int) string { return t[i].Text }
func (t itemTexts) Len() int            { return len(t) }

// withRecent returns all items, the recently used ones first.
func withRecent(items []PaletteItem, recent []string) []paletteMatch {
	var matches []paletteMatch
	for _, id := range recent {
		if i := slices.IndexFunc(items, func(item PaletteItem) bool { return item.ID == id }); i >= 0 {
			item := items[i]
			item.Section = "recent"
			matches = append(matches, paletteMatch{PaletteItem: item})
		}
	}
	for _, item := range items {
		matches = append(matches, paletteMatch{PaletteItem: item})
	}
	return matches
}

// The limits of the search for fields.
const (
	maxPaths      = 100_000 // the number of fields that are searched
	maxFoundPaths = 30      // the number of fields that are listed
	maxSyncBytes  = 64 << 10
)

// paletteFinder finds the fields of a document by their path.
type paletteFinder struct {
	ctx      context.Context
	document bson.Raw
	requests *request.Runner
	paths    []string // of the document's fields; nil: not listed yet
	found    []foundPath
}

// foundPath is a path that matches a query.
type foundPath struct {
	path  string
	at    []int
	score int
}

// foundPaths is the result of a search; paths are listed by the first one.
type foundPaths struct {
	paths []string
	found []foundPath
}

// findPaths finds the fields whose path matches a query: at once in a small document, outside the event loop in a large
// one. What was found before stays until then.
func (f *paletteFinder) findPaths(query string) tea.Cmd {
	f.requests.Cancel()
	if query == "" || len(f.document) == 0 {
		f.found = nil
		return nil
	}
	doc, paths := f.document, f.paths
	if len(doc) <= maxSyncBytes {
		result, _ := searchPaths(f.ctx, doc, paths, query)
		f.paths, f.found = result.paths, result.found
		return nil
	}
	f.found = nil
	return request.Start(f.requests, func(ctx context.Context) (foundPaths, error) {
		return searchPaths(ctx, doc, paths, query)
	})
}

// accept takes the result of a search; false: it is outdated.
func (f *paletteFinder) accept(m request.Response[foundPaths]) bool {
	if !request.Accept(f.requests, m) || m.Err != nil {
		return false
	}
	f.paths, f.found = m.Value.paths, m.Value.found
	return true
}

// matches returns the found fields as items.
func (f *paletteFinder) matches(jump func(model.Path) tea.Msg) []paletteMatch {
	var matches []paletteMatch
	for _, found := range f.found {
		path, err := model.ParsePath(found.path)
		if err != nil || jump == nil {
			continue
		}
		shown := model.Show(found.path).String()
		if shown != found.path { // the offsets are those of the path as it is
			found.at = nil
		}
		matches = append(matches, paletteMatch{
			PaletteItem{ID: "field " + found.path, Section: "fields", Text: shown, Choose: jump(path)}, found.at, found.score})
	}
	return matches
}

// searchPaths returns the best matches of a query among the paths of a document, which it lists unless they are given.
func searchPaths(ctx context.Context, doc bson.Raw, paths []string, query string) (foundPaths, error) {
	if paths == nil {
		paths = model.FieldPaths(doc, maxPaths, func() bool { return ctx.Err() != nil })
	}
	matches := fuzzy.FindFromIterNoSort(query, func(yield func(string) bool) {
		for i, path := range paths {
			if i%1000 == 0 && ctx.Err() != nil || !yield(path) {
				return
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return foundPaths{}, err
	}
	slices.SortStableFunc(matches, func(a, b fuzzy.Match) int { return b.Score - a.Score })
	result := foundPaths{paths: paths}
	for _, m := range matches[:min(len(matches), maxFoundPaths)] {
		result.found = append(result.found, foundPath{m.Str, m.MatchedIndexes, m.Score})
	}
	return result, nil
}
