package app

import (
	"fmt"
	"slices"
	"strings"
)

// Level is the effect of a Finding on the application.
type Level string

// From good to bad. Only an Invalid finding keeps the application from starting.
const (
	Works       Level = "works"
	Unsupported Level = "missing" // dossier does not support it
	Suspicious  Level = "suspect" // it starts, but probably not as intended
	Invalid     Level = "wrong"   // the application is refused
)

// Finding is one result of checking an application directory.
type Finding struct {
	Level     Level
	File, Key string // empty Key: the file as a whole
	Text      string
}

// String returns the finding as one line: "file: key: text".
func (f Finding) String() string {
	if f.Key == "" {
		return f.File + ": " + f.Text
	}
	return f.File + ": " + f.Key + ": " + f.Text
}

func (r *reader) report(level Level, file, key, format string, args ...any) {
	r.findings = append(r.findings, Finding{Level: level, File: file, Key: key, Text: fmt.Sprintf(format, args...)})
}

// first returns the first finding of a level; nil: none.
func (r *reader) first(level Level) *Finding {
	for i := range r.findings {
		if r.findings[i].Level == level {
			return &r.findings[i]
		}
	}
	return nil
}

// unreadable reports whether a file, or a file below a directory ("values/"), cannot be read: a missing definition may
// be in it.
func (r *reader) unreadable(path string) bool {
	return slices.ContainsFunc(r.findings, func(f Finding) bool {
		return f.Level == Invalid && f.Key == "" && (f.File == path || strings.HasSuffix(path, "/") &&
			strings.HasPrefix(f.File, path))
	})
}
