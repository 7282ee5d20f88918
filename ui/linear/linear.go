// Package linear turns the views of panes and dialogs into lines of text for screen readers.
//
// May import: nothing of ours.
package linear

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Page is what a view says. The zero value is an empty view.
type Page struct {
	Lines    []string // without rules, borders and empty lines
	Selected string   // the selected row; empty: none
	Input    string   // the line with the text cursor; empty: none
	Before   string   // the character before the text cursor
	At       string   // the character at the text cursor
}

// reverse is the sequence that starts a selected row in linear styles.
const reverse = "\x1b[7m"

// Read reads a view in linear styles with its text cursor, which may be nil. A row that starts with the sign is
// selected, too, in lists that mark the selected row by it.
func Read(view string, cursor *tea.Cursor, sign string) Page {
	var p Page
	for y, raw := range strings.Split(view, "\n") {
		plain := ansi.Strip(raw)
		text := Line(plain)
		switch {
		case cursor != nil && cursor.Y == y:
			text = input(text, sign)
			p.Input = text
			p.Before, p.At = around(plain, cursor.X)
		case strings.Contains(raw, reverse):
			p.Selected = strings.TrimSpace(strings.TrimPrefix(text, sign))
		case p.Selected == "" && strings.HasPrefix(text, sign+" "):
			p.Selected = strings.TrimSpace(strings.TrimPrefix(text, sign))
		}
		if text != "" {
			p.Lines = append(p.Lines, text)
		}
	}
	return p
}

// input returns the text of a line with the text cursor, such as "value > pink", without the sign before what was
// typed.
func input(text, sign string) string {
	label, typed, found := strings.Cut(" "+text+" ", " "+sign+" ")
	label, typed = strings.Trim(label, " ,"), strings.TrimSpace(typed)
	switch {
	case !found && text == "":
		return "empty"
	case !found:
		return text
	case typed == "":
		typed = "empty"
	}
	if label == "" {
		return typed
	}
	return label + ", " + typed
}

// around returns the characters before and at a cell of a line; empty: none.
func around(line string, column int) (before, at string) {
	width := 0
	for line != "" {
		cluster, w := ansi.FirstGraphemeCluster(line, ansi.WcWidth)
		if width >= column {
			return before, cluster
		}
		before, width, line = cluster, width+w, line[len(cluster):]
	}
	return before, ""
}

// Line returns a line of a view as a screen reader reads it: columns are divided by commas; empty for rules and blank
// lines.
func Line(line string) string {
	if strings.Trim(line, " -=.+|#_~") == "" {
		return ""
	}
	line = strings.Trim(line, " ")
	for _, rule := range []string{"---", "==="} { // a rule around a title
		if strings.HasSuffix(line, rule) {
			line = strings.Trim(line, rule[:1]+" ")
		}
	}
	var parts []string
	for _, part := range strings.Split(line, "  ") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// maxNew is the number of lines after which News stops.
const maxNew = 60

// News returns the lines of a page that an earlier page of the same pane does not have, in order, without the selected
// row and the input.
func News(before, now Page) (lines []string) {
	had := map[string]int{}
	for _, line := range before.Lines {
		had[line]++
	}
	for _, line := range now.Lines {
		if had[line] > 0 {
			had[line]--
		} else if line != now.Input && line != now.Selected && len(lines) < maxNew {
			lines = append(lines, line)
		}
	}
	return lines
}

// Moved describes a move of the text cursor in an unchanged line: the character that it is at.
func Moved(now Page) string {
	switch r, _ := utf8.DecodeRuneInString(now.At); {
	case now.At == "":
		return "end"
	case r == ' ':
		return "space"
	default:
		return now.At
	}
}

// Transcript collects lines, and characters that are echoed while they are typed. The zero value is empty.
type Transcript struct {
	text strings.Builder
	open bool // the last line has echoed characters
}

// Add adds lines.
func (t *Transcript) Add(lines ...string) {
	for _, line := range lines {
		if line == "" {
			continue
		}
		if t.open {
			t.text.WriteString("\r\n")
			t.open = false
		}
		t.text.WriteString(line + "\r\n")
	}
}

// Echo adds typed characters to the last line.
func (t *Transcript) Echo(characters string) {
	t.text.WriteString(characters)
	t.open = true
}

// Take returns what was added since the last call.
func (t *Transcript) Take() string {
	text := t.text.String()
	t.text.Reset()
	return text
}
