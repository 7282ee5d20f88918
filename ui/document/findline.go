package document

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// linesHeight returns the number of lines below the details: the order and filter, and the line of a search or a jump.
func (p *Pane) linesHeight() int {
	n := 0
	if !p.arrangement.plain() {
		n++
	}
	switch {
	case p.jump.typing:
		n += 1 + p.jump.listHeight(p.size.Y)
	case p.search.typing || p.search.active():
		n++
	}
	return n
}

// lines draws the lines below the details.
func (p *Pane) lines(width int) []string {
	var lines []string
	if text := p.arrangementText(); !p.arrangement.plain() {
		shown := model.Show(text).Clip(max(0, width-2))
		lines = append(lines, " "+p.styles.Info.Render(shown.String()))
	}
	switch {
	case p.jump.typing:
		lines = append(lines, p.jumpLines(width)...)
	case p.search.typing || p.search.active():
		lines = append(lines, p.searchLine(width))
	}
	return lines
}

// searchLine draws the search text, its options and the number of matches.
func (p *Pane) searchLine(width int) string {
	s := p.styles
	count := p.countText(width)
	countStyle := s.Muted
	if p.search.fault != "" {
		countStyle = s.InputError
	}
	available := max(0, width-3-count.Width()-2)
	typed := s.Muted.Render(model.Show(p.search.query.Text).Clip(available).String())
	if p.search.typing {
		typed = s.Input.Render(p.search.line.View(available))
	}
	return pane.Fit(" "+s.Prompt.Render("/")+" "+typed, max(0, width-count.Width()-1)) +
		countStyle.Render(count.String()) + " "
}

// countText returns the number of matches with the options, as far as they fit beside the text.
func (p *Pane) countText(width int) model.Visible {
	count := model.Show(p.matchCount())
	if p.search.fault != "" {
		return count.Clip(max(0, width/2))
	}
	for _, options := range p.searchOptions() {
		all := options
		if count.Width() > 0 {
			all += " " + p.styles.Glyphs.Separator + " " + count.String()
		}
		if shown := model.Show(all); shown.Width() <= max(count.Width(), width*2/3) {
			return shown
		}
	}
	return count
}

// searchOptions returns the options of the search, also without those that are usual. The footer has their keys.
func (p *Pane) searchOptions() []string {
	kind, in := "plain", "names and values"
	var unusual []string
	if !p.search.typing {
		return nil
	}
	if p.search.regexp {
		kind = "regular expression"
		unusual = append(unusual, kind)
	}
	switch {
	case p.state.Masked, p.search.in == namesOnly:
		in = "names"
		unusual = append(unusual, in)
	case p.search.in == valuesOnly:
		in = "values"
		unusual = append(unusual, in)
	}
	return []string{
		kind + ", " + in,
		strings.Join(unusual, " "),
	}
}

// Cursor returns the position in the value, or in the line of a search or a jump, while it is edited.
func (p *Pane) Cursor() *tea.Cursor {
	if p.input != nil {
		return p.inputCursor()
	}
	if p.size.Y <= 0 {
		return nil
	}
	x := 0
	switch {
	case p.jump.typing:
		x = 3 + p.jump.line.Cursor(p.jumpWidth(p.size.X))
	case p.search.typing:
		x = 3 + p.search.line.Cursor(max(0, p.size.X-3-p.countText(p.size.X).Width()-2))
	default:
		return nil
	}
	return tea.NewCursor(min(x, max(0, p.size.X-1)), p.size.Y-1)
}

// highlight writes a text, with the query highlighted if the row is a match.
func (p *Pane) highlight(b *strings.Builder, v model.Visible, textStyle style.Style, isMatch bool) {
	shown, at := v.String(), 0
	if isMatch && p.search.pattern != nil {
		for _, span := range p.search.pattern.FindAllStringIndex(shown, -1) {
			if span[0] < span[1] {
				textStyle.Write(b, shown[at:span[0]])
				p.styles.Match.Write(b, shown[span[0]:span[1]])
				at = span[1]
			}
		}
	}
	textStyle.Write(b, shown[at:])
}
