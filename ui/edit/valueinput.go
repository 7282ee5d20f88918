package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/style"
	"dossier/ui/text"
)

// maxDocumentBytes is how many bytes a document may hold, and so a field's text.
const maxDocumentBytes = 16 << 20

// maxLineBytes is the longest text that is typed on one line, in bytes.
const maxLineBytes = 160

// input is where a value is typed: on one line, on several, chosen, or nothing at all where the type says everything.
type input struct {
	kind   model.Kind
	line   text.Line
	area   *text.Area // in place of line, for what takes several lines
	chosen string     // of a bool: "true", "false" or not yet
	dirty  bool       // something was typed
}

// newInput makes the input of a kind that holds the text.
func newInput(kind model.Kind, content, mask string) input {
	in := input{kind: kind}
	switch {
	case kind == model.Bool:
		if t := strings.TrimSpace(content); t == "true" || t == "false" {
			in.chosen = t
		}
	case isConstant(kind):
	case isNested(kind), isLongText(kind) && (strings.Contains(content, "\n") || len(content) > maxLineBytes):
		a := text.NewArea(content)
		a.MaxBytes, a.Mask = maxDocumentBytes, mask
		a.MoveToEnd()
		in.area = &a
	default:
		in.line = text.NewLine(content)
		in.line.MaxBytes, in.line.Mask = maxDocumentBytes, mask
	}
	return in
}

// isConstant is a kind with one value only.
func isConstant(k model.Kind) bool {
	return k == model.Null || k == model.Undefined || k == model.MinKey || k == model.MaxKey
}

// isLongText is a kind whose text may be long.
func isLongText(k model.Kind) bool {
	return k == model.String || k == model.JavaScript || k == model.Symbol || k == model.CodeWithScope
}

// value is what is typed or chosen.
func (in *input) value() string {
	switch {
	case in.kind == model.Bool:
		return in.chosen
	case in.area != nil:
		return in.area.Value()
	}
	return in.line.Value()
}

// size is the length of value in bytes, without making it.
func (in *input) size() int {
	if in.area != nil {
		return in.area.ByteLen()
	}
	return len(in.value())
}

// captures reports that keys are text here.
func (in *input) captures() bool { return in.kind != model.Bool && !isConstant(in.kind) }

// press types a key; it reports whether the text changed.
func (in *input) press(m tea.KeyPressMsg) bool {
	changed := false
	switch {
	case !in.captures():
	case in.area != nil:
		changed = in.area.HandleKey(m)
	default:
		changed = in.line.HandleKey(m)
	}
	in.dirty = in.dirty || changed
	return changed
}

// resize tells how wide the input is drawn, for what moves by rows.
func (in *input) resize(width int) {
	if in.area != nil {
		in.area.Resize(width)
	}
}

// equal reports that the input holds what another one did when it was opened.
func (in *input) equal(opened input) bool {
	switch {
	case in.kind != opened.kind || in.chosen != opened.chosen:
		return false
	case in.area == nil && opened.area == nil:
		return in.line.Value() == opened.line.Value()
	}
	return !in.dirty
}

// paste inserts pasted text; the sentence says why not, when it is too much.
func (in *input) paste(content string) (changed bool, why string) {
	var ok bool
	switch {
	case !in.captures() || content == "":
		return false, ""
	case in.area != nil:
		ok = in.area.Paste(content)
	default:
		ok = in.line.Paste(content)
	}
	if !ok {
		return false, fmt.Sprintf("the %.1f MB pasted were not taken: a document holds at most 16 MB", float64(len(content))/1e6)
	}
	in.dirty = true
	return true, ""
}

// toggle chooses the other of true and false.
func (in *input) toggle() {
	if in.chosen == "true" {
		in.chosen = "false"
	} else {
		in.chosen = "true"
	}
}

// draw gives the rows of the input and where the cursor stands; focused says whether it has the keys.
func (in *input) draw(size image.Point, focused bool, wrong int, s *style.Styles) ([]string, *image.Point) {
	prompt := s.Prompt.Render(s.Glyphs.Cursor) + " "
	if !focused {
		prompt = "  "
	}
	switch {
	case in.kind == model.Bool:
		return []string{prompt + choice(in.chosen, "true", s) + "   " + choice(in.chosen, "false", s)}, nil
	case isConstant(in.kind):
		return []string{prompt + s.NullValue.Render(string(in.kind)) + s.Faint.Render("  there is nothing to type; ctrl+t changes the type")}, nil
	case in.area != nil:
		rows := in.area.View(size, wrong, s, in.highlight(s))
		if !focused {
			return rows, nil
		}
		at := in.area.Cursor(size)
		return rows, &at
	}
	room := max(1, size.X-2)
	rows := []string{prompt + style.Draw(s.Input, in.line.View(room))}
	if !focused {
		return rows, nil
	}
	return rows, &image.Point{X: 2 + in.line.Cursor(room)}
}

// highlight colours text that is extended JSON.
func (in *input) highlight(s *style.Styles) func(string) []text.Span {
	if !isNested(in.kind) {
		return nil
	}
	return func(line string) []text.Span { return jsonSpans(line, s) }
}

func choice(chosen, this string, s *style.Styles) string {
	if chosen == this {
		return s.Selected.Render("(" + s.Glyphs.Bullet + ") " + this)
	}
	return s.Text.Render("( ) " + this)
}
