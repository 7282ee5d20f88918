package document

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

// detailHeight returns the number of lines below the tree that describe the selected row.
func (p *Pane) detailHeight() int {
	switch {
	case p.tree.Len() == 0:
		return 0
	case p.size.Y >= 18:
		return 4
	case p.size.Y >= 8:
		return 2
	default:
		return 1
	}
}

func (p *Pane) searchHeight() int {
	if p.search.typing || p.search.query != "" {
		return 1
	}
	return 0
}

// View draws the visible rows, the details of the selected one, and the search line.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	lines := make([]string, 0, size.Y)
	if p.tree.Len() == 0 {
		lines = p.emptyLines(size.X)
	}
	from, to := p.scroll.VisibleRows()
	for i := from; i < to; i++ {
		lines = append(lines, p.row(p.tree.Row(i), i == p.scroll.Selected, size.X))
	}
	below := p.detail(size.X)
	if p.searchHeight() > 0 {
		below = append(below, p.searchLine(size.X))
	}
	for len(lines) < size.Y-len(below) {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, size.Y-len(below))], below...)
	return strings.Join(lines[:min(len(lines), size.Y)], "\n")
}

// remeasureRows is how far the viewport moves before the columns are measured again.
const remeasureRows = 50

// scrolled measures the columns again when the viewport has moved far.
func (p *Pane) scrolled() {
	if moved := p.scroll.Top - p.measuredTop; moved <= -remeasureRows || moved >= remeasureRows {
		p.measure()
	}
}

// measure sets the column widths from the rows near the viewport, so that scrolling seldom moves the columns.
func (p *Pane) measure() {
	p.nameWidth, p.kindWidth, p.measuredTop = 8, 0, p.scroll.Top
	from, to := max(0, p.scroll.Top-150), min(p.tree.Len(), p.scroll.Top+p.scroll.Height+150)
	for i := from; i < to; i++ {
		r := p.tree.Row(i)
		p.nameWidth = max(p.nameWidth, 2*r.Depth+model.Clip(r.Key, 40).Width())
		p.kindWidth = max(p.kindWidth, len(model.KindOf(r.Value)))
	}
}

// minValueWidth is the minimal width of a value beside its type, in cells: an ObjectId or a date.
const minValueWidth = 24

// columns divides a row: name with indent, value, type; 0: no type.
func (p *Pane) columns(width int) (name, value, kind int) {
	available := width - 5 // mark, fold sign and gaps
	typed := available - p.kindWidth - 2
	if name = min(p.nameWidth, max(8, typed*45/100)); typed-name >= minValueWidth {
		return name, typed - name, p.kindWidth
	}
	name = min(p.nameWidth, max(8, available*45/100))
	return name, max(1, available-name), 0
}

// rowSequences is the usual length of the escape sequences of a row.
const rowSequences = 200

// row draws one field.
func (p *Pane) row(r model.Row, selected bool, width int) string {
	s := p.styles
	onRow := func(part style.Style) style.Style { return part }
	rowStyle := s.Text
	if selected {
		rowStyle = s.SelectedBlurred
		if p.focused {
			rowStyle = s.Selected
		}
		onRow = func(part style.Style) style.Style { return style.OnRow(rowStyle, part) }
	}
	name, value, kind := p.columns(width)
	indent := min(2*r.Depth, name-4)
	mark, markStyle, nameStyle, textStyle := " ", s.Text, s.FieldName, s.ForKind(model.KindOf(r.Value))
	if r.IsElement {
		nameStyle = s.Index
	}
	if p.marks.marked(r) {
		mark, markStyle = s.Glyphs.Stale, s.Modified
		textStyle = s.Modified
	}
	if p.draft.marked(r) {
		mark, markStyle = s.Glyphs.Draft, s.Info
	}
	foldSign := p.foldSign(r)
	isMatch := len(p.search.isMatch) > 0 && p.search.isMatch[pathKey(r.Path)]
	nesting := s.Nesting
	if foldSign == " " {
		nesting = nameStyle.ForBlanks(nesting)
	}
	if mark == " " {
		markStyle = nesting.ForBlanks(markStyle)
	}
	var b strings.Builder
	b.Grow(2*width + rowSequences)
	onRow(markStyle).Write(&b, mark)
	onRow(nesting).Write(&b, strings.Repeat(" ", indent)+foldSign+" ")
	p.highlight(&b, model.Clip(r.Key, name-indent).Pad(name-indent), onRow(nameStyle), isMatch)
	onRow(nameStyle.ForBlanks(s.Text)).Write(&b, "  ")
	shown, now := p.state.Value(r.Path, r.Value).Clip(value), p.databaseValue(r)
	rest := value - shown.Width()
	p.highlight(&b, shown, onRow(textStyle), isMatch)
	if now.Width() > 0 && now.Width()+2 <= rest {
		onRow(textStyle.ForBlanks(s.Text)).Write(&b, "  ")
		onRow(s.Muted).Write(&b, now.Pad(rest-2).String())
	} else {
		onRow(textStyle.ForBlanks(s.Text)).Write(&b, strings.Repeat(" ", rest))
	}
	if kind > 0 {
		onRow(s.FieldType).Write(&b, " "+alignRight(model.Show(string(model.KindOf(r.Value))), kind)+" ")
	}
	return b.String()
}

func (p *Pane) foldSign(r model.Row) string {
	switch {
	case !r.Expandable:
		return p.styles.Glyphs.Leaf
	case r.Expanded:
		return p.styles.Glyphs.Open
	default:
		return p.styles.Glyphs.Folded
	}
}

// databaseValue returns a short text of the database's value of an outdated field; zero for all other fields.
func (p *Pane) databaseValue(r model.Row) model.Visible {
	if len(p.marks.byPath) == 0 {
		return model.Visible{}
	}
	c, ok := p.marks.byPath[pathKey(r.Path)]
	switch {
	case !ok || r.Origin != model.InDocument:
		return model.Visible{}
	case c.Kind == model.Removed:
		return model.Show("now removed")
	default:
		return model.Concat(model.Show("now "), p.state.Value(c.Path, c.New))
	}
}

func alignRight(v model.Visible, width int) string {
	v = v.Clip(width)
	return strings.Repeat(" ", width-v.Width()) + v.String()
}

// highlight writes a text, with the query highlighted if the row is a match.
func (p *Pane) highlight(b *strings.Builder, v model.Visible, textStyle style.Style, isMatch bool) {
	shown := v.String()
	if !isMatch || p.search.query == "" {
		textStyle.Write(b, shown)
		return
	}
	lower, query := strings.ToLower(shown), strings.ToLower(model.Show(p.search.query).String())
	if len(lower) != len(shown) || query == "" {
		textStyle.Write(b, shown)
		return
	}
	for {
		i := strings.Index(lower, query)
		if i < 0 {
			break
		}
		textStyle.Write(b, shown[:i])
		p.styles.Match.Write(b, shown[i:i+len(query)])
		lower, shown = lower[i+len(query):], shown[i+len(query):]
	}
	textStyle.Write(b, shown)
}

// detail describes the selected row: path, a longer value, and how the database differs.
func (p *Pane) detail(width int) []string {
	n := p.detailHeight()
	row, ok := p.selected()
	if n == 0 || !ok {
		return nil
	}
	s := p.styles
	change, outdated := p.marks.changeAt(row.Path)
	status := p.outdatedInside(row)
	if outdated {
		status = p.databaseState(change, row.Path)
	}
	if status == "" && row.Origin == model.InDraft {
		status = "only the draft has this field: ctrl+s reviews it"
	}
	if status == "" && p.draft.marked(row) {
		status = "an unsaved change is kept: e continues, ctrl+s reviews it"
	}
	switch n {
	case 1:
		if status == "" {
			status = row.Path.String()
		}
		return []string{p.stateLine(status, outdated, width)}
	case 2:
		if status == "" {
			status = fmt.Sprintf("%s, %s", row.Path.String(), model.KindOf(row.Value))
		}
		return []string{s.Border.Render(strings.Repeat(s.Frame.Top, width)), p.stateLine(status, outdated, width)}
	default:
		title := model.Show(row.Path.String()).Clip(max(0, width-4))
		rule := s.Border.Render(s.Frame.Top) + s.Muted.Render(" "+title.String()+" ") +
			s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-title.Width()-3)))
		values := p.state.Value(row.Path, row.Value).Wrap(max(1, width-2))
		lines := []string{rule}
		for i := range 2 {
			switch {
			case i < len(values) && i == 1 && len(values) > 2:
				lines = append(lines, " "+s.Text.Render(values[i].Clip(max(0, width-10)).String())+
					s.Faint.Render(s.Glyphs.Ellipsis+" v views"))
			case i < len(values):
				lines = append(lines, " "+s.Text.Render(values[i].String()))
			default:
				lines = append(lines, "")
			}
		}
		if status == "" && p.fromDatabase {
			status = "from the database: too large for a token"
		}
		return append(lines, p.stateLine(status, outdated, width))
	}
}

func (p *Pane) stateLine(text string, warn bool, width int) string {
	s := p.styles
	if warn {
		return s.Modified.Render(s.Glyphs.Stale) + " " + s.Text.Render(model.Show(text).Clip(max(0, width-3)).String())
	}
	return " " + s.Faint.Render(model.Show(text).Clip(max(0, width-2)).String())
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
func (p *Pane) databaseState(c model.Change, at model.Path) string {
	ofField := ""
	if len(c.Path) < len(at) {
		ofField = " for " + c.Path.String()
	}
	switch c.Kind {
	case model.Added:
		return "only the database has this field"
	case model.Removed:
		return "the database no longer holds this" + ofField
	default:
		kind := ""
		if c.Kind == model.TypeChanged {
			kind = " (" + string(model.KindOf(c.New)) + ")"
		}
		return "the database holds" + ofField + " " + p.state.Value(c.Path, c.New).String() + kind
	}
}

// searchLine draws the search text and the number of matches.
func (p *Pane) searchLine(width int) string {
	s := p.styles
	tally := model.Show(p.matchCount())
	available := max(0, width-3-tally.Width()-2)
	typed := s.Muted.Render(model.Show(p.search.query).Clip(available).String())
	if p.search.typing {
		typed = s.Input.Render(p.search.line.View(available))
	}
	return pane.Fit(" "+s.Prompt.Render("/")+" "+typed, max(0, width-tally.Width()-1)) +
		s.Muted.Render(tally.String()) + " "
}

// Cursor returns the position in the search line while it is edited.
func (p *Pane) Cursor() *tea.Cursor {
	if !p.search.typing || p.size.Y <= 0 {
		return nil
	}
	available := max(0, p.size.X-3-model.Show(p.matchCount()).Width()-2)
	return tea.NewCursor(min(3+p.search.line.Cursor(available), max(0, p.size.X-1)), p.size.Y-1)
}

// Note returns the kept draft and the number of outdated fields, the source of the data, or the time of the snapshot.
func (p *Pane) Note() model.Visible {
	note := ""
	switch {
	case !p.state.HasUser:
	case p.fromDatabase:
		note = "database at " + p.state.FormatTime(p.state.LastCheck.CheckedAt)
	case len(p.marks.byPath) > 0:
		note = fmt.Sprintf("%d outdated", len(p.marks.byPath))
	default:
		note = "as of " + p.state.FormatTime(p.state.Session.Snapshot.IssuedAt)
	}
	if d := p.state.Draft; d != nil {
		note = p.styles.Glyphs.Draft + " " + draftNote(d) + ", " + note
	}
	return model.Show(note)
}

// draftNote names the extent of the kept draft.
func draftNote(d *state.Draft) string {
	if n := d.Count(); n > 0 {
		return fmt.Sprintf("%d unsaved", n)
	}
	return "unsaved text"
}
