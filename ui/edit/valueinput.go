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

// maxDocumentBytes is the maximal size of a BSON document, and so of a field's text.
const maxDocumentBytes = model.MaxDocumentBytes

// maxLineBytes is the maximal length of text that is edited on a single line, in bytes.
const maxLineBytes = 160

// input edits a value: a line, a text area, a choice (bool), or nothing for a kind with only one value.
type input struct {
	kind   model.Kind
	line   text.Line
	area   *text.Area // replaces line for multi-line text
	chosen string     // for a bool: "true", "false" or "" (no choice yet)
	dirty  bool       // the text was edited
	other  string     // how the user changes the kind
	mask   string     // shown in place of each character; empty: the text itself
}

// newInput creates the input of a kind with initial text. A mask hides the text, and with stored also its length: then
// every text is edited on a line.
func newInput(kind model.Kind, content, mask string, stored bool) input {
	in := input{kind: kind, mask: mask}
	switch {
	case kind == model.Bool:
		if t := strings.TrimSpace(content); t == "true" || t == "false" {
			in.chosen = t
		}
	case isConstant(kind):
	case mask != "" && stored:
		in.line = text.NewLine(content)
		in.line.MaxBytes, in.line.Mask, in.line.Hidden = maxDocumentBytes, mask, true
	case isNested(kind), isLongText(kind) && (strings.Contains(content, "\n") || len(content) > maxLineBytes):
		in.openArea(content)
		in.area.MoveToEnd()
	default:
		in.line = text.NewLine(content)
		in.line.MaxBytes, in.line.Mask = maxDocumentBytes, mask
	}
	return in
}

// openArea edits the text in a text area, the cursor at its start.
func (in *input) openArea(content string) {
	a := text.NewArea(content)
	a.MaxBytes, a.Mask = maxDocumentBytes, in.mask
	in.area = &a
}

// isConstant reports whether a kind has only one value.
func isConstant(k model.Kind) bool {
	return k == model.Null || k == model.Undefined || k == model.MinKey || k == model.MaxKey
}

// isLongText reports whether values of a kind may be long text.
func isLongText(k model.Kind) bool {
	return k == model.String || k == model.JavaScript || k == model.Symbol || k == model.CodeWithScope
}

// value returns the typed or chosen text.
func (in *input) value() string {
	switch {
	case in.kind == model.Bool:
		return in.chosen
	case in.area != nil:
		return in.area.Value()
	}
	return in.line.Value()
}

// size returns len(value()) without building the string.
func (in *input) size() int {
	if in.area != nil {
		return in.area.ByteLen()
	}
	return len(in.value())
}

// captures reports whether keys are text here.
func (in *input) captures() bool { return in.kind != model.Bool && !isConstant(in.kind) }

// press handles a key; it reports whether the text changed.
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

// resize sets the width, which cursor movement by rows depends on.
func (in *input) resize(width int) {
	if in.area != nil {
		in.area.Resize(width)
	}
}

// equal reports whether the input still holds the initial value.
func (in *input) equal(opened input) bool {
	switch {
	case in.kind != opened.kind || in.chosen != opened.chosen:
		return false
	case in.area == nil && opened.area == nil:
		return in.line.Value() == opened.line.Value()
	}
	return !in.dirty
}

// paste inserts text; message explains why text that is too large was refused. Text of several lines moves a string
// from the line to a text area.
func (in *input) paste(content string) (changed bool, message string) {
	var ok bool
	if in.area == nil && !in.line.Hidden && isLongText(in.kind) && text.HasLines(content) {
		in.openArea(in.line.Value())
		in.area.MoveTo(0, in.line.Offset())
	}
	switch {
	case !in.captures() || content == "":
		return false, ""
	case in.area != nil:
		ok = in.area.Paste(content)
	default:
		ok = in.line.Paste(content)
	}
	if !ok {
		return false, pasteRefused(content)
	}
	in.dirty = true
	return true, ""
}

// pasteRefused is the message for pasted text that exceeds the size of a document.
func pasteRefused(content string) string {
	return fmt.Sprintf("%.1f MB of pasted text refused: a document holds at most 16 MB", float64(len(content))/1e6)
}

// toggle switches between true and false.
func (in *input) toggle() {
	if in.chosen == "true" {
		in.chosen = "false"
	} else {
		in.chosen = "true"
	}
}

// draw returns the rows and the position of the text cursor; nil: no cursor. wrong is the line of the fault, -1: none.
func (in *input) draw(size image.Point, focused bool, wrong int, s *style.Styles) ([]string, *image.Point) {
	prompt := s.Prompt.Render(s.Glyphs.Cursor) + " "
	if !focused {
		prompt = "  "
	}
	switch {
	case in.kind == model.Bool && in.mask != "":
		return []string{prompt + s.Text.Render(strings.Repeat(in.mask, 5)) + s.Faint.Render("  masked: t true, f false")}, nil
	case in.kind == model.Bool:
		return []string{prompt + choice(in.chosen, "true", s) + "   " + choice(in.chosen, "false", s)}, nil
	case isConstant(in.kind):
		return []string{prompt + s.NullValue.Render(string(in.kind)) +
			s.Faint.Render("  there is nothing to type; "+in.other)}, nil
	case in.area != nil:
		rows := in.area.View(size, wrong, s, in.highlight(s))
		if !focused {
			return rows, nil
		}
		at := in.area.Cursor(size)
		return rows, &at
	}
	inputWidth := max(1, size.X-2)
	rows := []string{prompt + s.Input.Render(in.line.View(inputWidth))}
	if !focused {
		return rows, nil
	}
	return rows, &image.Point{X: 2 + in.line.Cursor(inputWidth)}
}

// highlight returns the syntax highlighting for extended JSON; nil: none.
func (in *input) highlight(s *style.Styles) func(string) []text.Span {
	if !isNested(in.kind) {
		return nil
	}
	return func(line string) []text.Span { return text.JSONSpans(line, s) }
}

func choice(chosen, this string, s *style.Styles) string {
	if chosen == this {
		return s.Selected.Render("(" + s.Glyphs.Bullet + ") " + this)
	}
	return s.Text.Render("( ) " + this)
}
