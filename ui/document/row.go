package document

import (
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/style"
)

// The columns of a row: mark, indent, fold sign, name, value, type, note.
const (
	signWidth       = 2  // the fold sign and a space
	typeGap         = 2  // before the type, and before a note
	maxNameWidth    = 40 // of a name without its indent
	minDeepName     = 10 // of a name without its indent where names are deep
	maxValueColumn  = 36 // a UUID; the type of a longer value stands behind it
	wideRow         = 36 // from this width on names have two spaces behind them
	remeasureRows   = 50 // how far the viewport moves before the columns are measured again
	measuredBeyond  = 150
	leastNote       = 12  // of a note that is cut while the type stays in its column
	rowSequences    = 240 // the usual length of the escape sequences of a row
	cachedFromBytes = 32 << 10
)

// drawing is what the pane keeps for drawing rows.
type drawing struct {
	columns     columns
	measuredTop int           // the top of the viewport when the widths were measured
	counts      map[*byte]int // the fields of large objects and arrays, by the first byte of the value
	strip       strip
	now         time.Time // of the last tick
}

// columns are the widths of the parts of a row. The zero value is not measured yet.
type columns struct {
	name, indent, value, kind, shortKind int // of the widest near the viewport; name includes the indent
}

// scrolled measures the columns again when the viewport has moved far, and takes the selected row.
func (p *Pane) scrolled() {
	if moved := p.scroll.Top - p.measuredTop; moved <= -remeasureRows || moved >= remeasureRows {
		p.measure()
		return
	}
	p.fitDetail()
	p.uncover()
}

// measure sets the column widths from the rows near the viewport, so that scrolling seldom moves the columns.
func (p *Pane) measure() {
	p.measuredTop = p.scroll.Top
	w := columns{name: 8}
	from := max(0, p.scroll.Top-measuredBeyond)
	to := min(p.tree.Len(), p.scroll.Top+p.scroll.Height+measuredBeyond)
	for _, i := range p.sticky() {
		p.countOnce(p.tree.Row(i).Value)
	}
	for i := from; i < to; i++ {
		r := p.tree.Row(i)
		p.countOnce(r.Value)
		kind := model.KindOf(r.Value)
		w.indent = max(w.indent, p.indent(r.Depth))
		w.name = max(w.name, p.indent(r.Depth)+model.Clip(r.Key, maxNameWidth).Width())
		w.kind = max(w.kind, len(kindText(kind, false)))
		w.shortKind = max(w.shortKind, len(kind.Short()))
		c := p.content(r)
		value := c.shown.Width()
		if value == 0 {
			value = p.value(r.Path, c.value, maxValueColumn+1).Width()
		}
		if value <= maxValueColumn {
			w.value = max(w.value, value)
		}
	}
	p.columns = w
	p.fitDetail()
	p.uncover()
}

// countOnce counts the fields of a large object or array, which takes milliseconds, once for all frames.
func (p *Pane) countOnce(v bson.RawValue) {
	if len(v.Value) < cachedFromBytes || !isContainer(v) {
		return
	}
	if _, known := p.counts[&v.Value[0]]; !known {
		p.counts[&v.Value[0]] = model.Count(v)
	}
}

// kindText returns a type as rows show it: short if necessary, or where one type is much longer than all others.
func kindText(k model.Kind, short bool) string {
	if short || len(k) > len("javascript") {
		return k.Short()
	}
	return string(k)
}

func isContainer(v bson.RawValue) bool {
	return v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray
}

// value returns a value of the document in at most width cells.
func (p *Pane) value(path model.Path, v bson.RawValue, width int) model.Visible {
	if len(v.Value) >= cachedFromBytes && isContainer(v) {
		if n, known := p.counts[&v.Value[0]]; known {
			return model.Clip(model.CountText(model.KindOf(v), n), width)
		}
	}
	return p.state.Clipped(path, v, width)
}

// indent returns the indent of a row in cells: two a level, but never more than a sixth of the pane.
func (p *Pane) indent(depth int) int { return min(2*depth, p.maxIndent()) }

func (p *Pane) maxIndent() int { return max(4, min(24, p.size.X/6)&^1) }

// indentText returns the indent in some cells; where the row is deeper than they show, with the depth.
func (p *Pane) indentText(depth, width int) string {
	if 2*depth <= width {
		return spaces(width)
	}
	g := p.styles.Glyphs
	shown := model.Show(g.Ellipsis + strconv.Itoa(depth) + g.Cursor).Clip(width)
	return spaces(width-shown.Width()) + shown.String()
}

// spaces returns n spaces; none if n is negative.
func spaces(n int) string {
	const all = "                                                                                "
	if n <= len(all) {
		return all[:max(0, n)]
	}
	return strings.Repeat(" ", n)
}

// rowLayout is the division of a row: cells of the name with its indent, of the gap behind it, of the value's column,
// of the type, and of all behind the gap.
type rowLayout struct {
	name, gap, value, kind, rest int
	short                        bool // types are abbreviated
}

// rowLayout divides a row of this width.
func (p *Pane) rowLayout(width int) rowLayout {
	w := p.columns
	l := rowLayout{gap: 1, kind: w.kind}
	if width >= wideRow {
		l.gap = 2
	}
	available := max(0, width-1-signWidth-l.gap-1) // mark, sign, gap, and a space at the end
	if l.kind > w.shortKind && available-min(w.name, available/2)-typeGap-l.kind < 24 {
		l.kind, l.short = w.shortKind, true
	}
	typed := max(1, available-typeGap-l.kind)
	l.name = min(w.name, max(8, typed/2, w.indent+minDeepName), typed)
	l.rest = max(0, available-l.name)
	l.value = max(1, min(w.value, l.rest-typeGap-l.kind))
	return l
}

// row draws one field, as an ancestor that stays visible in quiet colours.
func (p *Pane) row(r model.Row, selected, quiet bool, l rowLayout, width int) string {
	s := p.styles
	c := p.content(r)
	rowStyle := s.Text
	onRow := func(part style.Style) style.Style { return part }
	if selected {
		rowStyle = s.SelectedBlurred
		if p.focused {
			rowStyle = s.Selected
		}
		onRow = func(part style.Style) style.Style { return style.OnRow(rowStyle, part) }
	}
	if p.chosen.has(r.Path) {
		c.mark, c.markStyle = s.Glyphs.Bullet, s.Strong
	}
	nameStyle := s.FieldName
	switch {
	case c.ghost:
		nameStyle = s.Added
	case r.IsElement, quiet:
		nameStyle = s.Index
	}
	if quiet {
		c.textStyle = s.Faint
	}
	foldSign := p.foldSign(r)
	nesting, markStyle := s.Nesting, c.markStyle
	if foldSign == " " {
		nesting = nameStyle.ForBlanks(nesting)
	}
	if c.mark == " " {
		markStyle = nesting.ForBlanks(markStyle)
	}
	indent := min(p.indent(r.Depth), max(0, l.name-4))
	isMatch := len(p.search.isMatch) > 0 && p.search.isMatch[pathKey(r.Path)]
	var b strings.Builder
	b.Grow(2*width + rowSequences)
	onRow(markStyle).Write(&b, c.mark)
	onRow(nesting).Write(&b, p.indentText(r.Depth, indent)+foldSign+" ")
	name := model.Clip(r.Key, l.name-indent)
	if blanks := l.name - indent - name.Width(); isMatch {
		p.highlight(&b, name, onRow(nameStyle), p.search.query.Names)
		onRow(s.Text).Write(&b, spaces(blanks+l.gap))
	} else {
		onRow(nameStyle).WritePadded(&b, name.String(), blanks)
		onRow(nameStyle.ForBlanks(s.Text)).Write(&b, spaces(l.gap))
	}
	p.writeValue(&b, r, c, l, onRow, isMatch)
	return b.String()
}

// writeValue draws what stands behind the name: the value, its type and the note.
func (p *Pane) writeValue(b *strings.Builder, r model.Row, c content, l rowLayout, onRow func(style.Style) style.Style,
	isMatch bool) {
	s := p.styles
	available := max(1, l.rest-typeGap-l.kind) // for the value
	value := c.shown
	if value.Width() == 0 && c.value.Type != 0 {
		value = p.value(r.Path, c.value, available)
	}
	kind := model.KindOf(c.value)
	if kind == "" {
		kind = model.KindOf(r.Value)
	}
	shown := kindText(kind, l.short)
	parts := rowParts{column: max(l.value, value.Width()), kind: l.kind}
	if c.notes[0].label != "" {
		parts = p.divide(r.Path, c, l, value.Width(), kind)
		shown = kindText(kind, l.short || parts.short)
		value = p.shorten(r.Path, c, value, parts.column)
	}
	p.highlight(b, value, onRow(c.textStyle), isMatch && p.search.query.Values)
	onRow(c.textStyle.ForBlanks(s.Text)).Write(b, spaces(parts.column-value.Width()+typeGap))
	rest := l.rest + 1 - parts.column - typeGap - parts.kind
	if c.notes[0].label == "" {
		onRow(s.FieldType).WritePadded(b, shown, parts.kind-len(shown)+rest)
		return
	}
	onRow(s.FieldType).WritePadded(b, shown, parts.kind-len(shown)+typeGap)
	first, second := parts.notes[0], parts.notes[1]
	blanks := rest - typeGap - first.Width() - second.Width()
	if second.Width() == 0 {
		onRow(c.notes[0].style).WritePadded(b, first.String(), blanks)
		return
	}
	onRow(c.notes[0].style).Write(b, first.String())
	onRow(c.notes[1].style).WritePadded(b, second.String(), blanks)
}

// rowParts is the division of a row with notes: the cells of the value, of the type, and the notes behind them.
type rowParts struct {
	column, kind int
	notes        noteTexts
	short        bool // the type is abbreviated
}

// divide places the notes of a row in the first way that fits: in the column behind the types, behind the type's own
// text, or behind a short type; all of them also with short notes. If nothing fits, value and notes are shortened.
func (p *Pane) divide(path model.Path, c content, l rowLayout, value int, kind model.Kind) rowParts {
	column, space := max(l.value, value), l.rest-2*typeGap // of value, type and notes
	long, short := p.noteTexts(path, c, max(1, space), false), p.noteTexts(path, c, max(1, space), true)
	word, abbreviated := len(kindText(kind, l.short)), len(kindText(kind, true))
	for _, parts := range [...]rowParts{
		{column, l.kind, long, false}, {column, word, long, false}, {column, abbreviated, long, true},
		{column, l.kind, short, false}, {column, word, short, false}, {column, abbreviated, short, true},
	} {
		if column+parts.kind+parts.notes.width() <= space {
			return parts
		}
	}
	left := max(0, space-word)
	if left-column >= leastNote {
		return rowParts{column, word, long.clip(left - column), false}
	}
	if value+long.width() <= left {
		return rowParts{left - long.width(), word, long, false}
	}
	if c.shown.Width() > 0 {
		value = 1 // a sign can replace it
	}
	most := max((left+1)/2, left-value) // a value gives up what the notes need, up to half
	if long.width() > most {
		long = short.clip(most)
	}
	return rowParts{max(0, left-min(long.width(), most)), word, long, false}
}

// shorten shortens a value that gives cells to a note in its middle, since its end may be what differs.
func (p *Pane) shorten(path model.Path, c content, value model.Visible, width int) model.Visible {
	if value.Width() <= width {
		return value
	}
	if c.shown.Width() > 0 {
		return model.Show(p.styles.Glyphs.Removed).Clip(width)
	}
	return p.state.Value(path, c.value).ClipMiddle(width)
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
