package edit

import (
	"fmt"
	"image"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/style"
)

// minTableWidth is the minimal width for the three values in columns.
const minTableWidth = 72

func (c *conflict) draw(size image.Point) ([]string, *image.Point) {
	s := c.e.Styles
	var lines []string
	addText := func(render func(string) string, message string) {
		for _, l := range model.Show(message).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+render(l.String()))
		}
	}
	switch {
	case c.draft.Base() == nil:
		addText(s.Warn.Render, "The document no longer exists. Saving creates a new one with your fields.")
	case len(c.list) == 0:
		addText(s.Text.Render, "The document changed, but none of your fields conflicts. Review your change again.")
	default:
		addText(s.Text.Render, "Nothing was written. Choose a value for each field marked ?")
	}
	if c.message != "" {
		addText(s.Warn.Render, c.message)
	}
	lines = append(lines, "")
	body, selected := c.table(size.X)
	available := max(1, size.Y-len(lines))
	top := max(0, min(selected-available/2, len(body)-available))
	return append(lines, body[top:min(len(body), top+available)]...), nil
}

// table returns the fields with their three values, and the first line of the selected field.
func (c *conflict) table(width int) (lines []string, selected int) {
	s := c.e.Styles
	wide := width >= minTableWidth
	names := min(c.nameWidth(), width/4)
	column := (width - names - 5) / 3
	if wide && len(c.list)+len(c.merged) > 0 {
		heading := strings.Repeat(" ", names+7) // cells start with the mark of the chosen value
		for _, h := range []string{"base", "yours", "theirs"} {
			heading += model.Show(h).Pad(column).String()
		}
		lines = append(lines, s.Muted.Render(heading))
	}
	row := func(mark string, name style.Style, x model.Conflict, chosen side) {
		path := model.Show(x.Path.String())
		isYours, isTheirs := chosen == yours || chosen == both, chosen == theirs || chosen == both
		if wide {
			lines = append(lines, mark+name.Render(path.Pad(names).String())+"  "+c.cell(x.Base, column, false, chosen)+
				c.cell(x.Yours, column, isYours, chosen)+c.cell(x.Theirs, column, isTheirs, chosen))
			return
		}
		lines = append(lines,
			mark+name.Render(path.Clip(max(1, width-4)).String()),
			"   "+s.Muted.Render("base   ")+c.cell(x.Base, max(1, width-10), false, chosen),
			"   "+s.Muted.Render("yours  ")+c.cell(x.Yours, max(1, width-10), isYours, chosen),
			"   "+s.Muted.Render("theirs ")+c.cell(x.Theirs, max(1, width-10), isTheirs, chosen))
	}
	for i, d := range c.list {
		mark, name := " ", s.Muted
		if i == c.cursor {
			mark, selected = s.Prompt.Render(s.Glyphs.Cursor), len(lines)
			name = s.Strong
		}
		if d.side == undecided {
			name = s.Warn
			mark += s.Warn.Render("?") + " "
		} else {
			mark += "  "
		}
		row(mark, name, d.Conflict, d.side)
		if d.side == third {
			lines = append(lines, "   "+s.Muted.Render("third  ")+c.cell(d.third, max(1, width-10), true, third))
		}
	}
	if len(c.merged) == 0 {
		return lines, selected
	}
	lines = append(lines, "", s.Muted.Render("  "+model.Show("merged: changed on one side only").Clip(max(1,
		width-3)).String()))
	for i, x := range c.shownMerged() {
		mark := "   "
		if c.cursor == len(c.list)+i {
			mark, selected = s.Prompt.Render(s.Glyphs.Cursor)+"  ", len(lines)
		}
		row(mark, s.Muted, x.Conflict, x.side)
	}
	if more := len(c.merged) - len(c.shownMerged()); more > 0 {
		lines = append(lines, s.Muted.Render(fmt.Sprintf("  %s and %d more", s.Glyphs.Ellipsis, more)))
	}
	return lines, selected
}

// nameWidth returns the width of the longest path.
func (c *conflict) nameWidth() (width int) {
	for _, d := range c.list {
		width = max(width, model.Show(d.Path.String()).Width())
	}
	for _, x := range c.shownMerged() {
		width = max(width, model.Show(x.Path.String()).Width())
	}
	return width
}

// cell draws a value in a column; the chosen one has a mark, which is visible without colour.
// The values that were not chosen are quieter.
func (c *conflict) cell(v bson.RawValue, width int, chosen bool, decided side) string {
	s := c.e.Styles
	mark, available := "  ", max(1, width-3)
	if chosen {
		mark = s.Good.Render(s.Glyphs.Good) + " "
	}
	full := c.e.display(nil, v)
	cellStyle := valueStyle(s, v)
	switch {
	case chosen:
		cellStyle = s.Selected
	case decided != undecided:
		cellStyle = s.Muted
	}
	shown := full.Clip(available)
	return mark + cellStyle.Render(shown.String()) + strings.Repeat(" ", max(0, width-2-shown.Width()))
}

func (c *conflict) rows(width int) int {
	body, _ := c.table(width)
	return len(body) + 4
}
