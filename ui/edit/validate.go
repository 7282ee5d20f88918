package edit

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/request"
	"dossier/ui/text"
)

// maxSyncBytes is the maximal size of text that is validated inside the event loop, in bytes.
const maxSyncBytes = 32 << 10

// validation is the result of parsing typed text. A parse error is a fault here, not an error of the request.
type validation struct {
	value bson.RawValue
	fault *model.Fault // nil: valid
}

// validator parses the text after every change. At most one validation runs; the newest text is validated next.
type validator struct {
	requests *request.Runner
	rerun    bool
	validation
}

// parser converts text to a value.
type parser func(text string) (bson.RawValue, error)

func validate(p parser, text string) validation {
	v, err := p(text)
	if err != nil {
		return validation{fault: model.AsFault("", err)}
	}
	if len(v.Value) > maxDocumentBytes {
		return validation{fault: model.InvalidInputf("", "the value takes %.1f MB; a document holds at most 16 MB",
			float64(len(v.Value))/1e6)}
	}
	return validation{value: v}
}

// check validates the text: at once if size is small, otherwise outside the event loop.
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

// handle takes the result of a background validation. final is false if the text changed meanwhile.
func (j *validator) handle(m request.Response[validation]) (mine, final bool) {
	if !request.Accept(j.requests, m) {
		return false, false
	}
	if m.Err == nil {
		j.validation = m.Value
	}
	return true, !j.rerun
}

// pending reports whether the validation does not cover the newest text yet.
func (j *validator) pending() bool { return j.requests.Busy() || j.rerun }

// faultLine returns the line of a fault in the input, from 0; -1: unknown.
func faultLine(f *model.Fault) int {
	if f == nil {
		return -1
	}
	return f.Line - 1
}

// moveToFault moves the cursor of a text area to the position of a fault; false: the position is unknown.
func moveToFault(a *text.Area, f *model.Fault) bool {
	if f.Line < 1 {
		return false
	}
	a.MoveToColumn(f.Line-1, max(0, f.Column-1))
	return true
}
