package edit

import (
	"context"
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/request"
	"dossier/ui/style"
	"dossier/ui/text"
)

// documentEditor edits the whole document as extended JSON.
type documentEditor struct {
	e             *Editor
	area          text.Area
	validator     validator
	dirty         bool
	acceptPending bool // the review was requested while validation was running
	message       string
}

// replacement is the draft that results from a typed document.
type replacement struct {
	draft *model.Draft
	fault *model.Fault
}

func newDocumentEditor(e *Editor) *documentEditor {
	now := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: e.draft.Result()}
	content := model.IndentJSON(now)
	w := &documentEditor{e: e, area: text.NewArea(content), validator: validator{requests: request.New(e.Ctx, e.Timeout)}}
	w.area.MaxBytes = max(4*maxDocumentBytes, 2*len(content)) // a document is larger as text than as BSON
	if e.draft.Base() == nil {
		w.area.MoveTo(1, len(content)) // after the user id, which a new document starts with
	}
	w.validator.validation = validation{value: now}
	return w
}

// parseDocument parses a document in extended JSON.
func parseDocument(typed string) (bson.RawValue, error) {
	doc, err := model.ParseDocument(typed)
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, err
}

func (w *documentEditor) validate() tea.Cmd {
	w.dirty = true
	return tea.Batch(w.validator.check(parseDocument, w.area.ByteLen(), w.area.Value), w.store())
}

// store writes the text to disk next to the draft, valid or not.
func (w *documentEditor) store() tea.Cmd {
	if !w.dirty {
		return w.e.storeDraft(w.e.draft)
	}
	return w.e.storeTyped(w.e.draft, w.area.ByteLen(), w.typed)
}

func (w *documentEditor) typed() model.PendingInput {
	return model.PendingInput{EditTarget: model.TargetDocument, Text: w.area.Value()}
}

// resume restores stored text.
func (w *documentEditor) resume(t model.PendingInput) tea.Cmd {
	limit := w.area.MaxBytes
	w.area = text.NewArea(t.Text)
	w.area.MaxBytes = max(limit, 2*len(t.Text))
	return w.validate()
}

// buildDraft computes the minimal edits that result in the typed document, outside the event loop.
func (w *documentEditor) buildDraft() tea.Cmd {
	base, scope, doc := w.e.draft.Base(), w.e.draft.Owner(), bson.Raw(w.validator.value.Value)
	return request.Start(w.e.requests, func(context.Context) (replacement, error) {
		d := model.NewDraft(base, scope)
		if err := d.Replace(doc); err != nil {
			return replacement{fault: model.AsFault("", err)}, nil
		}
		return replacement{draft: d}, nil
	})
}

func (w *documentEditor) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[validation]:
		mine, final := w.validator.handle(m)
		switch {
		case mine && final && w.acceptPending:
			return w.accept()
		case mine && !final:
			return w.validate()
		}
	case request.Response[replacement]:
		if request.Accept(w.e.requests, m) && m.Err == nil {
			return w.handleReplacement(m.Value)
		}
	case tea.KeyPressMsg:
		return w.press(m)
	case tea.PasteMsg:
		w.message = ""
		if !w.area.Paste(m.Content) {
			w.message = pasteRefused(m.Content)
			return nil
		}
		return w.validate()
	case tea.MouseWheelMsg:
		w.area.Scroll(wheelRows(m))
	case tea.MouseClickMsg:
		w.area.Click(image.Pt(m.X, m.Y), w.areaSize(w.e.inner()))
	}
	return nil
}

func (w *documentEditor) handleReplacement(r replacement) tea.Cmd {
	switch {
	case r.fault != nil:
		w.message = w.e.State.FaultText(r.fault)
		return nil
	case r.draft.Empty():
		w.message = "nothing was changed"
		return w.e.storeDraft(r.draft)
	}
	return tea.Batch(w.e.storeDraft(r.draft), w.e.review(r.draft))
}

func (w *documentEditor) press(m tea.KeyPressMsg) tea.Cmd {
	w.message, w.acceptPending = "", false
	if a, ok := w.e.actionFor(m); ok {
		return w.do(a)
	}
	w.area.Resize(w.e.inner().X)
	switch m.String() {
	case "tab":
		if !w.area.Insert("  ") {
			return nil
		}
		return w.validate()
	}
	if w.area.HandleKey(m) {
		return w.validate()
	}
	return nil
}

func (w *documentEditor) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		if !w.dirty && w.e.draft.Empty() {
			return w.e.close()
		}
		return w.e.leave()
	case keys.Accept:
		return w.accept()
	}
	return nil
}

// accept continues to the review, or explains why it cannot.
func (w *documentEditor) accept() tea.Cmd {
	w.acceptPending, w.message = false, ""
	switch {
	case w.validator.pending():
		w.acceptPending = true
	case w.validator.fault != nil:
		moveToFault(&w.area, w.validator.fault)
		w.message = "the document is not valid yet"
	default:
		return w.buildDraft()
	}
	return nil
}

// footerRows is the number of rows below the text.
const footerRows = 3

func (w *documentEditor) areaSize(size image.Point) image.Point {
	return image.Pt(size.X, max(1, size.Y-footerRows))
}

func (w *documentEditor) draw(size image.Point) ([]string, *image.Point) {
	s := w.e.Styles
	areaSize := w.areaSize(size)
	lines := w.area.View(areaSize, faultLine(w.validator.fault), s, func(l string) []text.Span { return jsonSpans(l, s) })
	cursor := w.area.Cursor(areaSize)
	row, _ := w.area.Position()
	place := fmt.Sprintf(" line %d of %d, column %d", row+1, w.area.LineCount(), w.area.Column()+1)
	switch {
	case w.validator.pending():
		lines = append(lines, s.Faint.Render(place+": checking"+s.Glyphs.Ellipsis))
	case w.validator.fault != nil:
		for _, l := range model.Show(s.Glyphs.Bad + " " + w.e.State.FaultText(w.validator.fault)).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+style.Draw(s.InputError, l.String()))
		}
	default:
		lines = append(lines, s.Faint.Render(place))
		lines = append(lines, w.outdatedNote(size.X)...)
	}
	if w.message != "" {
		for _, l := range model.Show(w.message).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+s.Warn.Render(l.String()))
		}
	}
	return lines, &cursor
}

// outdatedNote reports that the snapshot differs from the database, unless there is another message.
func (w *documentEditor) outdatedNote(width int) []string {
	n := len(w.e.outdated)
	if n == 0 || w.message != "" {
		return nil
	}
	note := "the token differs from the database, which is shown here, in " + w.e.outdated[0].Path.String()
	if n > 1 {
		note += fmt.Sprintf(" and %d more", n-1)
	}
	s := w.e.Styles
	return []string{" " + s.Warn.Render(model.Show(s.Glyphs.Stale+" "+note).Clip(max(1, width-2)).String())}
}

func (w *documentEditor) rows(int) int      { return 0 }
func (w *documentEditor) capturing() bool   { return true }
func (w *documentEditor) scope() keys.Scope { return keys.DocumentEditor }
func (w *documentEditor) title() string     { return "edit the whole document" }
func (w *documentEditor) unsaved() bool     { return w.dirty || !w.e.draft.Empty() }
