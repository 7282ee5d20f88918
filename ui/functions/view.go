package functions

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
	"dossier/ui/text"
)

// labelWidth is the width of the labels in front of the fields.
const labelWidth = 11

// View draws the current step.
func (d *Dialog) View(size image.Point) string {
	lines, cursor := d.draw(size)
	return pane.Fill(lines[scrollOffset(cursor, size.Y):], size)
}

// scrollOffset returns how many lines are scrolled off the top so that the text cursor is visible.
func scrollOffset(cursor *image.Point, height int) int {
	if cursor == nil {
		return 0
	}
	return max(0, cursor.Y-height+1)
}

func (d *Dialog) draw(size image.Point) ([]string, *image.Point) {
	switch d.step {
	case stepChoose:
		return d.listView(size), nil
	case stepArguments:
		return d.argumentsView(size)
	}
	return d.resultView(size), nil
}

// firstRow returns the index of the first visible row of a list below a heading.
func (d *Dialog) firstRow(height int) int {
	n := len(d.names)
	if d.step == stepResult {
		n = len(d.resultLines)
	}
	return max(0, min(d.cursor-(height-1)/2, n-(height-1)))
}

func (d *Dialog) listView(size image.Point) []string {
	s := d.Styles
	lines := []string{" " + s.Muted.Render("functions of the application")}
	for i := d.firstRow(size.Y); i < len(d.names) && len(lines) < size.Y; i++ {
		name := model.Show(d.names[i]).Clip(max(1, size.X-4)).String()
		if i == d.cursor {
			lines = append(lines, " "+s.Prompt.Render(s.Glyphs.Cursor)+" "+s.Strong.Render(name))
		} else {
			lines = append(lines, "   "+s.Text.Render(name))
		}
	}
	return lines
}

func (d *Dialog) argumentsView(size image.Point) (lines []string, cursor *image.Point) {
	s := d.Styles
	inputWidth := max(1, size.X-labelWidth-3)
	row := func(label string, l *text.Line, focused bool, wrong bool) {
		prompt, inputStyle := "  ", s.Input
		if wrong {
			inputStyle = s.InputError
		}
		if focused {
			prompt = s.Prompt.Render(s.Glyphs.Cursor) + " "
			cursor = &image.Point{X: labelWidth + 2 + l.Cursor(inputWidth), Y: len(lines)}
		}
		lines = append(lines, " "+s.Muted.Render(model.Show(label).Pad(labelWidth-1).String())+prompt+
			inputStyle.Render(l.View(inputWidth)))
	}
	lines = []string{""}
	if len(d.names) == 0 {
		row("function", &d.name, d.nameFocused, false)
	} else {
		lines = append(lines, " "+s.Muted.Render(model.Show("function").Pad(labelWidth-1).String())+"  "+
			s.Strong.Render(model.Show(d.name.Value()).Clip(inputWidth).String()))
	}
	lines = append(lines, "")
	row("arguments", &d.args, !d.nameFocused, d.argsFault != nil)
	addText := func(textStyle style.Style, message string) {
		for _, w := range model.Show(message).Wrap(inputWidth) {
			lines = append(lines, strings.Repeat(" ", labelWidth+2)+textStyle.Render(w.String()))
		}
	}
	switch {
	case d.requests.Busy():
		addText(s.Warn, "running"+s.Glyphs.Ellipsis+" esc stops waiting")
	case d.argsFault != nil:
		addText(s.InputError, s.Glyphs.Bad+" "+d.State.FaultText(d.argsFault))
	case len(d.values) == 1:
		addText(s.Faint, "one argument")
	case len(d.values) > 1:
		addText(s.Faint, fmt.Sprintf("%d arguments", len(d.values)))
	default:
		addText(s.Faint, `No arguments. Type an extended JSON array such as [{"favoriteColor": "teal"}, 1], or one object.`)
	}
	if d.fault != nil {
		lines = append(lines, "")
		addText(s.Bad, s.Glyphs.Bad+" "+d.State.FaultText(d.fault))
	}
	return lines, cursor
}

func (d *Dialog) resultView(size image.Point) []string {
	s := d.Styles
	lines := []string{" " + s.Good.Render(s.Glyphs.Good) + " " + s.Strong.Render(
		model.Show(d.name.Value()).Clip(max(1, size.X-14)).String()) + s.Muted.Render(" returned")}
	scrolls := len(d.resultLines) > size.Y-1
	for i := d.firstRow(size.Y); i < len(d.resultLines) && len(lines) < size.Y; i++ {
		mark := "  "
		if scrolls && i == d.cursor {
			mark = s.Prompt.Render(s.Glyphs.Cursor) + " "
		}
		lines = append(lines, mark+s.Text.Render(d.resultLines[i].Clip(max(1, size.X-3)).String()))
	}
	return lines
}

// Cursor returns the position of the text cursor.
func (d *Dialog) Cursor() *tea.Cursor {
	inner := pane.Inner(d.Size(d.Screen))
	_, cursor := d.draw(inner)
	if cursor == nil || d.requests.Busy() {
		return nil
	}
	y := cursor.Y - scrollOffset(cursor, inner.Y)
	if !image.Pt(cursor.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(cursor.X, y)
}

// Size fits the content; a long result takes the full height.
func (d *Dialog) Size(screen image.Point) image.Point {
	width := min(96, screen.X-4)
	if screen.X < 70 {
		width = screen.X
	}
	const frame, minNote = 2, 2 // the note below the arguments changes while typing
	height := 0
	switch d.step {
	case stepChoose:
		height = max(6, len(d.names)+3)
	case stepArguments:
		lines, _ := d.argumentsView(image.Pt(width-frame, screen.Y))
		height = max(4+minNote, len(lines)+1) + frame
	case stepResult:
		height = max(6, len(d.resultLines)+1+frame)
	}
	return image.Pt(width, min(height, screen.Y-2))
}

// CapturesKeys reports whether arguments are being typed.
func (d *Dialog) CapturesKeys() bool { return d.step == stepArguments }

// Scope returns the key scope of the step, or keys.Waiting during a call.
func (d *Dialog) Scope() keys.Scope {
	if d.requests.Busy() {
		return keys.Waiting
	}
	switch d.step {
	case stepChoose:
		return keys.FunctionPicker
	case stepArguments:
		return keys.Arguments
	}
	return keys.FunctionResult
}

// Title returns the title of the dialog.
func (d *Dialog) Title() model.Visible {
	if d.step == stepChoose || d.name.Value() == "" {
		return model.Show("functions")
	}
	return model.Show("call " + d.name.Value())
}

// HasUnsaved reports whether a call failed and its arguments can be sent again.
func (d *Dialog) HasUnsaved() bool {
	return d.step == stepArguments && d.args.Value() != "" && d.fault != nil
}
