package text

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// Area is a text field of many lines. It draws only the visible rows, whatever its size.
type Area struct {
	Mask     string // shown in place of each character, for masked data; empty: the text itself
	MaxBytes int    // limit of the text in bytes; 0: no limit

	lines     []string
	joined    string // the lines as one text, while isJoined
	isJoined  bool
	bytes     int
	row       int // the cursor's line, and its byte offset in that line
	offset    int
	goalCell  int // the column that moving up and down returns to, in cells
	textWidth int // of the text, set by Resize; moving up and down needs it
	history   history
}

// NewArea returns a field with the text, the cursor at its start.
func NewArea(text string) Area {
	return Area{lines: strings.Split(text, "\n"), joined: text, isJoined: true, bytes: len(text), textWidth: 80}
}

// Value returns the text exactly as typed. It is built once after a change.
func (a *Area) Value() string {
	if !a.isJoined {
		a.joined, a.isJoined = strings.Join(a.lines, "\n"), true
	}
	return a.joined
}

// changed forgets the text as one string, which a change outdates.
func (a *Area) changed() { a.joined, a.isJoined = "", false }

// ByteLen returns the length of Value in bytes, without building it.
func (a *Area) ByteLen() int { return a.bytes }

// LineCount returns the number of lines.
func (a *Area) LineCount() int { return len(a.lines) }

// Position returns the cursor's line and its byte offset in that line, both from 0.
func (a *Area) Position() (row, offset int) { return a.row, a.offset }

// Column returns the number of characters before the cursor in its line.
func (a *Area) Column() int { return utf8.RuneCountInString(a.lines[a.row][:a.offset]) }

// MoveTo puts the cursor on a line, before the byte at offset, both from 0.
func (a *Area) MoveTo(row, offset int) {
	a.row = min(max(0, row), len(a.lines)-1)
	a.offset = min(max(0, offset), len(a.lines[a.row]))
	a.rememberColumn()
}

// MoveToColumn moves the cursor to a line, before the character at column, both from 0.
func (a *Area) MoveToColumn(row, column int) {
	a.MoveTo(row, 0)
	for range column {
		_, n := utf8.DecodeRuneInString(a.lines[a.row][a.offset:])
		a.offset += n
	}
	a.rememberColumn()
}

// MoveToEnd puts the cursor at the end of the text.
func (a *Area) MoveToEnd() { a.MoveTo(len(a.lines)-1, len(a.lines[len(a.lines)-1])) }

// Resize sets the width of the whole field in cells; moving up and down depends on it.
func (a *Area) Resize(width int) { a.textWidth = width - a.gutterWidth(width) }

// Insert inserts text at the cursor. It returns false and changes nothing when the text would exceed MaxBytes.
func (a *Area) Insert(text string) bool { return a.insert(text, otherStep) }

func (a *Area) insert(text string, kind stepKind) bool {
	if a.MaxBytes > 0 && a.bytes+len(text) > a.MaxBytes {
		return false
	}
	line := a.lines[a.row]
	parts := strings.Split(text, "\n")
	last := len(parts) - 1
	end := len(parts[last])
	if last == 0 {
		end += a.offset
	}
	parts[last] += line[a.offset:]
	parts[0] = line[:a.offset] + parts[0]
	if last > 0 {
		kind = otherStep
	}
	a.replace(step{kind, a.row, []string{line}, parts, position{a.row, a.offset}, position{a.row + last, end}})
	return true
}

// replace changes lines in a step that can be undone.
func (a *Area) replace(s step) {
	a.history.add(s)
	a.apply(s)
}

// apply changes lines and moves the cursor.
func (a *Area) apply(s step) {
	a.changed()
	a.bytes += textBytes(s.new) - textBytes(s.old)
	a.lines = slices.Replace(a.lines, s.row, s.row+len(s.old), s.new...)
	a.row, a.offset = s.after.row, s.after.offset
	a.rememberColumn()
}

// textBytes returns the length of lines with the breaks between them.
func textBytes(lines []string) int {
	n := len(lines) - 1
	for _, line := range lines {
		n += len(line)
	}
	return n
}

// Paste inserts pasted text; terminals send a line break as CR, which becomes LF.
func (a *Area) Paste(text string) bool { return a.Insert(lineBreaks.Replace(text)) }

// HandleKey types, deletes, undoes (ctrl+_), redoes (alt+_) or moves the cursor; it reports whether the text changed.
func (a *Area) HandleKey(press tea.KeyPressMsg) bool {
	if a.moveCursor(press) {
		return false
	}
	if s, ok, isKey := a.history.undoKey(press); isKey {
		if ok {
			a.apply(s)
		}
		return ok
	}
	line := a.lines[a.row]
	switch press.String() {
	case "enter", "shift+enter", "ctrl+j":
		return a.Insert("\n" + line[:indentation(line[:a.offset])])
	case "backspace", "ctrl+h", "shift+backspace":
		if a.offset == 0 {
			return a.joinLines(a.row - 1)
		}
	case "delete", "ctrl+d", "ctrl+k":
		if a.offset == len(line) {
			return a.joinLines(a.row)
		}
	}
	if from, to, ok := deletedRange(press, line, a.offset); ok {
		if from != to {
			a.replace(step{kindOf(press), a.row, []string{line}, []string{line[:from] + line[to:]},
				position{a.row, a.offset}, position{a.row, from}})
		}
		return from != to
	}
	return press.Text != "" && a.insert(press.Text, kindOf(press))
}

// joinLines removes the line break after a line.
func (a *Area) joinLines(row int) bool {
	if row < 0 || row+1 >= len(a.lines) {
		return false
	}
	upper, lower := a.lines[row], a.lines[row+1]
	a.replace(step{otherStep, row, []string{upper, lower}, []string{upper + lower}, position{a.row, a.offset},
		position{row, len(upper)}})
	return true
}

// indentation returns the number of leading spaces, which a new line repeats.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// pageRows is the number of rows of page up and page down.
const pageRows = 15

// moveCursor handles keys that only move the cursor; it returns false for all others.
func (a *Area) moveCursor(press tea.KeyPressMsg) bool {
	line := a.lines[a.row]
	switch press.String() {
	case "up", "ctrl+p":
		a.moveVertically(-1)
		return true
	case "down", "ctrl+n":
		a.moveVertically(1)
		return true
	case "pgup":
		a.moveVertically(-pageRows)
		return true
	case "pgdown":
		a.moveVertically(pageRows)
		return true
	case "ctrl+home", "alt+<":
		a.MoveTo(0, 0)
		return true
	case "ctrl+end", "alt+>":
		a.MoveToEnd()
		return true
	case "left", "ctrl+b":
		if a.offset == 0 && a.row > 0 {
			a.MoveTo(a.row-1, len(a.lines[a.row-1]))
			return true
		}
	case "right", "ctrl+f":
		if a.offset == len(line) && a.row+1 < len(a.lines) {
			a.MoveTo(a.row+1, 0)
			return true
		}
	}
	if to, ok := cursorMotion(press, line, a.offset); ok {
		a.offset = to
		a.rememberColumn()
		return true
	}
	return false
}

// Scroll moves the cursor by rows, for the mouse wheel.
func (a *Area) Scroll(rows int) { a.moveVertically(rows) }

// moveVertically moves the cursor by drawn rows, towards goalCell.
func (a *Area) moveVertically(by int) {
	step := 1
	if by < 0 {
		step, by = -1, -by
	}
	starts := wrap(a.lines[a.row], a.textWidth, a.Mask)
	r := rowOf(starts, a.offset)
	for ; by > 0; by-- {
		switch r += step; {
		case r < 0 && a.row == 0:
			a.offset = 0
			return
		case r < 0:
			a.row--
			starts = wrap(a.lines[a.row], a.textWidth, a.Mask)
			r = len(starts) - 1
		case r >= len(starts) && a.row == len(a.lines)-1:
			a.offset = len(a.lines[a.row])
			return
		case r >= len(starts):
			a.row++
			starts, r = wrap(a.lines[a.row], a.textWidth, a.Mask), 0
		}
		a.offset = offsetAtCell(a.lines[a.row], starts, r, a.goalCell, a.Mask)
	}
}

// rememberColumn sets goalCell to the cursor's column. In a line too long to wrap it is not counted: moving up or down
// goes to the start of a line.
func (a *Area) rememberColumn() {
	line := a.lines[a.row]
	if len(line) > maxWrapBytes {
		a.goalCell = 0
		return
	}
	starts := wrap(line, a.textWidth, a.Mask)
	a.goalCell = display(line[starts[rowOf(starts, a.offset)]:a.offset], a.Mask).Width()
}
