// Package linear turns the views of panes and dialogs into lines of text for screen readers.
//
// May import: nothing of ours.
package linear

import (
	"slices"
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

// The sequences of the linear styles, without ESC and m, which say what a part of a view is. All other text is columns,
// divided by at least two blanks.
const (
	selected = "[7" // the selected row
	layout   = "[2" // rules and borders: not said
	sign     = "[1" // the sign in front of an input, or of the selected row of a list: not said
	data     = "[4" // typed text, or the text of a value: said as it is
)

// Read reads a view in linear styles with its text cursor, which may be nil. A selected row may start with a mark.
func Read(view string, cursor *tea.Cursor, mark string) Page {
	var p Page
	for y, raw := range strings.Split(view, "\n") {
		l := read(raw)
		text := l.text()
		switch {
		case cursor != nil && cursor.Y == y:
			if text == "" || l.sign && len(l.parts) == l.label {
				l.parts = append(l.parts, "empty")
				text = l.text()
			}
			p.Input = text
			p.Before, p.At = around(ansi.Strip(raw), cursor.X)
		case l.selected:
			p.Selected = strings.TrimSpace(strings.TrimPrefix(text, mark))
		case p.Selected == "" && l.sign && l.label == 0:
			p.Selected = text
		}
		if text != "" {
			p.Lines = append(p.Lines, text)
		}
	}
	return p
}

// line is a line of a view.
type line struct {
	parts          []string
	label          int // the parts in front of the sign
	selected, sign bool
}

// read reads a line in linear styles.
func read(raw string) (l line) {
	columns, verbatim := "", ""
	flush := func() {
		l.add(strings.TrimRight(verbatim, " "))
		for part := range strings.SplitSeq(columns, "  ") {
			l.add(strings.TrimSpace(part))
		}
		columns, verbatim = "", ""
	}
	for i, text := range strings.Split(raw, "\x1b") {
		style := ""
		if i > 0 { // text begins with the rest of a sequence
			style, text, _ = strings.Cut(text, "m")
		}
		switch style {
		case data:
			if columns != "" {
				flush()
			}
			verbatim += text
			continue
		case layout:
			text = "  "
		case sign:
			flush()
			l.sign, l.label, text = true, len(l.parts), ""
		case selected:
			l.selected = true
		}
		columns += text
	}
	flush()
	return l
}

// add adds what is said of a part of the line; empty: nothing.
func (l *line) add(part string) {
	if part != "" {
		l.parts = append(l.parts, part)
	}
}

// text returns a line as it is said: its columns are divided by commas.
func (l line) text() string { return strings.Join(l.parts, ", ") }

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

// maxNew is the number of lines after which News stops.
const maxNew = 60

// News returns the lines of a page that an earlier page of the same pane does not have, in order, without the selected
// row and the input. After scrolling these are the lines that came into view, also if they equal earlier ones.
func News(before, now Page) (lines []string) {
	had := map[string]int{}
	for _, line := range before.Lines {
		had[line]++
	}
	from, to, scrolled := scrolledIn(before.Lines, now.Lines)
	for i, line := range now.Lines {
		switch {
		case scrolled && (i < from || i >= to):
		case !scrolled && had[line] > 0:
			had[line]--
		case line != now.Input && line != now.Selected && len(lines) < maxNew:
			lines = append(lines, line)
		}
	}
	return lines
}

// scrolledIn returns which lines came into view if text between lines that stayed was scrolled; false: it was not.
func scrolledIn(before, now []string) (from, to int, ok bool) {
	from, to = 0, len(now)
	for from < min(len(before), len(now)) && before[from] == now[from] {
		from++
	}
	before = before[from:]
	for len(before) > 0 && to > from && before[len(before)-1] == now[to-1] {
		before, to = before[:len(before)-1], to-1
	}
	middle := now[from:to]
	for n := min(len(before), len(middle)); n > 0; n-- {
		switch {
		case slices.Equal(before[len(before)-n:], middle[:n]): // downwards
			return from + n, to, true
		case slices.Equal(before[:n], middle[len(middle)-n:]):
			return from, to - n, true
		}
	}
	return 0, 0, false
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
