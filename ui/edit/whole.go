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

// whole is the whole document as extended JSON.
type whole struct {
	e     *Editor
	area  text.Area
	judge judge
	dirty bool
	want  bool // the review was asked for while the text was still being read
	why   string
}

// replaced is the draft that a typed document comes to.
type replaced struct {
	draft *model.Draft
	fault *model.Fault
}

func newWhole(e *Editor) *whole {
	now := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: e.draft.Result()}
	content := model.IndentJSON(now)
	w := &whole{e: e, area: text.NewArea(content), judge: judge{asker: request.New(e.Ctx)}}
	w.area.Limit = max(4*largest, 2*len(content)) // as text a document is longer than as BSON
	if e.draft.Base() == nil {
		w.area.MoveTo(1, len(content)) // behind the user id, which a new document starts with
	}
	w.judge.verdict = verdict{value: now}
	return w
}

// document reads the text as a document.
func document(typed string) (bson.RawValue, error) {
	doc, err := model.ParseDocument(typed)
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, err
}

func (w *whole) check() tea.Cmd {
	w.dirty = true
	return tea.Batch(w.judge.look(document, w.area.Bytes(), w.area.Value), w.keep())
}

// keep stores the text as it stands, fit or not, beside the draft.
func (w *whole) keep() tea.Cmd {
	if !w.dirty {
		return w.e.keep(w.e.draft)
	}
	return w.e.keepTyped(w.e.draft, w.area.Bytes(), w.typed)
}

func (w *whole) typed() model.Typed { return model.Typed{Site: model.OnDocument, Text: w.area.Value()} }

// resume puts the text typed before back.
func (w *whole) resume(t model.Typed) tea.Cmd {
	limit := w.area.Limit
	w.area = text.NewArea(t.Text)
	w.area.Limit = max(limit, 2*len(t.Text))
	return w.check()
}

// work makes the fewest edits of the document typed, off the event loop.
func (w *whole) work() tea.Cmd {
	base, scope, doc := w.e.draft.Base(), w.e.draft.Scope(), bson.Raw(w.judge.value.Value)
	return request.Ask(w.e.asker, func(context.Context) (replaced, error) {
		d := model.NewDraft(base, scope)
		if err := d.Replace(doc); err != nil {
			return replaced{fault: model.AsFault("", err)}, nil
		}
		return replaced{draft: d}, nil
	})
}

func (w *whole) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Answer[verdict]:
		mine, final := w.judge.answered(m)
		switch {
		case mine && final && w.want:
			return w.accept()
		case mine && !final:
			return w.check()
		}
	case request.Answer[replaced]:
		if request.Takes(w.e.asker, m) && m.Err == nil {
			return w.replaced(m.Value)
		}
	case tea.KeyPressMsg:
		return w.press(m)
	case tea.PasteMsg:
		w.why = ""
		if !w.area.Paste(m.Content) {
			w.why = fmt.Sprintf("the %.1f MB pasted were not taken: a document holds at most 16 MB", float64(len(m.Content))/1e6)
			return nil
		}
		return w.check()
	case tea.MouseWheelMsg:
		w.area.Scroll(wheel(m))
	case tea.MouseClickMsg:
		w.area.Click(image.Pt(m.X, m.Y), w.room(w.e.inner()))
	}
	return nil
}

func (w *whole) replaced(r replaced) tea.Cmd {
	switch {
	case r.fault != nil:
		w.why = w.e.Record.Told(r.fault)
		return nil
	case r.draft.Empty():
		w.why = "nothing was changed"
		return w.e.keep(r.draft)
	}
	return tea.Batch(w.e.keep(r.draft), w.e.review(r.draft))
}

func (w *whole) press(m tea.KeyPressMsg) tea.Cmd {
	w.why, w.want = "", false
	if a, ok := w.e.typed(m); ok {
		return w.do(a)
	}
	w.area.Resize(w.e.inner().X)
	switch m.String() {
	case "tab":
		if !w.area.Insert("  ") {
			return nil
		}
		return w.check()
	}
	if w.area.Press(m) {
		return w.check()
	}
	return nil
}

func (w *whole) do(a keys.Action) tea.Cmd {
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

// accept goes on to the review, or says why it cannot.
func (w *whole) accept() tea.Cmd {
	w.want, w.why = false, ""
	switch {
	case w.judge.pending():
		w.want = true
	case w.judge.fault != nil:
		if line, column, ok := at(w.judge.fault); ok {
			w.area.MoveTo(line, column)
		}
		w.why = "this cannot be read yet"
	default:
		return w.work()
	}
	return nil
}

// foot is how many rows stand under the text.
const foot = 3

func (w *whole) room(size image.Point) image.Point {
	return image.Pt(size.X, max(1, size.Y-foot))
}

func (w *whole) draw(size image.Point) ([]string, *image.Point) {
	s := w.e.Styles
	room := w.room(size)
	line, _, _ := at(w.judge.fault)
	lines := w.area.View(room, line, s, func(l string) []text.Span { return spans(l, s) })
	cursor := w.area.Cursor(room)
	row, _ := w.area.Place()
	place := fmt.Sprintf(" line %d of %d, column %d", row+1, w.area.Lines(), w.area.Column()+1)
	switch {
	case w.judge.pending():
		lines = append(lines, s.Faint.Render(place+": reading"+s.Glyphs.Ellipsis))
	case w.judge.fault != nil:
		for _, l := range model.Show(s.Glyphs.Bad + " " + w.e.Record.Told(w.judge.fault)).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+style.Draw(s.InputError, l.String()))
		}
	default:
		lines = append(lines, s.Faint.Render(place))
		lines = append(lines, w.differs(size.X)...)
	}
	if w.why != "" {
		for _, l := range model.Show(w.why).Wrap(max(1, size.X-2)) {
			lines = append(lines, " "+s.Warn.Render(l.String()))
		}
	}
	return lines, &cursor
}

// differs says that the application's copy is another one, while nothing more urgent is said.
func (w *whole) differs(width int) []string {
	n := len(w.e.outdated)
	if n == 0 || w.why != "" {
		return nil
	}
	note := "your copy differs from the database, which is shown here, in " + w.e.outdated[0].Path.String()
	if n > 1 {
		note += fmt.Sprintf(" and %d more", n-1)
	}
	s := w.e.Styles
	return []string{" " + s.Warn.Render(model.Show(s.Glyphs.Stale+" "+note).Clip(max(1, width-2)).String())}
}

func (w *whole) rows(int) int      { return 0 }
func (w *whole) capturing() bool   { return true }
func (w *whole) scope() keys.Scope { return keys.Whole }
func (w *whole) title() string     { return "edit the whole document" }
func (w *whole) unsaved() bool     { return w.dirty || !w.e.draft.Empty() }
