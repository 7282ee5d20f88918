package query

import (
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// compileRegex compiles a pattern with MongoDB's options i, m, s, x, u. Features that Go's linear-time engine lacks
// (look-around, back-references, possessive quantifiers) are rejected by name.
func compileRegex(pattern, options string) (*regexp.Regexp, error) {
	flags := ""
	for _, o := range options {
		switch o {
		case 'i', 'm', 's':
			flags += string(o)
		case 'x':
			pattern = stripExtended(pattern)
		case 'u':
		default:
			return nil, Errorf(51108, "invalid flag in regex options: %c", o)
		}
	}
	if strings.ContainsRune(pattern, 0) {
		return nil, Errorf(BadValue, "Regular expression cannot contain an embedded null byte")
	}
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, Errorf(51091, "Regular expression is invalid: %s", err)
	}
	return re, nil
}

// stripExtended removes what option x ignores: white space and comments outside character classes.
func stripExtended(pattern string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
			b.WriteByte(pattern[i])
			continue
		case inClass:
			inClass = c != ']'
		case c == '[':
			inClass = true
		case strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			continue
		case c == '#':
			for i < len(pattern) && pattern[i] != '\n' {
				i++
			}
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// literalPrefix returns the text that every match of an anchored pattern starts with; empty if it is not certain.
func literalPrefix(r bson.Regex) string {
	if !strings.HasPrefix(r.Pattern, "^") || strings.Trim(r.Options, "su") != "" || strings.Contains(r.Pattern, "|") {
		return ""
	}
	rest := r.Pattern[1:]
	n := strings.IndexAny(rest, `\.+*?()[]{}^$`)
	if n < 0 {
		return rest
	}
	if strings.IndexByte("*?{+", rest[n]) >= 0 {
		runes := []rune(rest[:n])
		if len(runes) == 0 {
			return ""
		}
		return string(runes[:len(runes)-1])
	}
	return rest[:n]
}

// matchRegex matches strings with the expression, and regular expressions that equal it.
func matchRegex(re *regexp.Regexp, source bson.Regex) func(v any) bool {
	return func(v any) bool {
		switch x := v.(type) {
		case string:
			return re.MatchString(x)
		case bson.Symbol:
			return re.MatchString(string(x))
		case bson.Regex:
			return x == source
		}
		return false
	}
}
