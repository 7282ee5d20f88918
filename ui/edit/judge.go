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

// prompt is how much text is judged at once, in bytes; more is judged beside the event loop.
const prompt = 32 << 10

// verdict says what typed text is worth. Bad input is a verdict, not an error.
type verdict struct {
	value bson.RawValue
	fault *model.Fault // nil: it fits
}

// judge says at every change what the text typed is worth. It never has more than one text under judgement: of several typed meanwhile the newest is judged next.
type judge struct {
	asker *request.Asker
	again bool
	verdict
}

// parse is what a text is judged by.
type parse func(text string) (bson.RawValue, error)

func decide(p parse, text string) verdict {
	v, err := p(text)
	if err != nil {
		return verdict{fault: model.AsFault("", err)}
	}
	if len(v.Value) > largest {
		return verdict{fault: model.Inputf("", "this takes %.1f MB; a document holds at most 16 MB", float64(len(v.Value))/1e6)}
	}
	return verdict{value: v}
}

// look judges a text of this size, at once where it is small.
func (j *judge) look(p parse, size int, text func() string) tea.Cmd {
	if size <= prompt {
		j.asker.Cancel()
		j.again = false
		j.verdict = decide(p, text())
		return nil
	}
	if j.asker.Busy() {
		j.again = true
		return nil
	}
	j.again = false
	content := text()
	return request.Ask(j.asker, func(context.Context) (verdict, error) { return decide(p, content), nil })
}

// answered takes a verdict that came later; it reports whether it is the last word.
func (j *judge) answered(m request.Answer[verdict]) (mine, final bool) {
	if !request.Takes(j.asker, m) {
		return false, false
	}
	if m.Err == nil {
		j.verdict = m.Value
	}
	return true, !j.again
}

// pending reports that the verdict is not about the newest text.
func (j *judge) pending() bool { return j.asker.Busy() || j.again }

var placed = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)

// at reads where a fault is from its place: line and column from 0; false when it does not say.
func at(f *model.Fault) (line, column int, ok bool) {
	if f == nil {
		return -1, 0, false
	}
	m := placed.FindStringSubmatch(f.Place)
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
