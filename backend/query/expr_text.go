package query

import (
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func texts() map[string]function {
	return map[string]function{
		"$concat":   {0, -1, concat},
		"$toUpper":  {1, 1, func(a []any) (any, error) { return recase("$toUpper", a[0], strings.ToUpper) }},
		"$toLower":  {1, 1, func(a []any) (any, error) { return recase("$toLower", a[0], strings.ToLower) }},
		"$strLenCP": {1, 1, func(a []any) (any, error) { return length("$strLenCP", 34471, a[0], utf8.RuneCountInString) }},
		"$strLenBytes": {1, 1, func(a []any) (any, error) {
			return length("$strLenBytes", 34473, a[0], func(s string) int { return len(s) })
		}},
		"$substrCP":    {3, 3, substringRunes},
		"$substr":      {3, 3, substringBytes},
		"$substrBytes": {3, 3, substringBytes},
		"$split":       {2, 2, split},
		"$indexOfCP":   {2, 4, indexOf},
		"$strcasecmp":  {2, 2, compareFolded},
	}
}

func concat(a []any) (any, error) {
	var b strings.Builder
	for _, v := range a {
		if isNullish(v) {
			return nil, nil
		}
		s, is := v.(string)
		if !is {
			return nil, Errorf(16702, "$concat only supports strings, not %s", TypeName(v))
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// coerce converts numbers and dates to text, as the older text operators do; null becomes "".
func coerce(op string, v any) (string, error) {
	if isNullish(v) {
		return "", nil
	}
	s, err := convertText(v)
	if err != nil {
		return "", Errorf(16007, "can't convert from BSON type %s to String for %s", TypeName(v), op)
	}
	text, _ := s.(string)
	return text, nil
}

func recase(op string, v any, change func(string) string) (any, error) {
	s, err := coerce(op, v)
	return change(s), err
}

func length(op string, code int32, v any, of func(string) int) (any, error) {
	s, is := v.(string)
	if !is {
		return nil, Errorf(code, "%s requires a string argument, found: %s", op, TypeName(v))
	}
	return int32(of(s)), nil
}

func substringRunes(a []any) (any, error) {
	s, err := coerce("$substrCP", a[0])
	if err != nil {
		return nil, err
	}
	from, ok := truncate(a[1])
	n, okN := truncate(a[2])
	if !ok || !okN || from < 0 || n < 0 {
		return nil, Errorf(34450, "$substrCP: starting index and length must be non-negative numbers")
	}
	runes := []rune(s)
	from = min(from, int64(len(runes)))
	return string(runes[from : from+min(n, int64(len(runes))-from)]), nil
}

func substringBytes(a []any) (any, error) {
	s, err := coerce("$substrBytes", a[0])
	if err != nil {
		return nil, err
	}
	from, ok := truncate(a[1])
	n, okN := truncate(a[2])
	if !ok || !okN {
		return nil, Errorf(16034, "$substrBytes: starting index and length must be numbers")
	}
	if from < 0 || from >= int64(len(s)) {
		return "", nil
	}
	end := int64(len(s))
	if n >= 0 {
		end = from + min(n, int64(len(s))-from)
	}
	if !utf8.RuneStart(s[from]) || end < int64(len(s)) && !utf8.RuneStart(s[end]) {
		return nil, Errorf(28656, "$substrBytes: Invalid range, starts or ends in the middle of a UTF-8 character.")
	}
	return s[from:end], nil
}

func split(a []any) (any, error) {
	if anyNullish(a) {
		return nil, nil
	}
	s, is := a[0].(string)
	sep, isSep := a[1].(string)
	if !is || !isSep {
		return nil, Errorf(40085, "$split requires an expression that evaluates to a string as a first and second "+
			"argument, found: %s and %s", TypeName(a[0]), TypeName(a[1]))
	}
	if sep == "" {
		return nil, Errorf(40087, "$split requires a non-empty separator")
	}
	out := bson.A{}
	for _, part := range strings.Split(s, sep) {
		out = append(out, part)
	}
	return out, nil
}

func indexOf(a []any) (any, error) {
	if isNullish(a[0]) {
		return nil, nil
	}
	s, is := a[0].(string)
	part, isPart := a[1].(string)
	if !is || !isPart {
		return nil, Errorf(40093, "$indexOfCP requires a string as the first and second argument, found: %s and %s",
			TypeName(a[0]), TypeName(a[1]))
	}
	runes := []rune(s)
	from, to := int64(0), int64(len(runes))
	for i, bound := range []*int64{&from, &to} {
		if len(a) <= i+2 {
			continue
		}
		n, whole := WholeNumber(a[i+2])
		if !whole || n < 0 {
			return nil, Errorf(40096, "$indexOfCP requires integral starting and ending indexes that are not negative")
		}
		*bound = min(n, int64(len(runes)))
	}
	if from > to {
		return int32(-1), nil
	}
	at := strings.Index(string(runes[from:to]), part)
	if at < 0 {
		return int32(-1), nil
	}
	return int32(from) + int32(utf8.RuneCountInString(string(runes[from:to])[:at])), nil
}

func compareFolded(a []any) (any, error) {
	x, err := coerce("$strcasecmp", a[0])
	if err != nil {
		return nil, err
	}
	y, err := coerce("$strcasecmp", a[1])
	return int32(strings.Compare(strings.ToUpper(x), strings.ToUpper(y))), err
}

func buildTrim(left, right bool) special {
	return func(operand any, env Env) (expression, error) {
		args, err := named("$trim", operand, env, "input", "chars")
		if err != nil {
			return nil, err
		}
		if err := needs("$trim", args, "input"); err != nil {
			return nil, err
		}
		return func(s *scope) (any, error) {
			v, err := args["input"](s)
			if err != nil || isNullish(v) {
				return nil, err
			}
			text, is := v.(string)
			cut := "\x00 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
			if args["chars"] != nil {
				c, err := args["chars"](s)
				if err != nil || isNullish(c) {
					return nil, err
				}
				cut, is = c.(string)
			}
			if !is {
				return nil, Errorf(50699, "$trim requires its input and chars to be strings, got %s", TypeName(v))
			}
			if left {
				text = strings.TrimLeft(text, cut)
			}
			if right {
				text = strings.TrimRight(text, cut)
			}
			return text, nil
		}, nil
	}
}

// buildReplace builds $replaceOne with n 1 and $replaceAll with n -1.
func buildReplace(n int) special {
	return func(operand any, env Env) (expression, error) {
		args, err := named("$replaceAll", operand, env, "input", "find", "replacement")
		if err != nil {
			return nil, err
		}
		if err := needs("$replaceAll", args, "input", "find", "replacement"); err != nil {
			return nil, err
		}
		return func(s *scope) (any, error) {
			values, err := evaluate([]expression{args["input"], args["find"], args["replacement"]}, s)
			if err != nil || anyNullish(values) {
				return nil, err
			}
			texts := make([]string, 3)
			for i, v := range values {
				text, is := v.(string)
				if !is {
					return nil, Errorf(51746, "$replaceAll requires that its arguments are strings, found: %s", Format(v))
				}
				texts[i] = text
			}
			if n < 0 && strings.Count(texts[0], texts[1])*len(texts[2]) > maxBudget {
				return nil, s.work.exceeded()
			}
			return strings.Replace(texts[0], texts[1], texts[2], n), nil
		}, nil
	}
}

func buildRegexMatch(operand any, env Env) (expression, error) {
	args, err := named("$regexMatch", operand, env, "input", "regex", "options")
	if err != nil {
		return nil, err
	}
	if err := needs("$regexMatch", args, "input", "regex"); err != nil {
		return nil, err
	}
	if args["options"] == nil {
		args["options"] = constant("")
	}
	return func(s *scope) (any, error) {
		v, err := evaluate([]expression{args["input"], args["regex"], args["options"]}, s)
		if err != nil {
			return nil, err
		}
		if isNullish(v[0]) || isNullish(v[1]) {
			return false, nil
		}
		input, is := v[0].(string)
		options, _ := v[2].(string)
		pattern, isText := v[1].(string)
		if r, isRegex := v[1].(bson.Regex); isRegex {
			pattern, options, isText = r.Pattern, r.Options+options, true
		}
		if !is || !isText {
			return nil, Errorf(51104, "$regexMatch needs 'input' to be of type string and 'regex' of type string or regex")
		}
		re, err := compileRegex(pattern, options)
		if err != nil {
			return nil, err
		}
		return re.MatchString(input), nil
	}, nil
}
