package edit

import (
	"strings"

	"charm.land/lipgloss/v2"

	"dossier/ui/style"
	"dossier/ui/text"
)

// jsonSpans colours a line of extended JSON as the tree colours values. No string of JSON goes over a line's end, so each line is read by itself.
func jsonSpans(line string, s *style.Styles) (found []text.Span) {
	for i := 0; i < len(line); {
		to, how := token(line, i, s)
		found = append(found, text.Span{To: to, Style: how})
		i = to
	}
	return found
}

// token is where the token at i ends, and its style.
func token(line string, i int, s *style.Styles) (to int, how lipgloss.Style) {
	switch c := line[i]; {
	case c == '"':
		to = stringEnd(line, i)
		switch {
		case !strings.HasPrefix(strings.TrimLeft(line[to:], " "), ":"):
			return to, s.StringValue
		case strings.HasPrefix(line[i:], `"$`):
			return to, s.FieldType
		}
		return to, s.FieldName
	case c >= '0' && c <= '9' || c == '-':
		return runEnd(line, i, "0123456789+-.eE"), s.NumberValue
	case c >= 'a' && c <= 'z':
		to = runEnd(line, i, "abcdefghijklmnopqrstuvwxyz")
		if line[i:to] == "null" {
			return to, s.NullValue
		}
		return to, s.BoolValue
	}
	to = i + 1
	for to < len(line) && !strings.ContainsRune("\"-0123456789abcdefghijklmnopqrstuvwxyz", rune(line[to])) {
		to++
	}
	return to, s.Nesting
}

// stringEnd is where the string that starts at i ends.
func stringEnd(line string, i int) int {
	for j := i + 1; j < len(line); j++ {
		switch line[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(line)
}

// runEnd is where the characters of a set end.
func runEnd(line string, i int, set string) int {
	for i < len(line) && strings.IndexByte(set, line[i]) >= 0 {
		i++
	}
	return i
}
