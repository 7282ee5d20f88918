package text

import (
	"strings"

	"dossier/ui/style"
)

// JSONSpans highlights one line of extended JSON in the colours of the document pane. JSON strings never span lines, so
// each line is tokenized on its own.
func JSONSpans(line string, s *style.Styles) (found []Span) {
	for i := 0; i < len(line); {
		to, how := token(line, i, s)
		found = append(found, Span{To: to, Style: how})
		i = to
	}
	return found
}

// token returns the end of the token at i, and its style.
func token(line string, i int, s *style.Styles) (to int, how style.Style) {
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

// stringEnd returns the end of the string that starts at i.
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

// runEnd returns the end of the run of characters from a set.
func runEnd(line string, i int, set string) int {
	for i < len(line) && strings.IndexByte(set, line[i]) >= 0 {
		i++
	}
	return i
}
