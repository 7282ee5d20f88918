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

// label is how wide the words before the fields are.
const label = 11

// View draws the step.
func (f *Caller) View(size image.Point) string {
	lines, at := f.draw(size)
	return text.Fill(lines[scrolled(at, size.Y):], size)
}

// scrolled is how many lines go so that the cursor's is seen.
func scrolled(at *image.Point, height int) int {
	if at == nil {
		return 0
	}
	return max(0, at.Y-height+1)
}

func (f *Caller) draw(size image.Point) ([]string, *image.Point) {
	switch f.step {
	case choosing:
		return f.list(size), nil
	case typing:
		return f.fields(size)
	}
	return f.result(size), nil
}

// top is the first row shown of a list with a line above it.
func (f *Caller) top(height int) int {
	n := len(f.names)
	if f.step == reading {
		n = len(f.shown)
	}
	return max(0, min(f.at-(height-1)/2, n-(height-1)))
}

func (f *Caller) list(size image.Point) []string {
	s := f.Styles
	lines := []string{" " + s.Muted.Render("functions of the application")}
	for i := f.top(size.Y); i < len(f.names) && len(lines) < size.Y; i++ {
		name := model.Show(f.names[i]).Clip(max(1, size.X-4)).String()
		if i == f.at {
			lines = append(lines, " "+s.Prompt.Render(s.Glyphs.Cursor)+" "+s.Strong.Render(name))
		} else {
			lines = append(lines, "   "+s.Text.Render(name))
		}
	}
	return lines
}

func (f *Caller) fields(size image.Point) (lines []string, at *image.Point) {
	s := f.Styles
	room := max(1, size.X-label-3)
	row := func(word string, l *text.Line, focused bool, wrong bool) {
		prompt, how := "  ", s.Input
		if wrong {
			how = s.InputError
		}
		if focused {
			prompt = s.Prompt.Render(s.Glyphs.Cursor) + " "
			at = &image.Point{X: label + 2 + l.Cursor(room), Y: len(lines)}
		}
		lines = append(lines, " "+s.Muted.Render(model.Show(word).Pad(label-1).String())+prompt+style.Draw(how, l.View(room)))
	}
	lines = []string{""}
	if len(f.names) == 0 {
		row("function", &f.name, f.onName, false)
	} else {
		lines = append(lines, " "+s.Muted.Render(model.Show("function").Pad(label-1).String())+"  "+s.Strong.Render(model.Show(f.name.Value()).Clip(room).String()))
	}
	lines = append(lines, "")
	row("arguments", &f.args, !f.onName, f.wrong != nil)
	say := func(look lipgloss.Style, sentence string) {
		for _, w := range model.Show(sentence).Wrap(room) {
			lines = append(lines, strings.Repeat(" ", label+2)+style.Draw(look, w.String()))
		}
	}
	switch {
	case f.asker.Busy():
		say(s.Warn, "running"+s.Glyphs.Ellipsis+" esc stops waiting")
	case f.wrong != nil:
		say(s.InputError, s.Glyphs.Bad+" "+f.Record.Told(f.wrong))
	case len(f.values) == 1:
		say(s.Faint, "one argument")
	case len(f.values) > 1:
		say(s.Faint, fmt.Sprintf("%d arguments", len(f.values)))
	default:
		say(s.Faint, `none; as an extended JSON array such as [{"favoriteColor": "teal"}, 1], or one object`)
	}
	if f.fault != nil {
		lines = append(lines, "")
		say(s.Bad, s.Glyphs.Bad+" "+f.Record.Told(f.fault))
	}
	return lines, at
}

func (f *Caller) result(size image.Point) []string {
	s := f.Styles
	lines := []string{" " + s.Good.Render(s.Glyphs.Good) + " " + s.Strong.Render(model.Show(f.name.Value()).Clip(max(1, size.X-14)).String()) + s.Muted.Render(" returned")}
	scrolls := len(f.shown) > size.Y-1
	for i := f.top(size.Y); i < len(f.shown) && len(lines) < size.Y; i++ {
		mark := "  "
		if scrolls && i == f.at {
			mark = s.Prompt.Render(s.Glyphs.Cursor) + " "
		}
		lines = append(lines, mark+s.Text.Render(f.shown[i].Clip(max(1, size.X-3)).String()))
	}
	return lines
}

// Cursor is where the text cursor stands.
func (f *Caller) Cursor() *tea.Cursor {
	inner := pane.Inner(f.Size(f.Screen))
	_, at := f.draw(inner)
	if at == nil || f.asker.Busy() {
		return nil
	}
	y := at.Y - scrolled(at, inner.Y)
	if !image.Pt(at.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(at.X, y)
}

// Size fits what is shown; a long answer gets the screen.
func (f *Caller) Size(screen image.Point) image.Point {
	width := min(96, screen.X-4)
	if screen.X < 70 {
		width = screen.X
	}
	const frame, said = 2, 2 // what is said under the arguments comes and goes while typing
	want := 0
	switch f.step {
	case choosing:
		want = max(6, len(f.names)+3)
	case typing:
		lines, _ := f.fields(image.Pt(width-frame, screen.Y))
		want = max(4+said, len(lines)+1) + frame
	case reading:
		want = max(6, len(f.shown)+1+frame)
	}
	return image.Pt(width, min(want, screen.Y-2))
}

// Capturing reports that arguments are typed.
func (f *Caller) Capturing() bool { return f.step == typing }

// Scope is the step's.
func (f *Caller) Scope() keys.Scope {
	switch f.step {
	case choosing:
		return keys.Function
	case typing:
		return keys.Arguments
	}
	return keys.Result
}

// Title heads the dialog.
func (f *Caller) Title() model.Visible {
	if f.step == choosing || f.name.Value() == "" {
		return model.Show("functions")
	}
	return model.Show("call " + f.name.Value())
}

// Guards reports that the call failed and its arguments are still there, to be sent again.
func (f *Caller) Guards() bool { return f.step == typing && f.args.Value() != "" && f.fault != nil }
