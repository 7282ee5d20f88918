package document

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/edit"
)

// SetInput shows the editor of a field in its row, where it gets the keys; nil: none. The pane must show the field, see
// ShowsRow.
func (p *Pane) SetInput(e *edit.Editor) {
	p.input = e
	if e != nil {
		p.Select(e.Path())
	}
}

// Input returns the editor in a row; nil: none.
func (p *Pane) Input() *edit.Editor { return p.input }

// ShowsRow reports whether a field has a row and there is space to draw it.
func (p *Pane) ShowsRow(path model.Path) bool {
	return p.scroll.Height > 0 && p.tree.ExpandTo(path) >= 0
}

// Select selects a field, or does so as soon as it is shown.
func (p *Pane) Select(path model.Path) {
	p.follow = path
	p.placeCursor(p.cursor())
}

// Next returns the next field with a single value, in rows from the selected one: by is +1 or -1; nil: there is none.
func (p *Pane) Next(by int) model.Path {
	for i := p.scroll.Selected + by; by != 0 && i >= 0 && i < p.tree.Len(); i += by {
		if row := p.tree.Row(i); !row.Expandable {
			return row.Path
		}
	}
	return nil
}

// updateInput hands a message to the editor in a row; false: there is none, or the message is the pane's.
func (p *Pane) updateInput(msg tea.Msg) (tea.Cmd, bool) {
	if p.input == nil {
		return nil, false
	}
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		return p.input.PressInRow(m), true
	case tea.PasteMsg:
		return p.input.Update(m), true
	case tea.MouseClickMsg:
		if p.scroll.Top+m.Y == p.scroll.Selected {
			return nil, true
		}
		return p.input.Leave(), false
	case tea.MouseMsg:
		return nil, false
	}
	return p.input.Update(msg), false
}

// inputRow returns the row of the input; -1: it is not visible.
func (p *Pane) inputRow() int {
	if p.input == nil {
		return -1
	}
	row := p.scroll.Selected
	if row < p.scroll.Top || row >= p.scroll.Top+p.scroll.Height {
		return -1
	}
	return row
}

// drawInput draws the row of the input: its name as ever, the input in place of the value.
func (p *Pane) drawInput(row model.Row, l rowLayout, width int) string {
	before, available := inputCells(l, width)
	line, _ := p.input.DrawRow(available)
	return cut(p.row(row, false, false, l, width), before) + line
}

// inputCursor returns the cell of the text cursor of the input; nil: it is not visible.
func (p *Pane) inputCursor() *tea.Cursor {
	row := p.inputRow()
	if row < 0 {
		return nil
	}
	before, available := inputCells(p.rowLayout(p.size.X), p.size.X)
	_, at := p.input.DrawRow(available)
	c := image.Pt(before+at, row-p.scroll.Top)
	if at < 0 || !c.In(image.Rectangle{Max: p.size}) {
		return nil
	}
	return tea.NewCursor(c.X, c.Y)
}

// inputCells returns the cells before the input in its row, and those of the input.
func inputCells(l rowLayout, width int) (before, available int) {
	before = min(1+signWidth+l.name+l.gap, width-1)
	return before, max(1, width-before)
}

// inputDetail returns the detail lines while a value is typed: its path, its type, and what is wrong.
func (p *Pane) inputDetail(n, width int) []string {
	notes := p.input.RowNotes(width)
	var lines []string
	if n > 1 {
		title := model.Show(p.input.Path().String()).Clip(max(0, width-4))
		s := p.styles
		lines = append(lines, s.Border.Render(s.Frame.Top)+s.Muted.Render(" "+title.String()+" ")+
			s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-title.Width()-3))))
	}
	for i := 0; len(lines) < n; i++ {
		if i < len(notes) {
			lines = append(lines, cut(notes[i], width))
		} else {
			lines = append(lines, "")
		}
	}
	return lines
}
