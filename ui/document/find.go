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

// atOnce is the size, in bytes, up to which a document is searched in the moment of a key press: what is pressed next then meets the match.
const atOnce = 1 << 20

// matches is how many matches a find lists at most.
const matches = 10_000

// find is a search in the tree: what is typed, and where it was found.
type find struct {
	asker  *request.Asker
	typing bool
	going  bool // Enter came before the answer: it still moves the cursor
	line   text.Line
	text   string // what was searched for last
	from   model.Path
	found  []model.Path
	hit    map[string]bool
	at     int // the match the cursor went to, -1: none
}

// found is where a text was found.
type found struct {
	text  string
	paths []model.Path
}

// begin opens the find line.
func (p *Pane) begin() {
	p.find.typing = true
	p.find.line = text.NewLine("")
	p.find.from = p.Selected()
	p.fit()
}

// press types into the find line: Enter keeps the matches, Esc goes back to where the find began.
func (p *Pane) press(m tea.KeyPressMsg) tea.Cmd {
	if !p.find.typing {
		return nil
	}
	switch a, _ := p.keys.Resolve(m, keys.Finding); a {
	case keys.Accept:
		p.find.typing, p.find.going = false, p.find.asker.Busy()
		p.fit()
		p.scroll.Reveal(p.scroll.At)
		return nil
	case keys.Cancel:
		from := p.find.from
		p.clear()
		p.moveTo(from)
		return nil
	case keys.FindNext:
		return p.step(+1)
	case keys.FindPrevious:
		return p.step(-1)
	}
	if p.find.line.Press(m) {
		return p.search()
	}
	return nil
}

// clear forgets the find.
func (p *Pane) clear() {
	p.find.asker.Cancel()
	p.find = find{asker: p.find.asker}
	p.fit()
}

// search looks for what is typed, in a large document off the event loop.
func (p *Pane) search() tea.Cmd {
	typed := p.find.text
	if p.find.typing {
		typed = p.find.line.Value()
	}
	if typed == "" {
		p.find.asker.Cancel()
		p.find.text, p.find.found, p.find.hit = "", nil, nil
		return nil
	}
	doc := p.shown
	if len(doc) <= atOnce {
		p.find.asker.Cancel()
		p.place(found{typed, look(doc, typed)})
		return nil
	}
	return request.Ask(p.find.asker, func(context.Context) (found, error) { return found{typed, look(doc, typed)}, nil })
}

// look lists what a text finds. When it is the path of a field, that field comes first.
func look(doc bson.Raw, typed string) []model.Path {
	paths := model.NewTree(doc).Search(typed, matches)
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

// answered takes the matches of a large document over.
func (p *Pane) answered(m request.Answer[found]) {
	if request.Takes(p.find.asker, m) && m.Err == nil {
		p.place(m.Value)
	}
}

// place takes matches over and goes to the first, unless the person has gone on.
func (p *Pane) place(f found) {
	p.find.text, p.find.found, p.find.at = f.text, f.paths, -1
	p.find.hit = make(map[string]bool, len(f.paths))
	for _, path := range f.paths {
		p.find.hit[key(path)] = true
	}
	moves := p.find.typing || p.find.going
	p.find.going = false
	if moves && len(p.find.found) > 0 {
		p.find.at = 0
		p.moveTo(p.find.found[0])
	}
}

// step goes to the next or the previous match.
func (p *Pane) step(by int) tea.Cmd {
	n := len(p.find.found)
	if n == 0 {
		return nil
	}
	if p.find.at < 0 && by < 0 {
		p.find.at = 0
	}
	p.find.at = ((p.find.at+by)%n + n) % n
	p.moveTo(p.find.found[p.find.at])
	return nil
}

// moveTo moves the cursor to a field and opens what hides it.
func (p *Pane) moveTo(path model.Path) {
	if row := p.tree.Reveal(path); row >= 0 {
		p.fit()
		p.scroll.Reveal(row)
		p.measure()
	}
}

// tally is "3 of 12" for the find line.
func (p *Pane) tally() string {
	n := len(p.find.found)
	switch {
	case p.find.asker.Busy():
		return "…"
	case p.find.text == "":
		return ""
	case n == 0:
		return "nothing found"
	case p.find.at < 0:
		return strconv.Itoa(n) + " found"
	default:
		more := ""
		if n >= matches {
			more = "+"
		}
		return strconv.Itoa(p.find.at+1) + " of " + strconv.Itoa(n) + more
	}
}
