package edit

import (
	"context"
	"regexp"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/request"
)

// maxSyncBytes is how much text is judged at once, in bytes; more is judged beside the event loop.
const maxSyncBytes = 32 << 10

// validation says what typed text is worth. Bad input is a verdict, not an error.
type validation struct {
	value bson.RawValue
	fault *model.Fault // nil: it fits
}

// validator says at every change what the text typed is worth. It never has more than one text under judgement: of several typed meanwhile the newest is judged next.
type validator struct {
	requests *request.Runner
	rerun    bool
	validation
}

// parser is what a text is judged by.
type parser func(text string) (bson.RawValue, error)

func validate(p parser, text string) validation {
	v, err := p(text)
	if err != nil {
		return validation{fault: model.AsFault("", err)}
	}
	if len(v.Value) > maxDocumentBytes {
		return validation{fault: model.InvalidInputf("", "this takes %.1f MB; a document holds at most 16 MB", float64(len(v.Value))/1e6)}
	}
	return validation{value: v}
}

// check judges a text of this size, at once where it is small.
func (j *validator) check(p parser, size int, text func() string) tea.Cmd {
	if size <= maxSyncBytes {
		j.requests.Cancel()
		j.rerun = false
		j.validation = validate(p, text())
		return nil
	}
	if j.requests.Busy() {
		j.rerun = true
		return nil
	}
	j.rerun = false
	content := text()
	return request.Start(j.requests, func(context.Context) (validation, error) { return validate(p, content), nil })
}

// handle takes a verdict that came later; it reports whether it is the last word.
func (j *validator) handle(m request.Response[validation]) (mine, final bool) {
	if !request.Accept(j.requests, m) {
		return false, false
	}
	if m.Err == nil {
		j.validation = m.Value
	}
	return true, !j.rerun
}

// pending reports that the verdict is not about the newest text.
func (j *validator) pending() bool { return j.requests.Busy() || j.rerun }

var positionPattern = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)

// faultPosition reads where a fault is from its place: line and column from 0; false when it does not say.
func faultPosition(f *model.Fault) (line, column int, ok bool) {
	if f == nil {
		return -1, 0, false
	}
	m := positionPattern.FindStringSubmatch(f.Location)
	if m == nil {
		return -1, 0, false
	}
	line, err := strconv.Atoi(m[1])
	if err != nil || line < 1 {
		return -1, 0, false
	}
	if c, err := strconv.Atoi(m[2]); err == nil && c > 0 {
		column = c - 1
	}
	return line - 1, column, true
}
