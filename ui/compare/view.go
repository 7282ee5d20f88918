package compare

import (
	"fmt"
	"image"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
)

const (
	header        = 3   // lines above the list
	sideBySide    = 72  // the width from which the two values of a field are beside each other
	stackedRow    = 3   // lines of a field whose values are below each other
	widest        = 160 // of the dialog
	maxFieldWidth = 40  // of a path beside its values
)

// stacked reports that the two values of a field are below its path.
func (o *Overlay) stacked() bool { return o.size.X > 0 && o.size.X < sideBySide }

// rowHeight returns the number of lines of a field in the list.
func (o *Overlay) rowHeight() int {
	if o.stacked() {
		return stackedRow
	}
	return 1
}

// detailHeight returns the number of lines that describe the selected field.
func (o *Overlay) detailHeight() int {
	switch {
	case len(o.changes) == 0 || o.size.Y < 10 || o.stacked():
		return 0
	default:
		return 2 + 2*o.sideLines()
	}
}

// sideLines returns the number of lines of each value of the selected field: those that the longest of all needs, as
// far as there is space.
func (o *Overlay) sideLines() int {
	return max(1, min(o.longest, (o.size.Y-header-2-len(o.changes))/2))
}

// mostSideLines is the maximal number of lines of each value in the details.
const mostSideLines = 3

// longestSide returns the number of lines that the longest value needs in the details, of the first fields of many.
func (o *Overlay) longestSide(width int) int {
	const compared = 100
	lines := 1
	for _, c := range o.changes[:min(len(o.changes), compared)] {
		for _, v := range []bson.RawValue{c.Old, c.New} {
			if v.Type != 0 {
				lines = max(lines, len(o.detailText(c.Path, v, width, mostSideLines).Wrap(detailSpace(width))))
			}
		}
	}
	return min(lines, mostSideLines)
}

// detailSpace returns the width of a value in the details.
func detailSpace(width int) int { return max(1, width-12) }

// detailText returns a value with its type, as much of it as a number of lines shows.
func (o *Overlay) detailText(path model.Path, v bson.RawValue, width, lines int) model.Visible {
	if v.Type == 0 {
		return model.Show(model.AbsentText)
	}
	kind := model.Show("  (" + string(model.KindOf(v)) + ")")
	return model.Concat(o.state.Clipped(path, v, max(1, lines*detailSpace(width)-kind.Width()-lines+1)), kind)
}

// Size is wide, because it shows two values side by side.
func (o *Overlay) Size(screen image.Point) image.Point {
	width := pane.FitWidth(widest, screen.X)
	lines := len(o.changes) + header + 2 + 2*max(1, o.longest)
	if width-2 < sideBySide {
		lines = stackedRow*len(o.changes) + header
	}
	return image.Pt(width, min(screen.Y, max(12, lines+2)))
}

// View draws the two times, the fields that differ, and the selected field in detail.
func (o *Overlay) View(size image.Point) string {
	if size.X < 8 || size.Y < 1 {
		return ""
	}
	lines := o.heading(size.X)
	if len(o.changes) == 0 {
		for _, line := range model.Show(o.emptyMessage()).Wrap(size.X - 4) {
			lines = append(lines, "  "+o.styles.Text.Render(line.String()))
		}
		for _, warning := range o.state.Warnings() {
			for _, line := range model.Show(warning).Wrap(size.X - 4) {
				lines = append(lines, "  "+o.styles.Warn.Render(line.String()))
			}
		}
		return pane.Lines(lines, size.Y)
	}
	from, to := o.scroll.VisibleRows()
	for i := from; i < to; i++ {
		if selected := i == o.scroll.Selected; o.stacked() {
			lines = append(lines, o.stackedRow(o.changes[i], selected, size.X)...)
		} else {
			lines = append(lines, o.row(o.changes[i], selected, size.X))
		}
	}
	if o.detailHeight() > 0 {
		for len(lines) < size.Y-o.detailHeight() {
			lines = append(lines, "")
		}
		lines = append(lines, o.detail(size.X)...)
	}
	return pane.Lines(lines, size.Y)
}

// columns divides a row: mark and field, the token's value, the database's value.
func (o *Overlay) columns(width int) (field, value int) {
	available := max(3, width-3-2*divider)
	field = len("field  10000 differ")
	from, to := o.scroll.VisibleRows()
	for i := from; i < to; i++ {
		field = max(field, model.Show(o.changes[i].Path.String()).Width())
	}
	field = max(1, min(field, maxFieldWidth, available*35/100))
	return field, max(1, (available-field)/2)
}

// divider is the width of the line between two columns with its spaces.
const divider = 3

// titles returns the titles of the two sides, short or not.
func (o *Overlay) titles(short bool) (token, database string) {
	switch before := o.previousSnapshot() != nil; {
	case short && before:
		return "before", "database"
	case short:
		return "token", "database"
	case before:
		return "the application had", "the database holds"
	default:
		return "the token holds", "the database holds"
	}
}

func (o *Overlay) heading(width int) []string {
	s, r := o.styles, o.state
	at, now := r.FormatTime(r.Staleness.IssuedAt), "not read"
	if previous := o.previousSnapshot(); previous != nil {
		at = r.FormatTime(previous.IssuedAt)
	}
	if r.LastCheck != nil {
		now = r.FormatTime(r.LastCheck.CheckedAt)
	}
	rule := s.Border.Render(strings.Repeat(s.Frame.Top, width))
	if o.stacked() {
		token, database := o.titles(true)
		return []string{" " + s.Strong.Render(model.Show(token+" issued "+at+", "+database+" read "+now).
			Clip(max(0, width-2)).String()), " " + s.Muted.Render(changeCount(o.changes)), rule}
	}
	field, value := o.columns(width)
	token, database := o.titles(value < len("the application had"))
	line := func(textStyle style.Style, a, b, c string) string {
		bar := s.Border.Render(" " + s.Frame.Left + " ")
		return "   " + textStyle.Render(model.Show(a).Pad(field).String()) + bar +
			textStyle.Render(model.Show(b).Pad(value).String()) + bar + textStyle.Render(model.Show(c).Pad(value).String())
	}
	return []string{
		line(s.Strong, "field", token, database),
		line(s.Muted, changeCount(o.changes), "issued "+at, "read "+now),
		rule,
	}
}

// changeCount returns a text such as "3 differ".
func changeCount(changes []model.Change) string {
	switch n := len(changes); n {
	case 0:
		return ""
	case 1:
		return "1 differs"
	default:
		return fmt.Sprintf("%d differ", n)
	}
}

// row draws a field with both values beside its path.
func (o *Overlay) row(c model.Change, selected bool, width int) string {
	s := o.styles
	mark, kind := o.kindStyle(c.Kind)
	rowStyle, name, old, now, bar := s.Text, s.FieldName, s.Removed, s.Added, s.Border
	if selected {
		rowStyle = s.Selected
		name, kind, bar = style.OnRow(rowStyle, name), style.OnRow(rowStyle, kind), style.OnRow(rowStyle, bar)
		old, now = style.OnRow(rowStyle, old), style.OnRow(rowStyle, now)
	}
	field, value := o.columns(width)
	rest := max(0, width-3-field-2*value-2*divider)
	line := bar.Render(" " + s.Frame.Left + " ")
	path := model.Show(c.Path.String()).ClipMiddle(field)
	return rowStyle.Render(" ") + kind.Render(mark) + rowStyle.Render(" ") + name.Render(path.Pad(field).String()) + line +
		old.Render(o.side(c, c.Old, value).Pad(value).String()) + line +
		now.Render(o.side(c, c.New, value).Pad(value).String()) + rowStyle.Render(strings.Repeat(" ", rest))
}

// stackedRow draws a field on a line, and its values on two lines below.
func (o *Overlay) stackedRow(c model.Change, selected bool, width int) []string {
	s := o.styles
	mark, kind := o.kindStyle(c.Kind)
	name, rowStyle := s.FieldName, s.Text
	if selected {
		rowStyle = s.Selected
		name, kind = style.OnRow(rowStyle, name), style.OnRow(rowStyle, kind)
	}
	path := model.Show(c.Path.String()).ClipMiddle(max(0, width-3))
	lines := []string{rowStyle.Render(" ") + kind.Render(mark) + rowStyle.Render(" ") +
		name.Render(path.Pad(max(0, width-3)).String())}
	token, database := o.titles(true)
	for _, side := range []struct {
		label     string
		value     bson.RawValue
		textStyle style.Style
	}{{token, c.Old, s.Removed}, {database, c.New, s.Added}} {
		lines = append(lines, "   "+s.Muted.Render(model.Show(side.label).Pad(9).String())+" "+
			side.textStyle.Render(o.side(c, side.value, max(0, width-14)).String()))
	}
	return lines
}

func (o *Overlay) kindStyle(k model.ChangeKind) (string, style.Style) {
	s := o.styles
	switch k {
	case model.Added:
		return s.Glyphs.Added, s.Added
	case model.Removed:
		return s.Glyphs.Removed, s.Removed
	default:
		return s.Glyphs.Modified, s.Modified
	}
}

// side returns one side of a difference in at most width cells, with its type if the type differs.
func (o *Overlay) side(c model.Change, v bson.RawValue, width int) model.Visible {
	switch {
	case v.Type == 0:
		return model.Show(model.AbsentText).Clip(width)
	case c.Kind == model.TypeChanged:
		return model.Concat(model.Show(string(model.KindOf(v))+" "), o.state.Clipped(c.Path, v, width)).Clip(width)
	default:
		return o.state.Clipped(c.Path, v, width)
	}
}

// detail describes the selected field.
func (o *Overlay) detail(width int) []string {
	s := o.styles
	c := o.changes[o.scroll.Selected]
	_, kind := o.kindStyle(c.Kind)
	change := ", " + string(c.Kind)
	head := model.Concat(model.Show(c.Path.String()).ClipMiddle(max(0, width-4-len(change))), model.Show(change))
	lines := []string{s.Border.Render(s.Frame.Top) + kind.Render(" "+head.String()+" ") +
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-head.Width()-3)))}
	token, database := o.titles(true)
	lines = append(lines, o.detailSide(token, c.Path, c.Old, s.Removed, width)...)
	lines = append(lines, o.detailSide(database, c.Path, c.New, s.Added, width)...)
	advice := o.keys.KeyOf(keys.Compare, keys.Refresh) + " refreshes: the token gets the values of the database"
	if o.previousSnapshot() != nil {
		advice = "the token was refreshed meanwhile: the application has the new values now"
	}
	return append(lines, " "+s.Faint.Render(model.Show(advice).Clip(max(0, width-2)).String()))
}

// detailSide returns a value with its type on a number of lines that does not depend on it.
func (o *Overlay) detailSide(label string, path model.Path, v bson.RawValue, textStyle style.Style,
	width int) []string {
	lines := make([]string, o.sideLines())
	wrapped := o.detailText(path, v, width, len(lines)).Wrap(detailSpace(width))
	for i := range lines {
		if i < len(wrapped) {
			lines[i] = " " + o.styles.Muted.Render(model.Show(label).Pad(9).String()) + " " +
				textStyle.Render(wrapped[i].String())
			label = ""
		}
	}
	return lines
}
