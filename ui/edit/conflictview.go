package edit

import (
	"image"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// minTableWidth is the narrowest a dialog is that shows the three values beside each other.
const minTableWidth = 72

func (c *conflict) draw(size image.Point) ([]string, *image.Point) {
	s := c.e.Styles
	var lines []string
	say := func(render func(...string) string, sentence string) {
		for _, l := range model.Show(sentence).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+render(l.String()))
		}
	}
	switch {
	case c.draft.Base() == nil:
		say(s.Warn.Render, "The document is gone. Saving makes a new one with your fields.")
	case len(c.list) == 0:
		say(s.Text.Render, "The document changed, but none of your fields clashes. Review your change again.")
	default:
		say(s.Text.Render, "Nothing was written. Choose for each field which value is to stand.")
	}
	if c.message != "" {
		say(s.Warn.Render, c.message)
	}
	lines = append(lines, "")
	body, selected := c.table(size.X)
	room := max(1, size.Y-len(lines))
	top := max(0, min(selected-room/2, len(body)-room))
	return append(lines, body[top:min(len(body), top+room)]...), nil
}

// table is the fields with their three values, and the first line of the one under the cursor.
func (c *conflict) table(width int) (lines []string, selected int) {
	s := c.e.Styles
	wide := width >= minTableWidth
	names := 0
	for _, d := range c.list {
		names = max(names, model.Show(d.Path.String()).Width())
	}
	names = min(names, width/4)
	column := (width - names - 4) / 3
	if wide && len(c.list) > 0 {
		head := strings.Repeat(" ", names+6) // the cells begin with the mark of what was chosen
		for _, h := range []string{"started from", "yours", "theirs"} {
			head += model.Show(h).Pad(column).String()
		}
		lines = append(lines, s.Muted.Render(head))
	}
	for i, d := range c.list {
		mark, name := "  ", s.FieldName
		if i == c.cursor {
			mark, selected = s.Prompt.Render(s.Glyphs.Cursor)+" ", len(lines)
			name = s.Strong
		}
		if wide {
			row := mark + name.Render(model.Show(d.Path.String()).Pad(names).String()) + "  "
			row += c.cell(d.Base, column, false) + c.cell(d.Yours, column, d.side == yours) + c.cell(d.Theirs, column, d.side == theirs)
			lines = append(lines, row)
		} else {
			lines = append(lines,
				mark+name.Render(model.Show(d.Path.String()).Clip(max(1, width-3)).String()),
				"   "+s.Muted.Render("from   ")+c.cell(d.Base, max(1, width-10), false),
				"   "+s.Muted.Render("yours  ")+c.cell(d.Yours, max(1, width-10), d.side == yours),
				"   "+s.Muted.Render("theirs ")+c.cell(d.Theirs, max(1, width-10), d.side == theirs))
		}
		if d.side == third {
			lines = append(lines, "   "+s.Muted.Render("instead ")+c.cell(d.third, max(1, width-11), true))
		}
	}
	return lines, selected
}

// cell is a value in a column; what was chosen bears a mark, which needs no colour.
func (c *conflict) cell(v bson.RawValue, width int, chosen bool) string {
	s := c.e.Styles
	mark, room := "  ", max(1, width-3)
	if chosen {
		mark = s.Good.Render(s.Glyphs.Good) + " "
	}
	seen := c.e.display(v)
	how := valueStyle(s, v)
	if chosen {
		how = s.Selected
	}
	shown := seen.Clip(room)
	return mark + how.Render(shown.String()) + strings.Repeat(" ", max(0, width-2-shown.Width()))
}

func (c *conflict) rows(width int) int {
	body, _ := c.table(width)
	return len(body) + 4
}
