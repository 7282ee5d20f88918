package edit

import (
	"image"
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/text"
)

// renamer edits the name of a field, in its row.
type renamer struct {
	e     *Editor
	path  model.Path
	name  text.Line
	fault *model.Fault // why the name is not possible; nil: it is, or unchanged
	keeps bool         // the field keeps its position under this name
}

func (t renameTask) start(e *Editor) tea.Cmd {
	r := &renamer{e: e, path: t.path, name: text.NewLine(t.path[len(t.path)-1])}
	if _, err := e.draft.Clone().Rename(t.path, r.name.Value()); err != nil {
		return e.refuse(model.AsFault("", err).Error())
	}
	r.keeps = e.draft.RenameKeepsPosition(t.path)
	return e.show(r)
}

func (r *renamer) oldName() string { return r.path[len(r.path)-1] }

func (r *renamer) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		if a, ok := r.e.actionFor(m); ok {
			return r.do(a)
		}
		if r.name.HandleKey(m) {
			return r.changed()
		}
	case tea.PasteMsg:
		r.name.Paste(m.Content)
		return r.changed()
	}
	return nil
}

// changed checks the name and stores it as input that is not accepted.
func (r *renamer) changed() tea.Cmd {
	r.fault = nil
	if name := r.name.Value(); name == "" {
		r.fault = model.InvalidInputf("", "a field needs a name")
	} else if _, err := r.e.draft.Clone().Rename(r.path, name); err != nil {
		r.fault = model.AsFault("", err)
	}
	return r.store()
}

func (r *renamer) input() model.PendingInput {
	return model.PendingInput{EditTarget: model.TargetName, Path: r.path, Name: r.name.Value()}
}

func (r *renamer) store() tea.Cmd {
	d := r.e.draft.WithoutPendingInput(r.input())
	if r.name.Value() != r.oldName() {
		d = d.WithPendingInput(r.input())
	}
	return r.e.storeDraft(d)
}

// resume restores a stored name.
func (r *renamer) resume(t model.PendingInput) tea.Cmd {
	r.name = text.NewLine(t.Name)
	return r.changed()
}

func (r *renamer) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel:
		return r.e.cancelled(r.e.draft.WithoutPendingInput(r.input()), nil)
	case keys.Discard:
		return r.e.discarded(r.e.draft.WithoutPendingInput(r.input()), nil, "not renamed: "+r.path.String())
	case keys.Accept:
		return r.accept(keepInDraft)
	case keys.ReviewDraft:
		return r.accept(reviewDraft)
	case keys.NextField:
		return r.accept(editNext)
	case keys.PreviousField:
		return r.accept(editPrevious)
	}
	return nil
}

func (r *renamer) accept(then Next) tea.Cmd {
	if r.fault != nil {
		return nil
	}
	if r.name.Value() == r.oldName() {
		r.e.next = then
		return tea.Batch(r.store(), r.e.close())
	}
	next := r.e.draft.WithoutPendingInput(r.input()).Clone()
	renamed, err := next.Rename(r.path, r.name.Value())
	if err != nil {
		r.fault = model.AsFault("", err)
		return nil
	}
	next.MoveInputs(func(p model.Path) (model.Path, bool) {
		if !p.Within(r.path) {
			return p, true
		}
		return append(slices.Clone(renamed), p[len(r.path):]...), true
	})
	return r.e.accepted(next, then, nil, renamed)
}

func (r *renamer) fitsRow() bool { return true }

func (r *renamer) drawRow(width int) (string, int) {
	s := r.e.Styles
	label := "new name "
	inner := max(1, width-len(label)-2)
	return s.Muted.Render(label) + s.Prompt.Render(s.Glyphs.Cursor) + " " + s.Input.Render(r.name.View(inner)),
		len(label) + 2 + r.name.Cursor(inner)
}

func (r *renamer) rowNotes(width int) []string {
	s := r.e.Styles
	if r.fault != nil {
		var lines []string
		for _, l := range model.Show(s.Glyphs.Bad + " " + r.fault.Error()).Wrap(max(1, width-2)) {
			lines = append(lines, " "+s.InputError.Render(l.String()))
		}
		return lines
	}
	note := "the field keeps its position"
	switch {
	case r.keeps:
	case len(r.path) == 1:
		note = "the field moves to the end of the document"
	default:
		note = "the field moves to the end of " + r.path.Parent().String()
	}
	return []string{" " + s.Faint.Render(model.Show(note).Clip(max(1, width-2)).String())}
}

// draw draws the input in a dialog, for a field that has no row on the screen.
func (r *renamer) draw(size image.Point) ([]string, *image.Point) {
	line, at := r.drawRow(max(1, size.X-1))
	return append([]string{" " + line}, r.rowNotes(size.X)...), &image.Point{X: at + 1}
}

func (r *renamer) rows(int) int      { return 3 }
func (r *renamer) capturing() bool   { return true }
func (r *renamer) scope() keys.Scope { return keys.Field }
func (r *renamer) title() string     { return "rename " + r.path.String() }
func (r *renamer) unsaved() bool     { return r.name.Value() != r.oldName() }
