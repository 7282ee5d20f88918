package functions

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
	"dossier/ui/text"
)

// labelWidth is the width of the labels in front of the fields.
const labelWidth = 11

// View draws the current step.
func (f *Dialog) View(size image.Point) string {
	lines, cursor := f.draw(size)
	return pane.Fill(lines[scrollOffset(cursor, size.Y):], size)
}

// scrollOffset returns how many lines are scrolled off the top so that the text cursor is visible.
func scrollOffset(cursor *image.Point, height int) int {
	if cursor == nil {
		return 0
	}
	return max(0, cursor.Y-height+1)
}

func (f *Dialog) draw(size image.Point) ([]string, *image.Point) {
	switch f.step {
	case stepChoose:
		return f.listView(size), nil
	case stepArguments:
		return f.argumentsView(size)
	}
	return f.resultView(size), nil
}

// firstRow returns the index of the first visible row of a list below a heading.
func (f *Dialog) firstRow(height int) int {
	n := len(f.names)
	if f.step == stepResult {
		n = len(f.resultLines)
	}
	return max(0, min(f.cursor-(height-1)/2, n-(height-1)))
}

func (f *Dialog) listView(size image.Point) []string {
	s := f.Styles
	lines := []string{" " + s.Muted.Render("functions of the application")}
	for i := f.firstRow(size.Y); i < len(f.names) && len(lines) < size.Y; i++ {
		name := model.Show(f.names[i]).Clip(max(1, size.X-4)).String()
		if i == f.cursor {
			lines = append(lines, " "+s.Prompt.Render(s.Glyphs.Cursor)+" "+s.Strong.Render(name))
		} else {
			lines = append(lines, "   "+s.Text.Render(name))
		}
	}
	return lines
}

func (f *Dialog) argumentsView(size image.Point) (lines []string, cursor *image.Point) {
	s := f.Styles
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
			style.Draw(inputStyle, l.View(inputWidth)))
	}
	lines = []string{""}
	if len(f.names) == 0 {
		row("function", &f.name, f.nameFocused, false)
	} else {
		lines = append(lines, " "+s.Muted.Render(model.Show("function").Pad(labelWidth-1).String())+"  "+
			s.Strong.Render(model.Show(f.name.Value()).Clip(inputWidth).String()))
	}
	lines = append(lines, "")
	row("arguments", &f.args, !f.nameFocused, f.argsFault != nil)
	addText := func(textStyle lipgloss.Style, message string) {
		for _, w := range model.Show(message).Wrap(inputWidth) {
			lines = append(lines, strings.Repeat(" ", labelWidth+2)+style.Draw(textStyle, w.String()))
		}
	}
	switch {
	case f.requests.Busy():
		addText(s.Warn, "running"+s.Glyphs.Ellipsis+" esc stops waiting")
	case f.argsFault != nil:
		addText(s.InputError, s.Glyphs.Bad+" "+f.State.FaultText(f.argsFault))
	case len(f.values) == 1:
		addText(s.Faint, "one argument")
	case len(f.values) > 1:
		addText(s.Faint, fmt.Sprintf("%d arguments", len(f.values)))
	default:
		addText(s.Faint, `none; expected an extended JSON array such as [{"favoriteColor": "teal"}, 1], or an object`)
	}
	if f.fault != nil {
		lines = append(lines, "")
		addText(s.Bad, s.Glyphs.Bad+" "+f.State.FaultText(f.fault))
	}
	return lines, cursor
}

func (f *Dialog) resultView(size image.Point) []string {
	s := f.Styles
	lines := []string{" " + s.Good.Render(s.Glyphs.Good) + " " + s.Strong.Render(model.Show(f.name.Value()).Clip(max(1,
		size.X-14)).String()) + s.Muted.Render(" returned")}
	scrolls := len(f.resultLines) > size.Y-1
	for i := f.firstRow(size.Y); i < len(f.resultLines) && len(lines) < size.Y; i++ {
		mark := "  "
		if scrolls && i == f.cursor {
			mark = s.Prompt.Render(s.Glyphs.Cursor) + " "
		}
		lines = append(lines, mark+s.Text.Render(f.resultLines[i].Clip(max(1, size.X-3)).String()))
	}
	return lines
}

// Cursor returns the position of the text cursor.
func (f *Dialog) Cursor() *tea.Cursor {
	inner := pane.Inner(f.Size(f.Screen))
	_, cursor := f.draw(inner)
	if cursor == nil || f.requests.Busy() {
		return nil
	}
	y := cursor.Y - scrollOffset(cursor, inner.Y)
	if !image.Pt(cursor.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(cursor.X, y)
}

// Size fits the content; a long result takes the full height.
func (f *Dialog) Size(screen image.Point) image.Point {
	width := min(96, screen.X-4)
	if screen.X < 70 {
		width = screen.X
	}
	const frame, minNote = 2, 2 // the note below the arguments changes while typing
	height := 0
	switch f.step {
	case stepChoose:
		height = max(6, len(f.names)+3)
	case stepArguments:
		lines, _ := f.argumentsView(image.Pt(width-frame, screen.Y))
		height = max(4+minNote, len(lines)+1) + frame
	case stepResult:
		height = max(6, len(f.resultLines)+1+frame)
	}
	return image.Pt(width, min(height, screen.Y-2))
}

// CapturesKeys reports whether arguments are being typed.
func (f *Dialog) CapturesKeys() bool { return f.step == stepArguments }

// Scope returns the key scope of the step.
func (f *Dialog) Scope() keys.Scope {
	switch f.step {
	case stepChoose:
		return keys.FunctionPicker
	case stepArguments:
		return keys.Arguments
	}
	return keys.FunctionResult
}

// Title returns the title of the dialog.
func (f *Dialog) Title() model.Visible {
	if f.step == stepChoose || f.name.Value() == "" {
		return model.Show("functions")
	}
	return model.Show("call " + f.name.Value())
}

// HasUnsaved reports whether a call failed and its arguments can be sent again.
func (f *Dialog) HasUnsaved() bool {
	return f.step == stepArguments && f.args.Value() != "" && f.fault != nil
}
