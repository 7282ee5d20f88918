package functions

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/text"
)

// listHeader is the number of rows above a list.
const listHeader = 2

// View draws the current step.
func (d *Dialog) View(size image.Point) string {
	switch d.step {
	case stepChoose:
		return pane.Fill(d.chooseView(size), size)
	case stepArguments:
		return pane.Fill(d.argumentsView(size), size)
	case stepHistory:
		return pane.Fill(d.historyView(size), size)
	}
	return d.resultView(size)
}

func (d *Dialog) listHeight() int { return pane.Inner(d.Size(d.Screen)).Y - listHeader }

// firstRow returns the index of the first visible row of a list with n rows.
func (d *Dialog) firstRow(n, height int) int {
	return max(0, min(d.cursor-height/2, n-height))
}

func (d *Dialog) chooseView(size image.Point) []string {
	s := d.Styles
	typed := s.Input.Render(d.picker.find.View(max(1, size.X-4)))
	if d.picker.find.Value() == "" && len(d.picker.names) > 0 {
		typed = s.Faint.Render("type to find, or the name of a function that is not listed")
	}
	lines := []string{" " + s.Prompt.Render("/") + " " + typed, ""}
	status := d.status(size.X)
	rows := size.Y - len(lines) - len(status)
	if len(d.picker.matches) == 0 && d.fault == nil {
		lines = append(lines, pane.Wrapped(s.Faint, "The service lists no functions. Type the name of one.", size.X-2)...)
	}
	first := d.firstRow(len(d.picker.matches), rows)
	for i := first; i < len(d.picker.matches) && i < first+rows; i++ {
		lines = append(lines, d.functionRow(i, size.X))
	}
	return append(lines, status...)
}

// functionRow shows a function and the arguments that were typed last.
func (d *Dialog) functionRow(i, width int) string {
	s := d.Styles
	prompt, how := "   ", s.Text
	if i == d.cursor {
		prompt, how = " "+s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
	}
	name := model.Clip(d.picker.matches[i], max(1, width-16))
	note, available := model.Show("not listed"), max(0, width-6-name.Width())
	if slices.Contains(d.picker.names, d.picker.matches[i]) {
		note = d.State.ClipText(oneLine(d.usage.typed[d.picker.matches[i]]), available)
		if d.usage.typed[d.picker.matches[i]] == "" {
			note = model.Visible{}
		}
	}
	return prompt + how.Render(name.String()) + "  " + s.Faint.Render(note.Clip(available).String())
}

// status says what happens or why something was not done.
func (d *Dialog) status(width int) []string {
	s := d.Styles
	switch {
	case d.requests.Busy():
		return pane.Wrapped(s.Warn, d.progress(d.Now), width-2)
	case d.fault != nil:
		return pane.Wrapped(s.Bad, s.Glyphs.Bad+" "+d.State.FaultText(d.fault), width-2)
	}
	return nil
}

// progress says how long the call is running at a time.
func (d *Dialog) progress(now time.Time) string {
	text := "running" + d.Styles.Glyphs.Ellipsis
	if seconds := int(now.Sub(d.startedAt) / time.Second); seconds > 0 {
		text += " " + strconv.Itoa(seconds) + " s"
	}
	return text + d.Keys.Expand("  {waiting.cancel} stops waiting; the function may still run")
}

// ClockText returns how long a call is running, or the texts of the result, as they are written at a time.
func (d *Dialog) ClockText(now time.Time) string {
	switch {
	case d.requests.Busy():
		return d.progress(now)
	case d.step == stepResult && !d.output.value.IsZero():
		return d.output.tree.ClockText(now)
	}
	return ""
}

// areaSize returns the size of the arguments' input.
func (d *Dialog) areaSize(size image.Point) image.Point {
	return image.Pt(max(1, size.X-1), max(1, size.Y-1-len(d.argumentsStatus(size.X))))
}

func (d *Dialog) argumentsView(size image.Point) []string {
	s := d.Styles
	lines := []string{" " + s.Muted.Render("arguments: an extended JSON array, or one object")}
	errorLine := -1
	if d.args.fault != nil {
		errorLine = d.args.fault.Line - 1
	}
	if d.args.hidden {
		lines = append(lines, "", " "+s.Input.Render(strings.Repeat(s.Glyphs.Mask, 5)), "")
		lines = append(lines, pane.Wrapped(s.Faint, "Masked. ctrl+u deletes them, then others can be typed.", size.X-2)...)
		return append(lines, d.argumentsStatus(size.X)...)
	}
	highlight := func(line string) []text.Span { return text.JSONSpans(line, s) }
	lines = append(lines, d.args.area.View(d.areaSize(size), errorLine, s, highlight)...)
	return append(lines, d.argumentsStatus(size.X)...)
}

// argumentsStatus says what the arguments are, or what is wrong.
func (d *Dialog) argumentsStatus(width int) []string {
	s := d.Styles
	if status := d.status(width); status != nil {
		return status
	}
	switch {
	case d.checks.Busy():
		return pane.Wrapped(s.Faint, "reading the arguments"+s.Glyphs.Ellipsis, width-2)
	case d.args.fault != nil:
		return pane.Wrapped(s.InputError, s.Glyphs.Bad+" "+d.State.FaultText(d.args.fault), width-2)
	case len(d.args.values) == 1:
		return pane.Wrapped(s.Faint, "one argument", width-2)
	case len(d.args.values) > 1:
		return pane.Wrapped(s.Faint, fmt.Sprintf("%d arguments", len(d.args.values)), width-2)
	}
	return pane.Wrapped(s.Faint, `No arguments. Type an array such as [{"favoriteColor": "teal"}, 1], or one object.`,
		width-2)
}

// resultHeader says what was returned, its size and how long it took.
func (d *Dialog) resultHeader(width int) string {
	s := d.Styles
	what := d.output.summary + " " + s.Glyphs.Separator + " " + model.ByteSize(len(d.output.value.Value)) + " " +
		s.Glyphs.Separator +
		" " +
		shortDuration(d.output.took)
	name := model.Clip(d.name, max(1, width/2))
	return " " + s.Good.Render(s.Glyphs.Good) + " " + s.Strong.Render(name.String()) + " " +
		s.Muted.Render(model.Clip(what, max(1, width-name.Width()-5)).String())
}

// describeResult says what was returned, without the value.
func (d *Dialog) describeResult() string {
	switch kind := model.KindOf(d.output.value); {
	case d.output.value.IsZero():
		return "returned undefined: nothing"
	case kind == model.Object, kind == model.Array:
		return "returned " + d.State.MaskedValue(d.output.value).String() // the number of fields or items
	default:
		return "returned a value of type " + string(kind)
	}
}

func (d *Dialog) resultView(size image.Point) string {
	header := pane.Fill([]string{d.resultHeader(size.X)}, image.Pt(size.X, resultHeaderRows))
	if d.output.value.IsZero() || d.output.tree == nil {
		return header
	}
	return header + "\n" + d.output.tree.View(d.treeSize(size))
}

func (d *Dialog) historyView(size image.Point) []string {
	s := d.Styles
	if len(d.usage.calls) == 0 {
		return append([]string{""}, pane.Wrapped(s.Faint, "No function was called in this run.", size.X-2)...)
	}
	lines := []string{" " + s.Muted.Render("newest first")}
	rows := size.Y - len(lines)
	first := d.firstRow(len(d.usage.calls), rows)
	for i := first; i < len(d.usage.calls) && i < first+rows; i++ {
		lines = append(lines, d.historyRow(d.usage.calls[i], i == d.cursor, size.X))
	}
	return lines
}

// Cursor returns the position of the text cursor.
func (d *Dialog) Cursor() *tea.Cursor {
	inner := pane.Inner(d.Size(d.Screen))
	switch {
	case d.requests.Busy() || d.args.hidden && d.step == stepArguments:
		return nil
	case d.step == stepChoose:
		return tea.NewCursor(3+d.picker.find.Cursor(max(1, inner.X-4)), 0)
	case d.step == stepArguments:
		at := d.args.area.Cursor(d.areaSize(inner))
		return tea.NewCursor(at.X, at.Y+1)
	case d.step == stepResult && d.treeCapturesKeys():
		c := d.output.tree.Cursor()
		if c != nil {
			c.Y += resultHeaderRows
		}
		return c
	}
	return nil
}

// Size is that of a dialog in which text can be read and typed.
func (d *Dialog) Size(screen image.Point) image.Point {
	const least, most, small = 14, 40, 60
	height := min(max(least, screen.Y*2/3), most)
	switch {
	case d.step == stepChoose:
		height = max(least, min(len(d.picker.names)+listHeader+4, height))
	case d.step == stepResult && len(d.output.value.Value) < small:
		height = least
	}
	return image.Pt(pane.FitWidth(100, screen.X), min(height, screen.Y-1))
}

// mouse handles clicks and the wheel.
func (d *Dialog) mouse(msg tea.MouseMsg) tea.Cmd {
	wheel, isWheel := msg.(tea.MouseWheelMsg)
	click, isClick := msg.(tea.MouseClickMsg)
	switch d.step {
	case stepArguments:
		if isWheel && !d.args.hidden {
			d.args.area.Scroll(pane.WheelRows(wheel, 3))
		} else if isClick && !d.args.hidden && !d.requests.Busy() {
			d.args.area.Click(image.Pt(click.X, click.Y-1), d.areaSize(pane.Inner(d.Size(d.Screen))))
		}
	case stepResult:
		if isClick {
			click.Y -= resultHeaderRows
			return d.updateTree(click)
		}
		return d.updateTree(msg)
	default:
		n := len(d.picker.matches)
		header := listHeader
		if d.step == stepHistory {
			n, header = len(d.usage.calls), 1
		}
		if isWheel {
			d.cursor = min(max(0, d.cursor+pane.WheelRows(wheel, 1)), max(0, n-1))
		} else if i := d.firstRow(n, d.listHeight()) + click.Y - header; isClick && click.Y >= header && i < n {
			d.cursor = i
		}
	}
	return nil
}
