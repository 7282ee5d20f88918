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
	narrowest     = 74  // the dialog, where the screen is as wide
	widest        = 160 // the dialog
	beforeField   = 3   // the mark between two blanks
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

// detailHeight returns the number of lines that describe the selected field below a blank one; 0: the rows say it all.
func (o *Overlay) detailHeight() int {
	if o.longest == 0 || o.size.Y < 10 || o.stacked() {
		return 0
	}
	return 2 + 2*o.sideLines()
}

// adviceHeight returns the number of lines that say what a refresh does, with the blank one above.
func (o *Overlay) adviceHeight() int {
	if len(o.changes) == 0 || o.size.Y < header+3 {
		return 0
	}
	return 2
}

// sideLines returns the number of lines of each value of the selected field: those that the longest of all needs, as
// far as there is space.
func (o *Overlay) sideLines() int {
	return max(1, min(o.longest, (o.size.Y-header-o.adviceHeight()-2-len(o.changes))/2))
}

const (
	mostSideLines = 3   // of each value in the details
	measured      = 100 // the first fields, whose values decide on the columns
)

// longestSide returns the number of lines that the longest value needs in the details; 0 if the rows show all values
// whole.
func (o *Overlay) longestSide(width int) int {
	if width == o.longestAt {
		return o.longest
	}
	lines, c := 0, o.columns(width)
	for _, change := range o.changes[:min(len(o.changes), measured)] {
		whole := c.field >= model.Show(change.Path.String()).Width() && change.Kind != model.TypeChanged &&
			o.side(change, change.Old, c.old+1).Width() <= c.old && o.side(change, change.New, c.now+1).Width() <= c.now
		if whole {
			continue
		}
		for _, v := range []bson.RawValue{change.Old, change.New} {
			lines = max(lines, 1)
			if v.Type != 0 {
				lines = max(lines, len(o.detailText(change.Path, v, width, mostSideLines).Wrap(detailSpace(width))))
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

// Size fits the values of both sides, up to the screen.
func (o *Overlay) Size(screen image.Point) image.Point {
	w := o.wanted
	width := pane.FitWidth(max(narrowest, min(widest, beforeField+w.field+w.old+w.now+2*divider+3)), screen.X)
	lines := len(o.changes) + header
	switch longest := o.longestSide(width - 2); {
	case width-2 < sideBySide:
		lines = stackedRow*len(o.changes) + header
	case longest > 0:
		lines += 2 + 2*longest
	}
	return image.Pt(width, min(screen.Y, max(9, lines+2+2)))
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
	below := append(o.detail(size.X), o.advice(size.X)...)
	for len(lines) < size.Y-len(below) {
		lines = append(lines, "")
	}
	return pane.Lines(append(lines[:max(0, size.Y-len(below))], below...), size.Y)
}

// columns are the widths of path, token's value and database's value.
type columns struct{ field, old, now int }

// wantedColumns returns the columns that show the paths and values whole, as far as that makes sense.
func (o *Overlay) wantedColumns() columns {
	const titles, longestValue = len("the application had"), 60
	w := columns{field: len("field  10 differ"), old: titles, now: titles}
	for _, c := range o.changes[:min(len(o.changes), measured)] {
		w.field = max(w.field, min(maxFieldWidth, o.name(c).Width()))
		w.old = max(w.old, o.side(c, c.Old, longestValue).Width())
		w.now = max(w.now, o.side(c, c.New, longestValue).Width())
	}
	return w
}

// columns divides a row: what the values do not need is left of them, what is missing is taken from all.
func (o *Overlay) columns(width int) columns {
	available := max(3, width-beforeField-2*divider-1)
	w := o.wanted
	if w.field+w.old+w.now > available {
		w.field = max(1, min(w.field, available*35/100))
		half := max(1, (available-w.field)/2)
		switch {
		case w.old <= half:
			w.now = max(1, available-w.field-w.old)
		case w.now <= half:
			w.old = max(1, available-w.field-w.now)
		default:
			w.old, w.now = half, half
		}
	}
	return w
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
	at, now := r.FormatTime(r.Staleness.IssuedAt), "not checked"
	if previous := o.previousSnapshot(); previous != nil {
		at = r.FormatTime(previous.IssuedAt)
	}
	if r.LastCheck != nil {
		now = r.FormatTime(r.LastCheck.CheckedAt)
	}
	rule := s.Border.Render(strings.Repeat(s.Frame.Top, width))
	if o.stacked() {
		token, database := o.titles(true)
		return []string{" " + s.Strong.Render(model.Show(token+" issued "+at+", "+database+" checked "+now).
			Clip(max(0, width-2)).String()), " " + s.Muted.Render(changeCount(o.changes)), rule}
	}
	c := o.columns(width)
	token, database := o.titles(min(c.old, c.now) < len("the application had"))
	line := func(textStyle style.Style, a, b, last string) string {
		bar := s.Border.Render(" " + s.Frame.Left + " ")
		return "   " + textStyle.Render(model.Show(a).Pad(c.field).String()) + bar +
			textStyle.Render(model.Show(b).Pad(c.old).String()) + bar + textStyle.Render(model.Show(last).Clip(c.now).String())
	}
	return []string{
		line(s.Strong, "field", token, database),
		line(s.Muted, changeCount(o.changes), "issued "+at, "checked "+now),
		s.Border.Render(o.crossedRule(c, width)),
	}
}

// crossedRule returns the line below the titles; the lines between the columns cross it.
func (o *Overlay) crossedRule(c columns, width int) string {
	f := o.styles.Frame
	first := beforeField + c.field + 1 // of the lines between the columns
	second := first + c.old + divider
	if len(o.changes) == 0 || second >= width {
		return strings.Repeat(f.Top, width)
	}
	return strings.Repeat(f.Top, first) + f.Middle + strings.Repeat(f.Top, second-first-1) + f.Middle +
		strings.Repeat(f.Top, width-second-1)
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
	mark, kind := o.mark(c)
	rowStyle, name, bar := s.Text, s.FieldName, s.Border
	old, now := o.sideStyles(c)
	if selected {
		rowStyle = s.Selected
		name, kind, bar = style.OnRow(rowStyle, name), style.OnRow(rowStyle, kind), style.OnRow(rowStyle, bar)
		old, now = style.OnRow(rowStyle, old), style.OnRow(rowStyle, now)
	}
	w := o.columns(width)
	rest := max(0, width-beforeField-w.field-w.old-w.now-2*divider)
	line := bar.Render(" " + s.Frame.Left + " ")
	path := o.name(c).ClipMiddle(w.field)
	return rowStyle.Render(" ") + kind.Render(mark) + rowStyle.Render(" ") + name.Render(path.Pad(w.field).String()) +
		line + old.Render(o.side(c, c.Old, w.old).Pad(w.old).String()) + line +
		now.Render(o.side(c, c.New, w.now).Pad(w.now).String()) + rowStyle.Render(strings.Repeat(" ", rest))
}

// name returns the path of a field; of an array item that was moved, both.
func (o *Overlay) name(c model.Change) model.Visible {
	if c.Kind == model.Moved {
		return model.Show(c.From.String() + " " + o.styles.Glyphs.Arrow + " " + c.Path.String())
	}
	return model.Show(c.Path.String())
}

// mark returns the sign of a difference, as in the document.
func (o *Overlay) mark(c model.Change) (string, style.Style) {
	if c.Kind == model.Added {
		return o.styles.Glyphs.Added, o.styles.Added
	}
	return o.styles.Glyphs.Stale, o.styles.Modified
}

// sideStyles returns the styles of the two values, as in the document.
func (o *Overlay) sideStyles(c model.Change) (old, now style.Style) {
	s := o.styles
	if c.Kind == model.Added {
		return s.Faint, s.Added
	}
	return s.ForKind(model.KindOf(c.Old)), s.NewValue
}

// stackedRow draws a field on a line, and its values on two lines below.
func (o *Overlay) stackedRow(c model.Change, selected bool, width int) []string {
	s := o.styles
	mark, kind := o.mark(c)
	old, now := o.sideStyles(c)
	name, rowStyle := s.FieldName, s.Text
	if selected {
		rowStyle = s.Selected
		name, kind = style.OnRow(rowStyle, name), style.OnRow(rowStyle, kind)
	}
	path := o.name(c).ClipMiddle(max(0, width-3))
	lines := []string{rowStyle.Render(" ") + kind.Render(mark) + rowStyle.Render(" ") +
		name.Render(path.Pad(max(0, width-3)).String())}
	token, database := o.titles(true)
	for _, side := range []struct {
		label     string
		value     bson.RawValue
		textStyle style.Style
	}{{token, c.Old, old}, {database, c.New, now}} {
		lines = append(lines, "   "+s.Muted.Render(model.Show(side.label).Pad(9).String())+" "+
			side.textStyle.Render(o.side(c, side.value, max(0, width-14)).String()))
	}
	return lines
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

// detail describes the selected field, if rows do not show all values whole.
func (o *Overlay) detail(width int) []string {
	if o.detailHeight() == 0 {
		return nil
	}
	s := o.styles
	c := o.changes[o.scroll.Selected]
	_, kind := o.mark(c)
	change := ", " + string(c.Kind)
	head := model.Concat(o.name(c).ClipMiddle(max(0, width-4-len(change))), model.Show(change))
	lines := []string{"", s.Border.Render(s.Frame.Top) + kind.Render(" "+head.String()+" ") +
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-head.Width()-3)))}
	token, database := o.titles(true)
	old, now := o.sideStyles(c)
	lines = append(lines, o.detailSide(token, c.Path, c.Old, old, width)...)
	return append(lines, o.detailSide(database, c.Path, c.New, now, width)...)
}

// advice says what a refresh does, below a blank line.
func (o *Overlay) advice(width int) []string {
	s := o.styles
	switch {
	case o.adviceHeight() == 0:
		return nil
	case o.previousSnapshot() != nil:
		const text = "the token was refreshed meanwhile: the application has the new values now"
		return []string{"", " " + s.Muted.Render(model.Show(text).Clip(max(0, width-2)).String())}
	}
	key := model.Show(o.keys.KeyOf(keys.Compare, keys.Refresh))
	const text = " refreshes: the token gets the values of the database"
	return []string{"", " " + s.Key.Render(key.String()) +
		s.Muted.Render(model.Show(text).Clip(max(0, width-2-key.Width())).String())}
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
