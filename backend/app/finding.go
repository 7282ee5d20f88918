package app

import (
	"fmt"
	"slices"
	"strings"
)

// Level is what a Finding means for the application.
type Level string

// From good to bad. Only Wrong keeps an application from starting.
const (
	Works       Level = "works"
	Unsupported Level = "missing" // the directory has it, dossier does not do it
	Suspicious  Level = "suspect" // it starts, but hardly does what was meant
	Invalid     Level = "wrong"   // it is refused
)

// Finding is what was found at one place of an application directory.
type Finding struct {
	Level Level
	Notice
}

// Notice is something in an application directory that dossier does not do.
type Notice struct {
	File, Key string // Key is empty when it is the file as a whole
	Text      string
}

// String gives the notice as one line: "file: key: text".
func (n Notice) String() string {
	if n.Key == "" {
		return n.File + ": " + n.Text
	}
	return n.File + ": " + n.Key + ": " + n.Text
}

func (r *reader) report(level Level, file, key, format string, args ...any) {
	r.findings = append(r.findings, Finding{level, Notice{File: file, Key: key, Text: fmt.Sprintf(format, args...)}})
}

// first gives the first finding of a level; nil: none.
func (r *reader) first(level Level) *Finding {
	for i := range r.findings {
		if r.findings[i].Level == level {
			return &r.findings[i]
		}
	}
	return nil
}

// unreadable tells whether a file, or one below a directory ("values/"), cannot be read: what seems to be lacking may stand there.
func (r *reader) unreadable(place string) bool {
	return slices.ContainsFunc(r.findings, func(f Finding) bool {
		return f.Level == Invalid && f.Key == "" && (f.File == place || strings.HasSuffix(place, "/") && strings.HasPrefix(f.File, place))
	})
}

// notices are the findings that a start tells.
func (r *reader) notices() []Notice {
	var out []Notice
	for _, f := range r.findings {
		if f.Level == Unsupported {
			out = append(out, f.Notice)
		}
	}
	return out
}
