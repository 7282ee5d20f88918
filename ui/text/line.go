package text

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
)

// Line is a text field of one line. It scrolls sideways; a line break, which only a paste can insert, is drawn as a
// mark.
type Line struct {
	Mask      string // shown in place of each character, for passwords and masked data; empty: the text itself
	Hidden    bool   // with Mask: the length is hidden too, until the text was deleted
	MaxBytes  int    // limit of the text in bytes; 0: no limit
	JoinLines bool   // a line break inside pasted text becomes a space

	value   string
	offset  int // of the cursor in value, in bytes
	history history
}

// NewLine returns a field with the text, the cursor at its end.
func NewLine(text string) Line { return Line{value: text, offset: len(text)} }

// Value returns the text exactly as typed.
func (l *Line) Value() string { return l.value }

// Offset returns the number of bytes before the cursor.
func (l *Line) Offset() int { return l.offset }

// SetValue replaces the text and puts the cursor at its end. Nothing can be undone then.
func (l *Line) SetValue(text string) { l.value, l.offset, l.history = text, len(text), history{} }

// MoveTo puts the cursor before the byte at offset.
func (l *Line) MoveTo(offset int) { l.offset = min(max(0, offset), len(l.value)) }

// Insert inserts text at the cursor. It returns false and changes nothing when the text would exceed MaxBytes.
func (l *Line) Insert(text string) bool { return l.insert(text, otherStep) }

func (l *Line) insert(text string, kind stepKind) bool {
	if l.MaxBytes > 0 && len(l.value)+len(text) > l.MaxBytes {
		return false
	}
	l.replace(l.value[:l.offset]+text+l.value[l.offset:], l.offset+len(text), kind)
	return true
}

// replace changes the text and moves the cursor, in a step that can be undone.
func (l *Line) replace(value string, offset int, kind stepKind) {
	l.history.add(step{kind, 0, []string{l.value}, []string{value}, position{0, l.offset}, position{0, offset}})
	l.value, l.offset = value, offset
}

// Paste inserts pasted text without the line breaks at its end, which come with a copied line. Other line breaks, which
// terminals send as CR, become LF, or a space with JoinLines.
func (l *Line) Paste(text string) bool {
	text = strings.TrimRight(lineBreaks.Replace(text), "\n")
	if l.JoinLines {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	return l.Insert(text)
}

// HasLines reports whether pasted text consists of several lines.
func HasLines(text string) bool { return strings.ContainsAny(strings.TrimRight(text, "\r\n"), "\r\n") }

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// HandleKey types, deletes, undoes (ctrl+_), redoes (alt+_) or moves the cursor; it reports whether the text changed.
func (l *Line) HandleKey(press tea.KeyPressMsg) bool {
	if to, ok := cursorMotion(press, l.value, l.offset); ok {
		l.offset = to
		return false
	}
	if s, ok, isKey := l.history.undoKey(press); isKey {
		if ok {
			l.value, l.offset = s.new[0], s.after.offset
		}
		return ok
	}
	if from, to, ok := deletedRange(press, l.value, l.offset); ok {
		if from != to {
			l.replace(l.value[:from]+l.value[to:], from, kindOf(press))
		}
		if l.Hidden && l.value == "" { // the hidden text does not come back: its length would show
			l.Hidden, l.history = false, history{}
		}
		return from != to
	}
	return press.Text != "" && l.insert(press.Text, kindOf(press))
}

// cursorMotion returns the offset to which a key moves the cursor of a line.
func cursorMotion(press tea.KeyPressMsg, s string, offset int) (to int, ok bool) {
	switch press.String() {
	case "left", "ctrl+b":
		return previousCluster(s, offset), true
	case "right", "ctrl+f":
		return nextCluster(s, offset), true
	case "home", "ctrl+a":
		return 0, true
	case "end", "ctrl+e":
		return len(s), true
	case "ctrl+left", "alt+left", "alt+b":
		return previousWord(s, offset), true
	case "ctrl+right", "alt+right", "alt+f":
		return nextWord(s, offset), true
	}
	return offset, false
}

// deletedRange returns the range that a key deletes from a line.
func deletedRange(press tea.KeyPressMsg, s string, offset int) (from, to int, ok bool) {
	switch press.String() {
	case "backspace", "ctrl+h", "shift+backspace":
		return previousCluster(s, offset), offset, true
	case "delete", "ctrl+d":
		return offset, nextCluster(s, offset), true
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		return previousWord(s, offset), offset, true
	case "alt+d", "ctrl+delete":
		return offset, nextWord(s, offset), true
	case "ctrl+u":
		return 0, offset, true
	case "ctrl+k":
		return offset, len(s), true
	}
	return offset, offset, false
}

// hiddenMask returns the mask that replaces the whole text; empty: none.
func (l *Line) hiddenMask() string {
	if !l.Hidden {
		return ""
	}
	return strings.Repeat(l.Mask, 5)
}

// View draws the part around the cursor, at most width cells.
func (l *Line) View(width int) string {
	if mask := l.hiddenMask(); mask != "" {
		return model.Clip(mask, width).String()
	}
	shown, _ := visiblePart(l.value, l.offset, width, l.Mask)
	return shown
}

// Cursor returns the cursor's cell in View(width).
func (l *Line) Cursor(width int) int {
	if mask := l.hiddenMask(); mask != "" {
		return min(model.Show(mask).Width(), max(0, width-1))
	}
	_, x := visiblePart(l.value, l.offset, width, l.Mask)
	return x
}

// visiblePart returns the part of a line around an offset, and the cell of that byte.
func visiblePart(s string, offset, width int, mask string) (shown string, x int) {
	if width <= 0 {
		return "", 0
	}
	from := offset
	for from > 0 { // back as far as fits, with one cell for the cursor and one for the ellipsis
		before := previousCluster(s, from)
		w := displayCluster(s[before:from], mask).Width()
		available := width - 1
		if before > 0 {
			available--
		}
		if x+w > available {
			break
		}
		from, x = before, x+w
	}
	to, used := offset, x
	for to < len(s) && used <= width {
		after := nextCluster(s, to)
		used += displayCluster(s[to:after], mask).Width()
		to = after
	}
	cut := ""
	if from > 0 {
		cut = "…"
		x++
		width--
	}
	return cut + display(s[from:to], mask).Clip(width).String(), x
}

// displayCluster returns one cluster as it is drawn.
func displayCluster(cluster, mask string) model.Visible {
	if mask != "" {
		return model.Show(mask)
	}
	return model.Show(cluster)
}

// display returns text as it is drawn.
func display(s, mask string) model.Visible {
	if mask == "" {
		return model.Show(s)
	}
	n := 0
	for i := 0; i < len(s); i = nextCluster(s, i) {
		n++
	}
	return model.Show(strings.Repeat(mask, n))
}
