package document

import (
	"fmt"
	"strings"
	"time"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxDetail is the maximal height of the detail strip, its rule included.
const maxDetail = 6

// detailIndent is the width of the sign before a line of the detail strip and of the blank behind it.
const detailIndent = 2

// detailLine is a line of the detail strip below its rule.
type detailLine struct {
	sign      string // "": none
	signStyle style.Style
	label     string // "": none
	text      model.Visible
	style     style.Style
}

// strip is the height of the detail strip. It follows the needs of the last selected rows, so that it grows at once,
// and shrinks only after the selection has moved over several rows that need less.
type strip struct {
	row    int    // the selected row that the last of needs is of
	needs  [8]int // heights
	at     int    // the position of the last one
	height int

	lines []detailLine // of the selected row
	basis stripBasis   // of lines
}

// stripBasis is what the lines of the strip follow from, besides the selected row.
type stripBasis struct {
	state       *state.State
	styles      *style.Styles
	now         time.Time
	width, most int
}

// set stores the need of the selected row.
func (s *strip) set(row, need int) {
	if row != s.row {
		s.row, s.at = row, (s.at+1)%len(s.needs)
	}
	s.needs[s.at] = need
	s.height = 0
	for _, n := range s.needs {
		s.height = max(s.height, n)
	}
}

// detailHeight returns the number of lines below the tree that describe the selected row.
func (p *Pane) detailHeight() int {
	if p.tree.Len() == 0 {
		return 0
	}
	return min(max(p.strip.height, p.leastDetail()), p.mostDetail())
}

// leastDetail returns the height of the strip that short values have.
func (p *Pane) leastDetail() int { return min(3, p.mostDetail()) }

// mostDetail returns the maximal height of the strip in a pane of this height.
func (p *Pane) mostDetail() int {
	switch {
	case p.size.Y >= 24:
		return maxDetail
	case p.size.Y >= 18:
		return 5
	case p.size.Y >= 12:
		return 3
	case p.size.Y >= 8:
		return 2
	default:
		return 1
	}
}

// fitDetail adapts the height of the strip to the selected row.
func (p *Pane) fitDetail() {
	row, ok := p.selected()
	if !ok {
		return
	}
	before := p.detailHeight()
	p.strip.basis = stripBasis{p.state, p.styles, p.now, p.size.X, max(1, p.mostDetail()-1)}
	p.strip.lines = p.detailLines(row, p.size.X, p.strip.basis.most)
	p.strip.set(p.scroll.Selected, 1+len(p.strip.lines))
	if p.detailHeight() != before {
		p.scroll.Resize(p.tree.Len(), p.size.Y-p.detailHeight()-p.linesHeight())
	}
}

// detail draws the strip: a rule with path and type, the value, its other forms, and how draft and database differ.
func (p *Pane) detail(width int) []string {
	height := p.detailHeight()
	row, ok := p.selected()
	if height == 0 || !ok {
		return nil
	}
	if p.input != nil {
		return p.inputDetail(height, width)
	}
	lines := make([]string, 0, height)
	shown := p.strip.lines
	if b := (stripBasis{p.state, p.styles, p.now, width, max(1, p.mostDetail()-1)}); b != p.strip.basis {
		shown = p.detailLines(row, width, b.most)
	}
	shown = shown[:min(len(shown), max(1, height-1))]
	if height > 1 {
		lines = append(lines, p.rule(row, width))
	} else if shown[0].sign == "" {
		shown = []detailLine{{text: p.crumbs(row.Path, width-detailIndent-1), style: p.styles.Muted}}
	}
	for _, l := range shown {
		lines = append(lines, p.drawDetail(l, width))
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	return lines
}

func (p *Pane) drawDetail(l detailLine, width int) string {
	var b strings.Builder
	used := 0
	if l.sign != "" {
		l.signStyle.Write(&b, l.sign)
		used = model.Show(l.sign).Width()
	}
	b.WriteString(spaces(max(1, detailIndent-used)))
	used += max(1, detailIndent-used)
	if l.label != "" {
		label := model.Show(l.label).Clip(max(0, width/2))
		p.styles.Muted.Write(&b, label.String()+"  ")
		used += label.Width() + 2
	}
	l.style.Write(&b, l.text.Clip(max(0, width-used)).String())
	return b.String()
}

// rule draws the line above the details: the path as breadcrumbs, and the type.
func (p *Pane) rule(row model.Row, width int) string {
	s := p.styles
	kind := model.Show(string(model.KindOf(row.Value)))
	end := kind.Width() + 3
	if width < 3*end {
		kind, end = model.Visible{}, 0
	}
	path := p.crumbs(row.Path, max(0, width-end-4))
	title := " " + path.String() + " "
	if end > 0 {
		title += s.Frame.Top + " " + kind.String() + " "
	}
	return s.Border.Render(s.Frame.Top) + s.Muted.Render(title) +
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-path.Width()-3-end)))
}

// crumbs returns a path as breadcrumbs in at most width cells. Levels in its middle are dropped first.
func (p *Pane) crumbs(path model.Path, width int) model.Visible {
	separator := model.Show(" " + p.styles.Glyphs.Cursor + " ")
	level := func(i int) model.Visible { return model.Clip(path[i], maxNameWidth) }
	first, last := level(0), model.Visible{}
	used, from := first.Width()+6, len(path) // with a separator and …
	for from > 1 {
		next := level(from - 1)
		if used += next.Width() + separator.Width(); used > width && from < len(path) {
			break
		}
		if from--; last.Width() > 0 {
			next = model.Concat(next, separator, last)
		}
		last = next
	}
	switch {
	case from >= len(path):
		return first.ClipMiddle(width)
	case from == 1:
		first = model.Concat(first, separator, last)
	default:
		first = model.Concat(first, separator, model.Show("…"), separator, last)
	}
	if first.Width() > width && from > 1 {
		return model.Concat(model.Show("…"), separator, last).ClipMiddle(width)
	}
	return first.ClipMiddle(width)
}

// detailLines returns at most a number of lines about a row: how draft and database differ has precedence over the
// other forms of the value, and these over more of the value.
func (p *Pane) detailLines(row model.Row, width, most int) []detailLine {
	status := p.statusLines(row, width, most)
	if len(status) >= most && len(status) > 0 {
		return status
	}
	facts := p.factLines(row, width)
	left := most - len(status)
	if len(facts) > 0 && model.KindOf(row.Value) == model.Binary { // its text is among them
		return append(facts[:min(len(facts), left)], status...)
	}
	facts = facts[:min(len(facts), max(0, left-1))]
	lines := p.valueLines(row, width, left-len(facts))
	return append(append(lines, facts...), status...)
}

// valueLines returns the value on at most a number of lines.
func (p *Pane) valueLines(row model.Row, width, most int) []detailLine {
	width, most = max(1, width-detailIndent-1), min(most, 3)
	if most <= 0 {
		return nil
	}
	var shown model.Visible
	if isContainer(row.Value) {
		most = min(most, 2)
		shown = p.state.Summary(row.Path, row.Value, most*width)
		if n := p.value(row.Path, row.Value, width); n.Width()+2 < width {
			shown = model.Concat(n, model.Show("  "), shown)
		}
	} else {
		shown = p.state.Clipped(row.Path, row.Value, most*width+1)
	}
	wrapped := shown.Wrap(width)
	var lines []detailLine
	for i, line := range wrapped[:min(len(wrapped), most)] {
		if i == most-1 && len(wrapped) > most {
			hint := model.Show(p.styles.Glyphs.Ellipsis + p.keys.Expand(" {document.view-value} views"))
			line = model.Concat(line.Clip(max(0, width-hint.Width())), hint)
		}
		lines = append(lines, detailLine{text: line, style: p.styles.Text})
	}
	return lines
}

// factLines returns the other forms of a value, the first with its age.
func (p *Pane) factLines(row model.Row, width int) []detailLine {
	var lines []detailLine
	details := p.state.Details(row.Path, row.Value)
	if kind := model.KindOf(row.Value); kind == model.Date && len(details) > 1 {
		details = details[:1] // the value has the rest
	}
	for i, d := range details {
		if i == 0 {
			age := p.state.Age(row.Path, row.Value, p.now)
			d.Text = d.WithAge(age, p.styles.Glyphs.Separator, width-len(d.Label)-detailIndent-3)
		}
		lines = append(lines, detailLine{label: d.Label, text: d.Text, style: p.styles.Text})
		if len(lines) == 3 {
			break
		}
	}
	return lines
}

// status is a sentence about how the draft or the database differs from a row.
type status struct {
	sign      string // "": none
	signStyle style.Style
	text      model.Visible
	style     style.Style
}

// statusLines says on at most a number of lines how the draft and the database differ from a row. A text that is cut
// ends with an ellipsis.
func (p *Pane) statusLines(row model.Row, width, most int) []detailLine {
	const mostOfOne = 2
	width = max(1, width-detailIndent-1)
	all := p.statuses(row)
	var lines []detailLine
	for _, s := range all {
		wrapped := s.text.Wrap(width)
		n := min(len(wrapped), mostOfOne, max(1, most/len(all)))
		for i, text := range wrapped[:n] {
			if i == n-1 && len(wrapped) > n {
				end := model.Show(p.styles.Glyphs.Ellipsis)
				text = model.Concat(text.Clip(max(0, width-end.Width())), end)
			}
			lines = append(lines, detailLine{sign: s.sign, signStyle: s.signStyle, text: text, style: s.style})
			s.sign = ""
		}
	}
	return lines[:min(len(lines), max(0, most))]
}

// statuses returns how the draft and the database differ from a row.
func (p *Pane) statuses(row model.Row) []status {
	s := p.styles
	var all []status
	if p.draft.marked(row) {
		all = append(all, status{s.Glyphs.Draft, s.Draft, p.draftState(row), s.Text})
	}
	change, outdated := p.marks.changeAt(row.Path)
	outdated = outdated && !p.draft.insideArray(row.Path)
	switch inside := p.outdatedInside(row); {
	case row.Origin == model.InDatabase:
		all = append(all, status{s.Glyphs.Added, s.Added,
			model.Show("only in the database: the application does not see it yet"), s.Text})
	case outdated:
		all = append(all, status{s.Glyphs.Stale, s.Modified, p.databaseState(change, row.Path), s.Text})
	case inside != "":
		all = append(all, status{s.Glyphs.Stale, s.Modified, model.Show(inside), s.Text})
	case p.fromDatabase && len(all) == 0:
		all = append(all, status{text: model.Show("from the database: too large for a token"), style: s.Faint})
	}
	return all
}

// draftState describes what the draft does to a row.
func (p *Pane) draftState(row model.Row) model.Visible {
	keys := p.keys.Expand("; {document.edit} continues, {document.review-draft} reviews")
	if typed, ok := p.state.Draft.TypedIn(row.Path); ok {
		keys = p.keys.Expand("; {document.edit} continues, {document.discard} discards")
		return model.Concat(model.Show("typed, not accepted: "), p.state.Value(row.Path, typed), model.Show(keys))
	}
	change, ok := p.draft.change(row.Path)
	switch {
	case !ok:
		return model.Show("unsaved" + keys)
	case change.Kind == model.Added:
		return model.Show("only in the draft" + keys)
	case row.Origin == model.RemovedByDraft:
		return model.Show("unsaved: removed" + p.keys.Expand("; {document.discard} puts it back"))
	case change.Kind == model.Removed:
		return model.Show("unsaved: removed" + keys)
	case change.Kind == model.Moved:
		return model.Show("unsaved: moved from " + change.From[len(change.From)-1] + keys)
	case change.Kind == model.TypeChanged && change.Path.Equal(row.Path):
		return model.Concat(model.Show("unsaved: "), p.state.Value(row.Path, row.Value),
			model.Show(" ("+string(model.KindOf(row.Value))+")"+keys))
	default:
		return model.Concat(model.Show("unsaved: "), p.state.Value(row.Path, row.Value), model.Show(keys))
	}
}

// outdatedInside reports that a closed row contains outdated fields.
func (p *Pane) outdatedInside(row model.Row) string {
	if len(p.marks.inside) == 0 {
		return ""
	}
	n := p.marks.inside[pathKey(row.Path)]
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "1 field inside is outdated"
	default:
		return fmt.Sprintf("%d fields inside are outdated", n)
	}
}

// databaseState describes the database's value of an outdated field.
func (p *Pane) databaseState(c model.Change, at model.Path) model.Visible {
	ofField := ""
	if len(c.Path) < len(at) {
		ofField = " for " + c.Path.String()
	}
	switch {
	case c.Kind == model.Removed:
		return model.Show("the database no longer holds this" + ofField)
	case c.Kind == model.Moved:
		return model.Show("the database holds this item at " + c.Path.String())
	case c.Kind == model.TypeChanged:
		return model.Concat(model.Show("the database holds"+ofField+" "), p.state.Value(c.Path, c.New),
			model.Show(" ("+string(model.KindOf(c.New))+")"))
	default:
		return model.Concat(model.Show("the database holds"+ofField+" "), p.state.Value(c.Path, c.New))
	}
}

// ClockText returns the age of the selected value: it is the only text of the pane that depends on the time.
func (p *Pane) ClockText(now time.Time) string {
	row, ok := p.selected()
	if !ok || p.size.Y < 12 {
		return ""
	}
	return p.state.Age(row.Path, row.Value, now)
}

// draftNote names the extent of the kept draft.
func draftNote(d *state.Draft) string {
	var parts []string
	switch n := d.EditCount(); n {
	case 0:
	case 1:
		parts = append(parts, "1 edit")
	default:
		parts = append(parts, fmt.Sprintf("%d edits", n))
	}
	if len(d.Fields) > len(d.Edits) || len(d.Typed)+d.Unnamed > 0 || d.IsDocument {
		parts = append(parts, "unsaved text")
	}
	return strings.Join(parts, ", ")
}
