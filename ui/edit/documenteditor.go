package edit

import (
	"context"
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/text"
)

// documentEditor edits the whole document as extended JSON.
type documentEditor struct {
	e             *Editor
	area          text.Area
	parse         parser
	validator     validator
	dirty         bool
	written       bson.Raw // the document that the text was written for; nil: the database's
	acceptPending bool     // the review was requested while validation was running
	message       string
}

// replacement is the draft that results from a typed document.
type replacement struct {
	draft *model.Draft
	fault *model.Fault
}

func newDocumentEditor(e *Editor) *documentEditor {
	now := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: e.draft.Result()}
	content := e.indentedJSON(now)
	ed := &documentEditor{e: e, area: text.NewArea(content), parse: documentParser(now.Value),
		validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	ed.area.MaxBytes = max(4*maxDocumentBytes, 2*len(content)) // a document is larger as text than as BSON
	if e.draft.Base() == nil {
		ed.area.MoveTo(1, len(content)) // after the user id, which a new document starts with
	}
	ed.validator.validation = validation{value: now}
	return ed
}

// documentParser parses a document in extended JSON that replaces another.
func documentParser(old bson.Raw) parser {
	return func(typed string) (bson.RawValue, error) {
		doc, err := model.ParseDocumentOver(typed, old)
		return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, err
	}
}

func (ed *documentEditor) validate() tea.Cmd {
	ed.dirty = true
	return tea.Batch(ed.validator.check(ed.parse, ed.area.ByteLen(), ed.area.Value), ed.store())
}

// store writes the text to disk next to the draft, valid or not.
func (ed *documentEditor) store() tea.Cmd {
	if !ed.dirty {
		return ed.e.storeDraft(ed.baseDraft())
	}
	return ed.e.storeTyped(ed.e.draft, ed.area.ByteLen(), ed.typed)
}

// baseDraft returns the draft that autosave stores with the text: without the text of a document.
func (ed *documentEditor) baseDraft() *model.Draft {
	return ed.e.draft.WithoutPendingInput(model.PendingInput{EditTarget: model.TargetDocument})
}

func (ed *documentEditor) typed() model.PendingInput {
	return model.PendingInput{EditTarget: model.TargetDocument, Text: ed.area.Value(), Base: ed.written}
}

// resume restores stored text.
func (ed *documentEditor) resume(t model.PendingInput) tea.Cmd {
	ed.setText(t.Text)
	ed.message = "This is the kept text of the document. " + ed.e.olderNote(t)
	if ed.written = t.Base; t.Base != nil {
		ed.parse = documentParser(t.Base)
	}
	return ed.validate()
}

// setText replaces the text.
func (ed *documentEditor) setText(content string) {
	limit := ed.area.MaxBytes
	ed.area = text.NewArea(content)
	ed.area.MaxBytes = max(limit, 2*len(content))
}

// buildDraft computes the minimal edits that result in the typed document, outside the event loop.
func (ed *documentEditor) buildDraft() tea.Cmd {
	d, doc, written := leftover(ed.baseDraft()), bson.Raw(ed.validator.value.Value), ed.written
	return request.Start(ed.e.requests, func(context.Context) (replacement, error) {
		typed := d
		if written != nil {
			typed = model.NewDraft(written, d.Owner())
		}
		err := typed.Replace(doc)
		if err == nil && written != nil {
			d, err = withTyped(d, typed)
		}
		return replacement{draft: d, fault: model.AsFault("", err)}, nil
	})
}

func (ed *documentEditor) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[validation]:
		mine, final := ed.validator.handle(m)
		switch {
		case mine && final && ed.acceptPending:
			return ed.accept()
		case mine && !final:
			return ed.validate()
		}
	case request.Response[replacement]:
		if request.Accept(ed.e.requests, m) && m.Err == nil {
			return ed.handleReplacement(m.Value)
		}
	case tea.KeyPressMsg:
		return ed.press(m)
	case tea.PasteMsg:
		ed.message = ""
		if !ed.area.Paste(m.Content) {
			ed.message = pasteRefused(m.Content)
			return nil
		}
		return ed.validate()
	case tea.MouseWheelMsg:
		ed.area.Scroll(pane.WheelRows(m, 3))
	case tea.MouseClickMsg:
		ed.area.Click(image.Pt(m.X, m.Y), ed.areaSize(ed.e.inner()))
	}
	return nil
}

func (ed *documentEditor) handleReplacement(r replacement) tea.Cmd {
	switch {
	case r.fault != nil:
		ed.message = ed.e.State.FaultText(r.fault)
		return nil
	case r.draft.Empty():
		ed.message = "nothing was changed"
		return ed.e.storeDraft(r.draft)
	}
	return tea.Batch(ed.e.storeDraft(r.draft), ed.e.review(r.draft))
}

func (ed *documentEditor) press(m tea.KeyPressMsg) tea.Cmd {
	ed.message, ed.acceptPending = "", false
	if a, ok := ed.e.actionFor(m); ok {
		return ed.do(a)
	}
	ed.area.Resize(ed.e.inner().X)
	switch m.String() {
	case "tab":
		if !ed.area.Insert("  ") {
			return nil
		}
		return ed.validate()
	}
	if ed.area.HandleKey(m) {
		return ed.validate()
	}
	return nil
}

func (ed *documentEditor) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return ed.e.leave()
	case keys.Discard:
		return ed.e.discarded(ed.baseDraft(), nil, "the text of the document is discarded")
	case keys.Accept:
		return ed.accept()
	case keys.EditText:
		return ed.e.editText(false)
	}
	return nil
}

// accept continues to the review, or explains why it cannot.
func (ed *documentEditor) accept() tea.Cmd {
	ed.acceptPending, ed.message = false, ""
	switch {
	case ed.validator.pending():
		ed.acceptPending = true
	case ed.validator.fault != nil:
		moveToFault(&ed.area, ed.validator.fault)
		ed.message = "the document is not valid yet"
	default:
		return ed.buildDraft()
	}
	return nil
}

// footerRows is the number of rows below the text.
const footerRows = 3

func (ed *documentEditor) areaSize(size image.Point) image.Point {
	return image.Pt(size.X, max(1, size.Y-footerRows))
}

func (ed *documentEditor) draw(size image.Point) ([]string, *image.Point) {
	s := ed.e.Styles
	areaSize := ed.areaSize(size)
	lines := ed.area.View(areaSize, faultLine(ed.validator.fault), s, func(l string) []text.Span {
		return text.JSONSpans(l,
			s)
	})
	cursor := ed.area.Cursor(areaSize)
	row, _ := ed.area.Position()
	place := fmt.Sprintf(" line %d of %d, column %d", row+1, ed.area.LineCount(), ed.area.Column()+1)
	switch {
	case ed.validator.pending():
		lines = append(lines, s.Faint.Render(place+": checking"+s.Glyphs.Ellipsis))
	case ed.validator.fault != nil:
		for _, l := range model.Show(s.Glyphs.Bad + " " + ed.e.State.FaultText(ed.validator.fault)).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+s.InputError.Render(l.String()))
		}
	default:
		lines = append(lines, s.Faint.Render(place))
		lines = append(lines, ed.outdatedNote(size.X)...)
	}
	if ed.message != "" {
		for _, l := range model.Show(ed.message).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+s.Warn.Render(l.String()))
		}
	}
	return lines, &cursor
}

// outdatedNote reports that the snapshot differs from the database, unless there is another message.
func (ed *documentEditor) outdatedNote(width int) []string {
	n := len(ed.e.outdated)
	if n == 0 || ed.message != "" {
		return nil
	}
	note := "the token differs from the database, which is shown here, in " + ed.e.outdated[0].Path.String()
	if n > 1 {
		note += fmt.Sprintf(" and %d more", n-1)
	}
	s := ed.e.Styles
	return []string{" " + s.Warn.Render(model.Show(s.Glyphs.Stale+" "+note).Clip(max(1, width-2)).String())}
}

func (ed *documentEditor) rows(int) int      { return 0 }
func (ed *documentEditor) capturing() bool   { return true }
func (ed *documentEditor) scope() keys.Scope { return keys.DocumentEditor }
func (ed *documentEditor) title() string     { return "edit the whole document" }
func (ed *documentEditor) unsaved() bool     { return ed.dirty }
