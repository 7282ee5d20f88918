package edit

import (
	"context"
	"image"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/request"
)

// maxSyncValueBytes is the maximal size of an object or array that is written as text inside the event loop, in bytes.
const maxSyncValueBytes = 64 << 10

// writtenText is a value as text. The zero value is no value.
type writtenText struct {
	value bson.RawValue
	text  string
}

// indentedJSON returns a value as editable extended JSON: the text that was prepared, if it is of this value.
func (e *Editor) indentedJSON(v bson.RawValue) string {
	if e.isPrepared(v) {
		return e.written.text
	}
	return model.IndentJSON(v)
}

func (e *Editor) isPrepared(v bson.RawValue) bool {
	return e.written.value.Type == v.Type && string(e.written.value.Value) == string(v.Value)
}

// needsPreparation reports whether a value is to be written as text by prepare, before the stage that shows it.
func (e *Editor) needsPreparation(v bson.RawValue) bool {
	return isNested(model.KindOf(v)) && len(v.Value) > maxSyncValueBytes && !e.isPrepared(v)
}

// prepare writes a value as text outside the event loop, and then continues.
func (e *Editor) prepare(v bson.RawValue, then func() tea.Cmd) tea.Cmd {
	e.show(&preparing{e: e, then: then})
	return request.Start(e.requests, func(context.Context) (writtenText, error) {
		return writtenText{v, model.IndentJSON(v)}, nil
	})
}

// preparing waits for a text. It keeps what is typed meanwhile.
type preparing struct {
	e      *Editor
	then   func() tea.Cmd
	typed  []tea.Msg           // key presses and pastes
	stored *model.PendingInput // replaces the text; nil: nothing does
	edits  bool                // the text is then opened in the user's editor
}

func (p *preparing) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		if a, ok := p.e.actionFor(m); ok {
			return p.do(a)
		}
		p.typed = append(p.typed, m)
	case tea.PasteMsg:
		p.typed = append(p.typed, m)
	case request.Response[writtenText]:
		if !request.Accept(p.e.requests, m) {
			return nil
		}
		p.e.written = m.Value
		cmd := p.then()
		p.e.written = writtenText{}
		cmd = tea.Batch(cmd, p.continueStored())
		if p.edits {
			cmd = tea.Batch(cmd, p.e.editText(true))
		}
		return tea.Batch(cmd, p.e.replay(p.typed))
	}
	return nil
}

// continueStored hands stored input to the stage.
func (p *preparing) continueStored() tea.Cmd {
	s, ok := p.e.stage.(interface {
		resume(model.PendingInput) tea.Cmd
	})
	if p.stored == nil || !ok {
		return nil
	}
	return s.resume(*p.stored)
}

// resume keeps stored input for the stage that follows.
func (p *preparing) resume(t model.PendingInput) tea.Cmd {
	p.stored = &t
	return nil
}

func (p *preparing) do(a keys.Action) tea.Cmd {
	if a == keys.Cancel {
		return p.e.close()
	}
	return nil
}

func (p *preparing) draw(image.Point) ([]string, *image.Point) {
	s := p.e.Styles
	return []string{"", s.Muted.Render(" writing the text" + s.Glyphs.Ellipsis)}, nil
}

func (p *preparing) rows(int) int      { return 0 }
func (p *preparing) capturing() bool   { return true }
func (p *preparing) scope() keys.Scope { return keys.Waiting }
func (p *preparing) title() string     { return p.e.task.title() }
func (p *preparing) unsaved() bool     { return false }
