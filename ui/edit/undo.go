package edit

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
)

// undoTask undoes a save, or redoes it.
type undoTask struct {
	saves   []model.SavedChange // newest first
	chosen  int
	changed []model.Path // the fields of the chosen save that changed since
}

func (t undoTask) title() string {
	s := t.saves[t.chosen]
	last := t.chosen == 0
	switch {
	case last && s.Undone != nil:
		return "redo the last undo"
	case last:
		return "undo the last save"
	case s.Undone != nil:
		return "redo the save of " + s.At.Format("15:04:05")
	}
	return "undo the save of " + s.At.Format("15:04:05")
}

func (t undoTask) resumesInput(model.PendingInput) bool { return false }
func (t undoTask) affectsField(model.Path) bool         { return true }

func (t undoTask) start(e *Editor) tea.Cmd {
	if len(t.saves) == 1 {
		cmd, reason := t.review(e)
		if reason != "" {
			return e.refuse(reason)
		}
		return cmd
	}
	l := &undoList{e: e, saves: t.saves}
	for l.cursor < len(l.saves)-1 && l.saves[l.cursor].Undone != nil {
		l.cursor++
	}
	return e.show(l)
}

// review shows the review of the chosen save's inverse; reason explains why there is none.
func (t undoTask) review(e *Editor) (cmd tea.Cmd, reason string) {
	s := t.saves[t.chosen]
	inverse, changed, err := s.InForce().InverseOfUnchanged(e.draft.Base(), e.draft.Owner())
	switch {
	case err != nil:
		return nil, e.State.FaultText(model.AsFault("", err))
	case inverse.Empty() && len(changed) > 0:
		return nil, pathNames(changed) + " was changed again after the save: edit the field"
	case inverse.Empty():
		return nil, "the fields already have their previous values"
	}
	t.changed = changed
	e.task = t
	return e.review(inverse), ""
}

// savedMessage reports a save to the root.
func (e *Editor) savedMessage(d *model.Draft, o model.WriteResult) nav.Saved {
	m := nav.Saved{Draft: d, Outcome: o}
	if t, ok := e.task.(undoTask); ok {
		s := t.saves[t.chosen]
		m.Of, m.IsUndo = s.At, s.Undone == nil
	}
	return m
}

// pathNames names the first paths of a list.
func pathNames(paths []model.Path) string {
	names := make([]string, 0, len(paths))
	for i, p := range paths {
		if i == maxNamed {
			names = append(names, fmt.Sprintf("and %d more", len(paths)-i))
			break
		}
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}

// undoList selects one of several saves.
type undoList struct {
	e       *Editor
	saves   []model.SavedChange
	cursor  int
	message string
}

func (l *undoList) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		l.move(pane.WheelRows(m, 1))
	case tea.MouseClickMsg:
		if row := m.Y + l.firstRow(l.e.inner().Y); m.Y >= 0 && row < len(l.saves) {
			l.move(row - l.cursor)
		}
	}
	return nil
}

func (l *undoList) move(by int) {
	l.message = ""
	l.cursor = min(max(0, l.cursor+by), len(l.saves)-1)
}

func (l *undoList) do(a keys.Action) tea.Cmd {
	const page = 10
	switch a {
	case keys.Up:
		l.move(-1)
	case keys.Down, keys.Undo:
		l.move(1)
	case keys.PageUp:
		l.move(-page)
	case keys.PageDown:
		l.move(page)
	case keys.Top:
		l.move(-len(l.saves))
	case keys.Bottom:
		l.move(len(l.saves))
	case keys.Accept:
		cmd, reason := undoTask{saves: l.saves, chosen: l.cursor}.review(l.e)
		l.message = reason
		return cmd
	case keys.Cancel:
		return l.e.close()
	}
	return nil
}

// firstRow returns the index of the first visible save.
func (l *undoList) firstRow(height int) int {
	return max(0, min(l.cursor-height/2, len(l.saves)-max(1, height-len(l.footer(l.e.inner().X)))))
}

func (l *undoList) footer(width int) (lines []string) {
	if l.message == "" {
		return nil
	}
	lines = append(lines, "")
	for _, w := range model.Show(l.message).Wrap(max(1, width-2)) {
		lines = append(lines, " "+l.e.Styles.Warn.Render(w.String()))
	}
	return lines
}

func (l *undoList) draw(size image.Point) ([]string, *image.Point) {
	var lines []string
	footer := l.footer(size.X)
	for i := l.firstRow(size.Y); i < len(l.saves) && len(lines) < max(1, size.Y-len(footer)); i++ {
		lines = append(lines, l.row(i, size.X))
	}
	return append(lines, footer...), nil
}

// row draws a save: its time, its fields and, of a single field, the values.
func (l *undoList) row(i, width int) string {
	s, save := l.e.Styles, l.saves[i]
	at := save.At
	form := "15:04:05"
	if at.Format("2006-01-02") != l.e.Now.Format("2006-01-02") {
		form = "2 Jan 15:04:05"
	}
	when := model.Show(at.Format(form)).Pad(len("02 Jan 15:04:05"))
	state := model.Show("")
	if save.Undone != nil {
		state = model.Show("undone  ")
	}
	what := l.what(save).Clip(max(1, width-when.Width()-state.Width()-5))
	switch {
	case i == l.cursor:
		row := model.Concat(when, model.Show("  "), state, what)
		return " " + s.Selected.Render(s.Glyphs.Cursor+" "+row.Pad(max(1, width-4)).String())
	case save.Undone != nil:
		return "   " + s.Muted.Render(when.String()+"  "+state.String()+what.String())
	}
	return "   " + s.Muted.Render(when.String()) + "  " + s.Text.Render(what.String())
}

// what describes the change of a save.
func (l *undoList) what(save model.SavedChange) model.Visible {
	edits := save.Draft.Edits()
	paths := make([]model.Path, len(edits))
	for i, e := range edits {
		paths[i] = e.Path
	}
	if len(edits) != 1 {
		return model.Show(pathNames(paths))
	}
	old, _ := edits[0].Path.Lookup(save.Draft.Base())
	return model.Concat(model.Show(pathNames(paths)+"  "), l.e.display(nil, old),
		model.Show(" "+l.e.Styles.Glyphs.Arrow+" "), l.e.display(nil, edits[0].Value))
}

func (l *undoList) rows(width int) int { return len(l.saves) + len(l.footer(width)) }
func (l *undoList) capturing() bool    { return false }
func (l *undoList) scope() keys.Scope  { return keys.UndoList }
func (l *undoList) title() string      { return "undo a save" }
func (l *undoList) unsaved() bool      { return false }
