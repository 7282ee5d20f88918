package document

import (
	"context"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/ask"
	"dossier/ui/keys"
	"dossier/ui/text"
)

// matches is how many matches a find lists at most.
const matches = 10_000

// find is a search in the tree: what is typed, and where it was found.
type find struct {
	asker  *ask.Asker
	typing bool
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
		p.find.typing = false
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

// search looks for what is typed, off the event loop since a document may have megabytes. A text that is the path of a field finds that field first.
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
	return ask.Ask(p.find.asker, func(context.Context) (found, error) {
		paths := model.NewTree(doc).Search(typed, matches)
		if path, err := model.ParsePath(typed); err == nil {
			if _, ok := path.Lookup(doc); ok {
				paths = append([]model.Path{path}, paths...)
			}
		}
		return found{typed, paths}, nil
	})
}

// answered takes matches over and goes to the first at or after where the find began.
func (p *Pane) answered(m ask.Answer[found]) {
	if !ask.Takes(p.find.asker, m) || m.Err != nil {
		return
	}
	p.find.text, p.find.found, p.find.at = m.Value.text, m.Value.paths, -1
	p.find.hit = make(map[string]bool, len(m.Value.paths))
	for _, path := range m.Value.paths {
		p.find.hit[key(path)] = true
	}
	if p.find.typing && len(p.find.found) > 0 {
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
